//! A partner's certificate, as stores keep it.

use std::sync::Arc;

use super::{Certificate, CertificateDetails, CertificateStatus, Fingerprint, MalformedCertificate};
use crate::Timestamp;
use crate::id::{ActorId, PartnerCertificateId, Version};
use crate::partner::PartnerId;
use crate::trust_store::TrustDomain;

/// A certificate that a partner uploaded and the engine accepted, as stores keep it.
///
/// The partner's current certificate is the one its record names; the others are history.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerCertificate {
    /// The id.
    pub id: PartnerCertificateId,
    /// Whose certificate it is.
    pub partner: PartnerId,
    /// The certificate as uploaded.
    #[serde(with = "crate::wire::octets")]
    pub der: Arc<[u8]>,
    /// SHA-256 of the certificate.
    pub fingerprint: Fingerprint,
    /// The subject as RFC 4514 text.
    pub subject: String,
    /// The issuer as RFC 4514 text.
    pub issuer: String,
    /// The serial number in hexadecimal.
    pub serial_number: String,
    /// The first instant at which it is valid.
    pub not_before: Timestamp,
    /// The last instant at which it is valid.
    pub not_after: Timestamp,
    /// The trust domain whose CA certificates it was accepted over.
    pub domain: TrustDomain,
    /// The fingerprints of those CA certificates, its issuer first, the root last.
    pub path: Vec<Fingerprint>,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// Who uploaded it.
    pub uploaded_by: ActorId,
    /// When a later certificate took its place.
    pub replaced_at: Option<Timestamp>,
    /// Moves with every change.
    pub version: Version,
}

impl PartnerCertificate {
    /// What the certificate says of itself.
    ///
    /// # Errors
    /// When `der` does not read, which a store of the engine's own never answers with.
    pub fn details(&self) -> Result<CertificateDetails, MalformedCertificate> {
        Certificate::from_der(self.der.clone()).map(|certificate| CertificateDetails::of(&certificate))
    }

    /// How the certificate stands at an instant, by its dates.
    pub fn status(&self, now: Timestamp) -> CertificateStatus {
        CertificateStatus::at(Some(self.not_after), now)
    }
}
