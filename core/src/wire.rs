//! How values that are text inside cross serde: as a newtype with the name of their type around that text.
//!
//! In JSON and TOML a newtype is the text alone. A binding to another language sees the name, and so makes its own
//! type of it. Reading checks the text like every other way to get such a value.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::{SerializeStruct, Serializer};

pub(crate) fn serialize_text<S: Serializer>(
    name: &'static str,
    text: &str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(name, text)
}

pub(crate) fn deserialize_text<'de, T, D>(name: &'static str, deserializer: D) -> Result<T, D::Error>
where
    T: FromStr,
    T::Err: Display,
    D: Deserializer<'de>,
{
    deserializer.deserialize_newtype_struct(name, Text(PhantomData))
}

struct Text<T>(PhantomData<T>);

impl<'de, T> Visitor<'de> for Text<T>
where
    T: FromStr,
    T::Err: Display,
{
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// Lets a type that is text inside cross serde.
macro_rules! text_on_the_wire {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::wire::serialize_text(stringify!($name), &self.to_string(), serializer)
            }
        }

        $crate::wire::text_on_the_wire!(@read $name);
    };
    // For types that hold the very text, with the method that shows it.
    ($name:ident $text:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::wire::serialize_text(stringify!($name), self.$text(), serializer)
            }
        }

        $crate::wire::text_on_the_wire!(@read $name);
    };
    (@read $name:ident) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::deserialize_text(stringify!($name), deserializer)
            }
        }
    };
}
pub(crate) use text_on_the_wire;

/// What has no facts of its own, such as another library's error: an empty map.
pub(crate) fn no_facts<T, S: Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_struct("NoFacts", 0)?.end()
}

/// An error whose facts are its text.
pub(crate) fn reason<T: Display, S: Serializer>(error: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut facts = serializer.serialize_struct("Reason", 1)?;
    facts.serialize_field("reason", &error.to_string())?;
    facts.end()
}

/// Bytes: base64 where people read, bytes elsewhere.
pub(crate) mod octets {
    use std::sync::Arc;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::{Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::Serializer;

    pub(crate) fn serialize<S: Serializer>(octets: &Arc<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&STANDARD.encode(octets))
        } else {
            serializer.serialize_bytes(octets)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<[u8]>, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Octets)
        } else {
            deserializer.deserialize_bytes(Octets)
        }
    }

    struct Octets;

    impl<'de> Visitor<'de> for Octets {
        type Value = Arc<[u8]>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_str<E: Error>(self, base64: &str) -> Result<Self::Value, E> {
            STANDARD.decode(base64).map(Arc::from).map_err(E::custom)
        }

        fn visit_bytes<E: Error>(self, octets: &[u8]) -> Result<Self::Value, E> {
            Ok(octets.into())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut octets: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(octet) = octets.next_element()? {
                all.push(octet);
            }
            Ok(all.into())
        }
    }
}
