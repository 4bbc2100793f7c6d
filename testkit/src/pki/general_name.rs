//! The names an alternative name or a name constraint may hold.

use super::{Name, der};

/// A `GeneralName` (RFC 5280 section 4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// `rfc822Name`: a mailbox, or in a constraint a mailbox, a host or a `.domain`.
    Email(String),
    /// `dNSName`.
    Dns(String),
    /// `uniformResourceIdentifier`; in a constraint a host or a `.domain`.
    Uri(String),
    /// `iPAddress`: 4 or 16 octets, in a constraint address and mask.
    Ip(Vec<u8>),
    /// `directoryName`.
    Directory(Name),
    /// `registeredID`.
    RegisteredId(String),
    /// `otherName`.
    Other {
        /// Its type.
        oid: String,
        /// Its value in DER.
        value: Vec<u8>,
    },
    /// Any bytes in place of a name.
    Raw(Vec<u8>),
}

impl GeneralName {
    /// A mailbox.
    pub fn email(text: &str) -> Self {
        Self::Email(text.into())
    }

    /// A host.
    pub fn dns(text: &str) -> Self {
        Self::Dns(text.into())
    }

    /// A URI.
    pub fn uri(text: &str) -> Self {
        Self::Uri(text.into())
    }

    /// Its DER.
    pub fn der(&self) -> Vec<u8> {
        match self {
            Self::Other { oid, value } => der::context(0, &[der::oid(oid), der::context(0, value)].concat()),
            Self::Email(text) => der::context_primitive(1, text.as_bytes()),
            Self::Dns(text) => der::context_primitive(2, text.as_bytes()),
            // Name is a CHOICE, so the tag stands around it instead of in its place.
            Self::Directory(name) => der::context(4, &name.der()),
            Self::Uri(text) => der::context_primitive(6, text.as_bytes()),
            Self::Ip(octets) => der::context_primitive(7, octets),
            Self::RegisteredId(oid) => der::context_primitive(8, &der::oid(oid)[2..]),
            Self::Raw(bytes) => bytes.clone(),
        }
    }
}
