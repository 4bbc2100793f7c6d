//! Values of columns and conditions, as PostgreSQL takes them.

use std::error::Error;

use bytes::BytesMut;
use misp_onboarding_sql::Cell;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A value of one of the few types that the tables are made of.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Flag(bool),
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
    Texts(Vec<String>),
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Flag(flag) => flag.to_sql_checked(ty, out),
            Self::Integer(number) => number.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(ty, out),
            Self::Texts(texts) => texts.to_sql_checked(ty, out),
        }
    }

    /// Each variant checks for itself.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $variant:expr,)+) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $variant
            }
        })+
    };
}

value_from! {
    i64 => |number| Self::Integer(number),
    u32 => |number| Self::Integer(i64::from(number)),
    &str => |text| Self::Text(text.to_owned()),
    String => |text| Self::Text(text),
    &[u8] => |bytes| Self::Bytes(bytes.to_vec()),
    Vec<u8> => |bytes| Self::Bytes(bytes),
}

impl From<&Cell<'_>> for Value {
    fn from(cell: &Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Flag(flag) => Self::Flag(*flag),
            Cell::Integer(number) => Self::Integer(*number),
            Cell::Text(text) => Self::Text(text.to_string()),
            Cell::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
