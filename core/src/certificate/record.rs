//! A partner's certificate, as stores keep it.

use std::sync::Arc;

use super::Fingerprint;
use crate::Timestamp;
use crate::id::{ActorId, PartnerCertificateId, Version};
use crate::partner::PartnerId;
use crate::trust_store::TrustDomain;

/// A certificate that a partner uploaded and the engine accepted, as stores keep it.
///
/// The partner's current certificate is the one its record names; the others are history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerCertificate {
    /// The id.
    pub id: PartnerCertificateId,
    /// Whose certificate it is.
    pub partner: PartnerId,
    /// The certificate as uploaded.
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
