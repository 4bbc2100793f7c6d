//! Identifiers: no two kinds share a type.

use std::fmt;
use std::str::FromStr;

use crate::text::{FieldProblem, FieldRule, bounded, text_type};

/// An identifier that the engine makes: a UUID of version 7, so that later records sort after earlier ones.
macro_rules! uuid_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Makes an identifier from the instant of creation and ten random bytes.
            pub fn new(created_at: $crate::Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(created_at.unix_micros() / 1_000).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The 16 bytes of the UUID.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = FieldProblem;

            /// Reads the 36 characters of a hyphenated UUID.
            fn from_str(text: &str) -> Result<Self, FieldProblem> {
                if text.len() == 36 && let Ok(uuid) = uuid::Uuid::try_parse(text) {
                    return Ok(Self(uuid));
                }
                let found: String = text.chars().take(64).collect();
                Err(FieldProblem::new(FieldRule::Format, "a UUID of 36 characters", format!("{found:?}")))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        $crate::wire::text_on_the_wire!($name);
    };
}

uuid_type!(
    /// A CA certificate of the trust store.
    CaCertificateId
);
uuid_type!(
    /// A certificate that a partner uploaded.
    PartnerCertificateId
);
uuid_type!(
    /// A policy group.
    PolicyGroupId
);
uuid_type!(
    /// A policy.
    PolicyId
);
uuid_type!(
    /// A partner's approved or requested right to a policy.
    PolicyLinkId
);
uuid_type!(
    /// A license key record; says nothing about the key itself.
    LicenseKeyId
);

text_type!(
    /// Who acts, as the host authenticated them: 1 to 128 characters.
    ActorId,
    |raw| bounded(raw, 1, 128),
    debug = shown
);

/// How often a record has changed: 1 when it was created, one more with each change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Version(u32);

impl Version {
    /// The version of a record just created.
    pub const FIRST: Self = Self(1);

    /// The version with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
