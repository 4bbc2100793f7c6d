//! From Python to the engine.

use std::fmt;

use misp_onboarding::Timestamp;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMapping, PySet, PyString, PyTuple,
};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::problem::Problem;
use super::time::instant_from_python;
use super::to_python::python_name;
use super::types::Types;

/// A Python object being read.
pub(crate) struct FromPython<'py> {
    pub(crate) value: Bound<'py, PyAny>,
    pub(crate) types: &'static Types,
}

impl<'py> FromPython<'py> {
    fn inside(&self, value: Bound<'py, PyAny>) -> Self {
        Self { value, types: self.types }
    }

    fn sequence<'de, V: Visitor<'de>>(
        self,
        items: impl IntoIterator<Item = Bound<'py, PyAny>>,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let items: Vec<_> = items.into_iter().collect();
        visitor.visit_seq(Items { types: self.types, items: items.into_iter(), index: 0 })
    }
}

impl<'de> Deserializer<'de> for FromPython<'_> {
    type Error = Problem;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let value = self.value.clone();
        if let Ok(text) = value.cast::<PyString>() {
            visitor.visit_string(text.to_cow()?.into_owned())
        } else if value.is_none() {
            visitor.visit_unit()
        } else if let Ok(flag) = value.cast::<PyBool>() {
            visitor.visit_bool(flag.is_true())
        } else if value.is_instance_of::<PyInt>() {
            match (value.extract::<u64>(), value.extract::<i64>()) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => Err(Problem::value("a number of at most 64 bits needed, found a longer one")),
            }
        } else if let Ok(number) = value.cast::<PyFloat>() {
            visitor.visit_f64(number.value())
        } else if let Ok(octets) = value.cast::<PyBytes>() {
            visitor.visit_bytes(octets.as_bytes())
        } else if let Ok(items) = value.cast::<PyTuple>() {
            self.sequence(items.iter(), visitor)
        } else if let Ok(items) = value.cast::<PyList>() {
            self.sequence(items.iter(), visitor)
        } else if let Ok(items) = value.cast::<PySet>() {
            self.sequence(items.iter(), visitor)
        } else if let Ok(items) = value.cast::<PyFrozenSet>() {
            self.sequence(items.iter(), visitor)
        } else if let Ok(entries) = value.cast::<PyMapping>() {
            let copy = PyDict::from_sequence(entries.items()?.as_any())?;
            let entries: Vec<_> = copy.iter().collect();
            visitor.visit_map(Entries { types: self.types, entries: entries.into_iter(), value: None })
        } else {
            Err(Problem::kind_of(&value, &expected(&visitor)))
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if self.value.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if name != "Timestamp" {
            return visitor.visit_newtype_struct(self);
        }
        let instant: Timestamp = instant_from_python(&self.value)?;
        visitor.visit_newtype_struct(instant.to_string().into_deserializer())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if self.value.is_instance_of::<PyDict>() {
            return self.deserialize_any(visitor);
        }
        match self.types.structure(self.value.py(), name) {
            Some(class) if self.value.is_instance(&class)? => {
                visitor.visit_map(Attributes { of: self, fields: fields.iter(), next: None })
            }
            Some(class) => {
                let needed: String = class.getattr("__name__")?.extract()?;
                Err(Problem::kind_of(&self.value, &format!("a {needed}")))
            }
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_enum(OneOf { of: self, name, variants })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

fn expected<'de, V: Visitor<'de>>(visitor: &V) -> String {
    struct Expected<'a, V>(&'a V);

    impl<'de, V: Visitor<'de>> fmt::Display for Expected<'_, V> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.expecting(f)
        }
    }

    Expected(visitor).to_string()
}

/// The items of a sequence.
struct Items<'py> {
    types: &'static Types,
    items: std::vec::IntoIter<Bound<'py, PyAny>>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        let item = seed.deserialize(FromPython { value, types: self.types });
        item.map(Some).map_err(|problem| problem.within(format!("[{index}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The entries of a mapping.
struct Entries<'py> {
    types: &'static Types,
    entries: std::vec::IntoIter<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    value: Option<(String, Bound<'py, PyAny>)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((key.str()?.to_string(), value));
        seed.deserialize(FromPython { value: key, types: self.types }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let Some((key, value)) = self.value.take() else {
            return Err(Problem::custom("a value without a key"));
        };
        seed.deserialize(FromPython { value, types: self.types }).map_err(|problem| problem.within(key))
    }
}

/// The fields of a structure, read off as attributes.
struct Attributes<'py> {
    of: FromPython<'py>,
    fields: std::slice::Iter<'static, &'static str>,
    next: Option<&'static str>,
}

impl<'de> MapAccess<'de> for Attributes<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        self.next = self.fields.next().copied();
        self.next.map(|field| seed.deserialize(field.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let Some(field) = self.next.take() else { return Err(Problem::custom("a value without a key")) };
        let name = python_name(field);
        let value = self.of.value.getattr(name)?;
        seed.deserialize(self.of.inside(value)).map_err(|problem| problem.within(name))
    }
}

/// A value that is one of several variants: text, or an object whose class says which.
struct OneOf<'py> {
    of: FromPython<'py>,
    name: &'static str,
    variants: &'static [&'static str],
}

impl<'de, 'py> EnumAccess<'de> for OneOf<'py> {
    type Error = Problem;
    type Variant = Content<'py>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'py>), Problem> {
        let Self { of, name, variants } = self;
        if of.value.is_instance_of::<PyString>() {
            let variant = seed.deserialize(of.inside(of.value.clone()))?;
            return Ok((variant, Content { of, fields: Vec::new() }));
        }
        let class = of.value.get_type();
        let py = of.value.py();
        let known = variants.iter().filter_map(|variant| Some((*variant, of.types.variant(name, variant)?)));
        for (variant, found) in known {
            if class.is(found.class.bind(py)) {
                let fields = if name == "Record" { Vec::new() } else { found.fields.clone() };
                let variant: StrDeserializer<'_, Problem> = variant.into_deserializer();
                return Ok((seed.deserialize(variant)?, Content { of, fields }));
            }
        }
        Err(Problem::kind_of(&of.value, &format!("a {name}")))
    }
}

/// What a variant carries: itself, or what is in its fields.
struct Content<'py> {
    of: FromPython<'py>,
    fields: Vec<String>,
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Problem> {
        match self.fields.first() {
            None => seed.deserialize(self.of),
            Some(field) => {
                let value = self.of.value.getattr(field.as_str())?;
                seed.deserialize(self.of.inside(value)).map_err(|problem| problem.within(field))
            }
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        let values: PyResult<Vec<_>> =
            self.fields.iter().map(|field| self.of.value.getattr(field.as_str())).collect();
        self.of.inside(self.of.value.clone()).sequence(values?, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.of.deserialize_any(visitor)
    }
}
