//! Certificates: reading, reporting, path validation.

mod algorithms;
mod bytes;
mod extensions;
mod fingerprint;
mod malformed;
mod name;
mod name_text;
mod oid;
mod parsed;
mod reader;
mod signature;

pub use algorithms::{Curve, KeyAlgorithm, PublicKey, SignatureAlgorithm, UnknownSignatureAlgorithm};
pub use extensions::{BasicConstraints, KeyUsage, MAX_EXTENSIONS};
pub use fingerprint::{Fingerprint, InvalidFingerprint, Sha1Fingerprint};
pub use malformed::MalformedCertificate;
pub use name::Name;
pub use oid::{InvalidOid, Oid};
pub use parsed::Certificate;
#[cfg(feature = "aws-lc-rs")]
pub use signature::AwsLcRs;
#[cfg(feature = "ring")]
pub use signature::Ring;
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
pub use signature::default_verifier;
pub use signature::{SignatureError, SignatureVerifier};
