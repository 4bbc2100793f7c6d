//! Certificates: reading, reporting, path validation.

mod fingerprint;
mod record;
mod status;

pub use fingerprint::{Fingerprint, Sha1Fingerprint};
pub use record::PartnerCertificate;
pub use status::CertificateStatus;
