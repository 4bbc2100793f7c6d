//! What a certificate says of itself, in words.

use super::fingerprint::hex;
use super::{Certificate, Fingerprint, Sha1Fingerprint};
use crate::Timestamp;

/// What a certificate says of itself, for people and other programs to read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CertificateDetails {
    /// X.509 version: 1, 2 or 3.
    pub version: u8,
    /// The serial number in hexadecimal.
    pub serial_number: String,
    /// The subject as RFC 4514 text.
    pub subject: String,
    /// The issuer as RFC 4514 text.
    pub issuer: String,
    /// The subject's organization (O), where it has one.
    pub organization: Option<String>,
    /// The first instant at which it is valid.
    pub not_before: Timestamp,
    /// The last instant at which it is valid.
    pub not_after: Timestamp,
    /// Kind and size of the key, such as `RSA 2048` or `EC P-256`.
    pub key_algorithm: String,
    /// How it is signed, such as `SHA256withRSA`.
    pub signature_algorithm: String,
    /// Whether BasicConstraints make it a CA.
    pub is_ca: bool,
    /// What KeyUsage allows the key to do (RFC 5280 section 4.2.1.3); empty where there is no such extension.
    pub key_usages: Vec<String>,
    /// What ExtendedKeyUsage allows the key to do; empty where there is no such extension.
    pub extended_key_usages: Vec<String>,
    /// SubjectKeyIdentifier in hexadecimal.
    pub subject_key_id: Option<String>,
    /// AuthorityKeyIdentifier in hexadecimal.
    pub authority_key_id: Option<String>,
    /// SHA-256 of the certificate.
    pub sha256: Fingerprint,
    /// SHA-1 of the certificate, as older tools show it.
    pub sha1: Sha1Fingerprint,
}

impl CertificateDetails {
    /// Reads the details off a certificate.
    pub fn of(certificate: &Certificate) -> Self {
        Self {
            version: certificate.version(),
            serial_number: certificate.serial_hex(),
            subject: certificate.subject().to_text(),
            issuer: certificate.issuer().to_text(),
            organization: certificate.subject().organization(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            key_algorithm: certificate.public_key().algorithm().to_string(),
            signature_algorithm: certificate.signature_algorithm().to_string(),
            is_ca: certificate.is_ca(),
            key_usages: certificate
                .key_usage()
                .map(|usage| usage.names().into_iter().map(str::to_owned).collect())
                .unwrap_or_default(),
            extended_key_usages: certificate.extended_key_usage(),
            subject_key_id: certificate.subject_key_id().map(hex),
            authority_key_id: certificate.authority_key_id().map(hex),
            sha256: certificate.sha256(),
            sha1: certificate.sha1(),
        }
    }
}
