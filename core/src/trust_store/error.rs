//! What the rules of the trust store refuse.

use super::{CaState, TrustDomain};
use crate::certificate::UnreadableFile;
use crate::error::{Description, ErrorKind};
use crate::id::CaCertificateId;

/// A rule of the trust store that a command breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum TrustStoreError {
    /// No such CA certificate.
    #[error("a CA certificate with the id {id} is needed, found none")]
    NotFound {
        /// The id asked for.
        id: CaCertificateId,
    },
    /// The domain is not configured.
    #[error("a trust domain of {} is needed, found {found}", list(.allowed))]
    UnknownDomain {
        /// The configured domains.
        allowed: Vec<TrustDomain>,
        /// The domain asked for.
        found: TrustDomain,
    },
    /// The file as a whole cannot be read.
    #[error("a certificate file is needed: {0}")]
    UnreadableFile(#[serde(serialize_with = "crate::wire::reason")] UnreadableFile),
    /// The CA certificate is distrusted already.
    #[error("CA certificate {id} must be trusted, found {found}")]
    NotTrusted {
        /// The CA certificate.
        id: CaCertificateId,
        /// Its state.
        found: CaState,
    },
}

impl TrustStoreError {
    pub(crate) fn describe(&self) -> Description {
        match self {
            Self::NotFound { .. } => (ErrorKind::NotFound, "ca_certificate.not_found", Some("KER-PMS-019")),
            Self::UnknownDomain { .. } => {
                (ErrorKind::InvalidInput, "trust_store.unknown_domain", Some("KER-PCM-011"))
            }
            Self::UnreadableFile(_) => {
                (ErrorKind::CertificateRejected, "certificate.unreadable_file", Some("KER-KMS-013"))
            }
            Self::NotTrusted { .. } => (ErrorKind::WrongState, "ca_certificate.not_trusted", None),
        }
    }
}

fn list(domains: &[TrustDomain]) -> String {
    domains.iter().map(TrustDomain::as_str).collect::<Vec<_>>().join(", ")
}
