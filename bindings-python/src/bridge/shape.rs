//! What a structure tells of itself when it is read.

use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;

use super::problem::Problem;

/// The name of a structure and of its fields, as it tells them when it is read.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [&'static str],
}

impl Shape {
    /// Asks a structure.
    pub(crate) fn of<T: DeserializeOwned>() -> Option<Self> {
        let mut shape = None;
        // It always fails: there is nothing to read.
        drop(T::deserialize(Asking { shape: &mut shape }));
        shape
    }
}

struct Asking<'a> {
    shape: &'a mut Option<Shape>,
}

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Problem> {
        Err(Problem::custom("nothing to read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        *self.shape = Some(Shape { name, fields });
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
