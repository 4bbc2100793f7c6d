//! Why bytes are not a certificate.

/// Bytes that are not an X.509 certificate this crate can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("malformed certificate: at byte {offset} {needed} is needed, found {found}")]
#[non_exhaustive]
pub struct MalformedCertificate {
    /// Bytes before the place, counted from the start of the DER.
    pub offset: usize,
    /// What had to stand there, with the section of RFC 5280 where it says so.
    pub needed: &'static str,
    /// What stands there.
    pub found: String,
}

impl MalformedCertificate {
    pub(super) fn new(offset: usize, needed: &'static str, found: impl Into<String>) -> Self {
        Self { offset, needed, found: found.into() }
    }

    /// The stable code of this error.
    pub const fn code(&self) -> &'static str {
        "certificate.malformed"
    }
}
