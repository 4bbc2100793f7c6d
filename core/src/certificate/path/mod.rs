//! Path validation by RFC 5280 section 6: for any purpose, without server names, without revocation.
//!
//! [`TrustAnchors`] holds the roots and intermediates that many certificates are validated with; [`verify_path`]
//! does the same for one certificate. The search for a path (`building.rs`) only proposes; what is valid is decided
//! by `processing.rs` alone, on the complete path.

mod anchors;
mod building;
mod error;
mod explaining;
mod limits;
mod names;
mod policies;
mod processing;
mod sharing;
mod strict;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub use anchors::TrustAnchors;
pub use error::{CertificateRef, MissingIssuer, PathError, PathFailure, PathFault};
pub use limits::{
    MAX_COMPLETE_PATHS, MAX_ISSUERS_CONSIDERED, MAX_NAME_COMPARISONS, MAX_PATH_CERTIFICATES,
    MAX_POLICY_NODES, MAX_REPORTED_CANDIDATES, MAX_SIGNATURE_CHECKS, MAX_SIGNATURE_CHECKS_PER_UPLOAD,
};
pub use policies::ValidPolicies;
pub(crate) use sharing::{SharedWork, unchecked_own_signature};

#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
use super::signature::default_verifier;
use super::{Certificate, Oid, SignatureVerifier};
use crate::time::Timestamp;

/// How closely certificates have to follow RFC 5280.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// As section 6 asks of a validator: what it must refuse is refused, what issuers do wrong beyond that is not.
    #[default]
    Default,
    /// In addition what sections 4.1 and 4.2 ask of issuers: key identifiers present, serial numbers positive and
    /// of at most 20 octets, and each extension critical or not, and in the kind of certificate, as they say.
    Strict,
}

/// What a path is validated for.
#[derive(Clone)]
#[non_exhaustive]
pub struct PathOptions {
    /// The instant at which every certificate has to be valid: from `notBefore` to `notAfter`, both included, to the
    /// microsecond.
    pub at: Timestamp,
    /// How closely certificates have to follow RFC 5280.
    pub profile: Profile,
    /// The most intermediate certificates between leaf and root, self-issued ones not counted; `None` for no other
    /// bound than [`MAX_PATH_CERTIFICATES`].
    pub max_depth: Option<u32>,
    /// The policies one of which the path has to be valid for, if it has to be for any (RFC 5280 section 6.1.1
    /// (c)); empty for any policy.
    pub initial_policies: Vec<Oid>,
    /// Whether the path has to be valid for at least one of them (section 6.1.1 (f)).
    pub require_explicit_policy: bool,
    /// Whether policy mappings are ignored (section 6.1.1 (e)).
    pub inhibit_policy_mapping: bool,
    /// Whether anyPolicy is ignored (section 6.1.1 (g)).
    pub inhibit_any_policy: bool,
    /// Who checks signatures.
    pub verifier: Arc<dyn SignatureVerifier>,
}

impl PathOptions {
    /// Validation at the instant `at`, everything else by default: any policy, no more than section 6 asks.
    #[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
    pub fn at(at: Timestamp) -> Self {
        Self::with_verifier(at, default_verifier())
    }

    /// As [`PathOptions::at`], with signatures checked by `verifier`.
    pub fn with_verifier(at: Timestamp, verifier: Arc<dyn SignatureVerifier>) -> Self {
        Self {
            at,
            profile: Profile::Default,
            max_depth: None,
            initial_policies: Vec::new(),
            require_explicit_policy: false,
            inhibit_policy_mapping: false,
            inhibit_any_policy: false,
            verifier,
        }
    }
}

impl fmt::Debug for PathOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PathOptions")
            .field("at", &self.at)
            .field("profile", &self.profile)
            .field("max_depth", &self.max_depth)
            .field("initial_policies", &self.initial_policies)
            .field("require_explicit_policy", &self.require_explicit_policy)
            .field("inhibit_policy_mapping", &self.inhibit_policy_mapping)
            .field("inhibit_any_policy", &self.inhibit_any_policy)
            .finish_non_exhaustive()
    }
}

/// A path that was found valid: the evidence that a certificate chains to a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedPath {
    certificates: Vec<Certificate>,
    policies: ValidPolicies,
}

impl VerifiedPath {
    /// The certificates of the path, the leaf first and the root last.
    pub fn leaf_to_root(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The root it ends at.
    pub fn root(&self) -> Option<&Certificate> {
        self.certificates.last()
    }

    /// The policies under which it is valid.
    pub const fn valid_policies(&self) -> &ValidPolicies {
        &self.policies
    }
}

/// Validates `leaf` against `roots`, over any of `intermediates`, without a trust store.
///
/// # Errors
/// [`PathError`] says why the best candidate path is not valid, and why others are not.
pub fn verify_path(
    leaf: &Certificate,
    roots: &[Certificate],
    intermediates: &[Certificate],
    options: &PathOptions,
) -> Result<VerifiedPath, PathError> {
    TrustAnchors::new(roots.iter().cloned(), intermediates.iter().cloned(), []).verify(leaf, &[], options)
}
