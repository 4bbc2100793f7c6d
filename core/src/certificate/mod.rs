//! Certificates: reading, reporting, path validation.

mod algorithms;
mod bytes;
mod details;
mod extensions;
pub mod file;
pub(crate) mod finding;
mod fingerprint;
mod general_name;
mod malformed;
mod name;
mod name_text;
mod oid;
mod parsed;
pub mod path;
pub mod pem;
pub mod pkcs7;
mod public_key;
mod reader;
mod record;
mod report;
mod rules;
pub(crate) mod signature;
mod status;
#[cfg(test)]
mod toy;
pub(crate) mod upload;
pub(crate) mod validate;

pub use algorithms::{SignatureAlgorithm, UnknownSignatureAlgorithm};
pub use details::CertificateDetails;
pub use extensions::{BasicConstraints, KeyUsage, MAX_EXTENSIONS};
pub use file::UnreadableFile;
pub use finding::{Finding, Severity};
pub use fingerprint::{Fingerprint, InvalidFingerprint, Sha1Fingerprint};
pub use malformed::MalformedCertificate;
pub use name::Name;
pub use oid::{InvalidOid, Oid};
pub use parsed::Certificate;
pub use path::{
    CertificateRef, PathError, PathFault, PathOptions, Profile, TrustAnchors, VerifiedPath, verify_path,
};
pub use public_key::{Curve, KeyAlgorithm, PublicKey};
pub use record::PartnerCertificate;
pub use report::CertificateReport;
pub use rules::{CertificateRules, OrganizationMatch};
#[cfg(feature = "aws-lc-rs")]
pub use signature::AwsLcRs;
#[cfg(feature = "ring")]
pub use signature::Ring;
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
pub use signature::default_verifier;
pub use signature::{SignatureError, SignatureVerifier};
pub use status::CertificateStatus;
pub use upload::{UploadOutcome, UploadedCertificate};
pub use validate::Validator;
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
pub use validate::validate;
