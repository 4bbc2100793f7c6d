//! From the engine to Python.

use misp_onboarding::Timestamp;
use pyo3::BoundObject;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleVariant, Serializer,
};

use super::problem::Problem;
use super::time::instant_to_python;
use super::types::Types;

type Answer<'py> = Result<Bound<'py, PyAny>, Problem>;

/// Makes Python objects of what it is told.
#[derive(Clone, Copy)]
pub(crate) struct ToPython<'py> {
    pub(crate) py: Python<'py>,
    pub(crate) types: &'static Types,
    /// Whether the outermost structure becomes a `dict`, whatever its name: the facts of an error. Whatever is around
    /// the innermost error hands this on to it, since errors are untagged.
    pub(crate) facts: bool,
}

impl ToPython<'_> {
    /// For what is inside of a structure, a sequence or a map.
    fn inside(self) -> Self {
        Self { facts: false, ..self }
    }
}

/// Python's spelling of a field: `from` is a keyword.
pub(super) fn python_name(field: &str) -> &str {
    if field == "from" { "from_" } else { field }
}

fn object<'py, T>(py: Python<'py>, value: T) -> Answer<'py>
where
    T: IntoPyObject<'py>,
{
    match value.into_pyobject(py) {
        Ok(object) => Ok(object.into_bound().into_any()),
        Err(error) => Err(Problem::from(error.into())),
    }
}

macro_rules! plain {
    ($($method:ident($kind:ty)),+ $(,)?) => {
        $(fn $method(self, value: $kind) -> Answer<'py> {
            object(self.py, value)
        })+
    };
}

impl<'py> Serializer for ToPython<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Problem;
    type SerializeSeq = Items<'py>;
    type SerializeTuple = Items<'py>;
    type SerializeTupleStruct = Impossible<Self::Ok, Problem>;
    type SerializeTupleVariant = Items<'py>;
    type SerializeMap = Fields<'py>;
    type SerializeStruct = Fields<'py>;
    type SerializeStructVariant = Fields<'py>;

    plain! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32),
        serialize_f64(f64), serialize_char(char), serialize_str(&str),
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bytes(self, value: &[u8]) -> Answer<'py> {
        Ok(PyBytes::new(self.py, value).into_any())
    }

    fn serialize_none(self) -> Answer<'py> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Answer<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Answer<'py> {
        Ok(self.py.None().into_bound(self.py))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Answer<'py> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Answer<'py> {
        match self.types.members(name).and_then(|members| members.get(variant)) {
            Some(member) => Ok(member.bind(self.py).clone()),
            None => self.serialize_str(variant),
        }
    }

    /// Instants and members of enumerations are text inside; any other newtype is what it holds.
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Answer<'py> {
        let value = value.serialize(self)?;
        if name == "Timestamp" {
            let instant: Timestamp =
                value.extract::<String>()?.parse().map_err(|error| Problem::value(format!("{error}")))?;
            return Ok(instant_to_python(self.py, instant)?.into_any());
        }
        match self.types.members(name) {
            Some(members) => match members.get(&value.extract::<String>()?) {
                Some(member) => Ok(member.bind(self.py).clone()),
                None => Ok(value),
            },
            None => Ok(value),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Answer<'py> {
        let value = value.serialize(self)?;
        match self.types.variant(name, variant) {
            // A record stands for itself.
            Some(found) if !value.get_type().is(found.class.bind(self.py)) => {
                Ok(found.class.bind(self.py).call1((value,))?)
            }
            _ => Ok(value),
        }
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'py>, Problem> {
        Ok(Items { to: self.inside(), items: Vec::with_capacity(length.unwrap_or_default()), class: None })
    }

    fn serialize_tuple(self, length: usize) -> Result<Items<'py>, Problem> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Problem> {
        Err(Problem::value(format!("{name} is a tuple with a name, which nothing stands for")))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'py>, Problem> {
        let class = self.types.variant(name, variant).map(|found| found.class.bind(self.py).clone());
        Ok(Items { class, ..self.serialize_seq(Some(length))? })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'py>, Problem> {
        Ok(Fields { to: self.inside(), class: None, fields: PyDict::new(self.py), key: None })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'py>, Problem> {
        let class = if self.facts { None } else { self.types.structure(self.py, name) };
        Ok(Fields { class, ..self.serialize_map(None)? })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Fields<'py>, Problem> {
        self.serialize_struct(variant, length)
    }
}

/// A sequence being made.
pub(crate) struct Items<'py> {
    to: ToPython<'py>,
    items: Vec<Bound<'py, PyAny>>,
    /// Of a variant: its class, which takes the items.
    class: Option<Bound<'py, PyAny>>,
}

impl<'py> Items<'py> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        self.items.push(value.serialize(self.to)?);
        Ok(())
    }

    fn finish(self) -> Answer<'py> {
        let items = PyTuple::new(self.to.py, self.items)?;
        match self.class {
            Some(class) => Ok(class.call1(items)?),
            None => Ok(items.into_any()),
        }
    }
}

macro_rules! items {
    ($($serialize:ident $push:ident),+) => {
        $(impl<'py> $serialize for Items<'py> {
            type Ok = Bound<'py, PyAny>;
            type Error = Problem;

            fn $push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
                self.push(value)
            }

            fn end(self) -> Answer<'py> {
                self.finish()
            }
        })+
    };
}
items!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleVariant serialize_field);

/// A structure or a map being made.
pub(crate) struct Fields<'py> {
    to: ToPython<'py>,
    /// Of a structure: its class, which takes the fields by name.
    class: Option<Bound<'py, PyAny>>,
    fields: Bound<'py, PyDict>,
    /// Of a map: the key that waits for its value.
    key: Option<Bound<'py, PyAny>>,
}

impl<'py> Fields<'py> {
    fn set<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Problem> {
        let name = PyString::intern(self.to.py, python_name(field));
        Ok(self.fields.set_item(name, value.serialize(self.to)?)?)
    }

    fn finish(self) -> Answer<'py> {
        match self.class {
            Some(class) => Ok(class.call((), Some(&self.fields))?),
            None => Ok(self.fields.into_any()),
        }
    }
}

macro_rules! fields {
    ($($serialize:ident),+) => {
        $(impl<'py> $serialize for Fields<'py> {
            type Ok = Bound<'py, PyAny>;
            type Error = Problem;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Problem> {
                self.set(field, value)
            }

            fn end(self) -> Answer<'py> {
                self.finish()
            }
        })+
    };
}
fields!(SerializeStruct, SerializeStructVariant);

impl<'py> SerializeMap for Fields<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Problem;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Problem> {
        self.key = Some(key.serialize(self.to)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        let value = value.serialize(self.to)?;
        Ok(self.fields.set_item(self.key.take(), value)?)
    }

    fn end(self) -> Answer<'py> {
        self.finish()
    }
}
