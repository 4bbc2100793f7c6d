//! Values of the engine's that are written for Kotlin where they are.
//!
//! UniFFI writes what it is given to keep: a report would have to be copied first, text by text, of which it has some
//! fifty. What is written here is to the byte what UniFFI writes of such a copy.

use std::sync::Arc;

use uniffi::Lower;

use crate::UniFfiTag;
use crate::convert::Mirror;

/// A value that can be written as the `T` that stands for it.
pub(crate) trait WriteAs<T> {
    fn write_as(&self, to: &mut Vec<u8>);
}

impl WriteAs<String> for String {
    fn write_as(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        to.extend_from_slice(self.as_bytes());
    }
}

impl<T, O: WriteAs<T>> WriteAs<Option<T>> for Option<O> {
    fn write_as(&self, to: &mut Vec<u8>) {
        to.push(u8::from(self.is_some()));
        self.iter().for_each(|value| value.write_as(to));
    }
}

impl<T, O: WriteAs<T>> WriteAs<Vec<T>> for Vec<O> {
    fn write_as(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        self.iter().for_each(|value| value.write_as(to));
    }
}

impl<T, O: WriteAs<T>> WriteAs<T> for Arc<O> {
    fn write_as(&self, to: &mut Vec<u8>) {
        O::write_as(self, to);
    }
}

fn write_length(length: usize, to: &mut Vec<u8>) {
    <i32 as Lower<UniFfiTag>>::write(Mirror::of(length), to);
}

/// Types that are copied for no more than it costs to look at them.
macro_rules! write_copies {
    ($($core:ty as $name:ty),+ $(,)?) => {
        $(impl $crate::write::WriteAs<$name> for $core {
            fn write_as(&self, to: &mut Vec<u8>) {
                <$name as uniffi::Lower<$crate::UniFfiTag>>::write($crate::convert::Mirror::of(*self), to);
            }
        })+
    };
}
pub(crate) use write_copies;

write_copies!(bool as bool, u8 as i32);
