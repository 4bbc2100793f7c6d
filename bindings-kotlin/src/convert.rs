//! Values that look otherwise in Kotlin than in the engine: how one becomes the other.

use std::sync::Arc;

/// The value that stands for one of the engine's in Kotlin, or the other way round.
pub(crate) trait Mirror<Other> {
    fn of(other: Other) -> Self;
}

impl<T: Mirror<O>, O> Mirror<Option<O>> for Option<T> {
    fn of(other: Option<O>) -> Self {
        other.map(T::of)
    }
}

impl<T: Mirror<O>, O> Mirror<Vec<O>> for Vec<T> {
    fn of(other: Vec<O>) -> Self {
        other.into_iter().map(T::of).collect()
    }
}

/// `T` stands for what others share.
impl<T: Mirror<O>, O: Clone> Mirror<Arc<O>> for T {
    fn of(other: Arc<O>) -> Self {
        T::of(Arc::unwrap_or_clone(other))
    }
}

impl<T: Mirror<O>, O> Mirror<Box<O>> for T {
    fn of(other: Box<O>) -> Self {
        T::of(*other)
    }
}

impl Mirror<Arc<[u8]>> for Vec<u8> {
    fn of(other: Arc<[u8]>) -> Self {
        other.to_vec()
    }
}

impl Mirror<Vec<u8>> for Arc<[u8]> {
    fn of(other: Vec<u8>) -> Self {
        other.into()
    }
}

impl Mirror<&'static str> for String {
    fn of(other: &'static str) -> Self {
        other.to_owned()
    }
}

/// Types that are the same on both sides.
macro_rules! same {
    ($($name:ty),+ $(,)?) => {
        $(impl $crate::convert::Mirror<$name> for $name {
            fn of(other: $name) -> Self {
                other
            }
        })+
    };
}
pub(crate) use same;

same!(bool, String);

/// Numbers have a sign in Java. None that the engine counts is too large for it.
macro_rules! signed {
    ($($signed:ty: $($unsigned:ty),+;)+) => {
        $($(impl Mirror<$unsigned> for $signed {
            fn of(other: $unsigned) -> Self {
                other.try_into().unwrap_or(Self::MAX)
            }
        }

        impl Mirror<$signed> for $unsigned {
            /// Below zero there is nothing to count.
            fn of(other: $signed) -> Self {
                other.try_into().unwrap_or(0)
            }
        })+)+
    };
}
signed! {
    i32: u8, u32, usize;
    i64: u64;
}

/// Declares a record that stands for one of the engine's which UniFFI cannot take as it is: it may grow, or holds
/// what has another type in Kotlin. What comes after `and` is worked out of the whole record. The engine's record
/// implements [`WriteAs`](crate::write::WriteAs) as well if it is said to be `written where it is`.
macro_rules! mirror {
    (
        $(#[$doc:meta])*
        $name:ident of $core:ty, written where it is {
            $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
        }
        $(and |$whole:ident| {
            $($(#[$more_doc:meta])* $more:ident: $more_type:ty = $value:expr,)+
        })?
    ) => {
        $crate::convert::mirror! {
            $(#[$doc])*
            $name of $core {
                $($(#[$field_doc])* $field: $type,)+
            }
            $(and |$whole| {
                $($(#[$more_doc])* $more: $more_type = $value,)+
            })?
        }

        impl $crate::write::WriteAs<$name> for $core {
            fn write_as(&self, to: &mut Vec<u8>) {
                $($crate::write::WriteAs::<$type>::write_as(&self.$field, to);)+
                $(
                    let $whole = self;
                    $(<$more_type as uniffi::Lower<$crate::UniFfiTag>>::write($value, to);)+
                )?
            }
        }
    };
    (
        $(#[$doc:meta])*
        $name:ident of $core:ty {
            $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
        }
        $(and |$whole:ident| {
            $($(#[$more_doc:meta])* $more:ident: $more_type:ty = $value:expr,)+
        })?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, uniffi::Record)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
            $($($(#[$more_doc])* pub $more: $more_type,)+)?
        }

        impl $crate::convert::Mirror<$core> for $name {
            fn of(core: $core) -> Self {
                $(
                    let $whole = &core;
                    $(let $more: $more_type = $value;)+
                )?
                Self {
                    $($field: $crate::convert::Mirror::of(core.$field),)+
                    $($($more,)+)?
                }
            }
        }
    };
}
pub(crate) use mirror;

/// As [`mirror!`], and back again.
macro_rules! mirror_both_ways {
    (
        $(#[$doc:meta])*
        $name:ident of $core:ty {
            $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
        }
    ) => {
        $crate::convert::mirror! {
            $(#[$doc])*
            $name of $core {
                $($(#[$field_doc])* $field: $type,)+
            }
        }

        impl $crate::convert::Mirror<$name> for $core {
            fn of(mirror: $name) -> Self {
                Self { $($field: $crate::convert::Mirror::of(mirror.$field),)+ }
            }
        }
    };
}
pub(crate) use mirror_both_ways;
