//! What needs no engine: paths and partner rules, on certificates that are handed in.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::path::ValidPolicies;
use misp_onboarding::certificate::{self as core, Certificate, CertificateStatus, Profile, file};

use super::{CertificateDetails, CertificateReport};
use crate::convert::Mirror;
use crate::error::{OnboardingError, PathError};
use crate::rules::CertificateRules;

/// What a path is validated for.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PathOptions {
    /// The instant at which every certificate has to be valid: from `notBefore` to `notAfter`, both included, to the
    /// microsecond.
    pub at: Timestamp,
    /// How closely certificates have to follow RFC 5280; null: as section 6 asks.
    #[uniffi(default = None)]
    pub profile: Option<Profile>,
    /// The most intermediate certificates between leaf and root, self-issued ones not counted; null: no other bound
    /// than that of the work.
    #[uniffi(default = None)]
    pub max_depth: Option<i32>,
    /// The policies one of which the path has to be valid for, if it has to be for any (RFC 5280 section 6.1.1
    /// (c)), as object identifiers such as `2.16.840.1.101.3.2.1.48.1`; empty for any policy.
    #[uniffi(default = [])]
    pub initial_policies: Vec<String>,
    /// Whether the path has to be valid for at least one of them (section 6.1.1 (f)).
    #[uniffi(default = false)]
    pub require_explicit_policy: bool,
    /// Whether policy mappings are ignored (section 6.1.1 (e)).
    #[uniffi(default = false)]
    pub inhibit_policy_mapping: bool,
    /// Whether anyPolicy is ignored (section 6.1.1 (g)).
    #[uniffi(default = false)]
    pub inhibit_any_policy: bool,
}

impl TryFrom<PathOptions> for core::PathOptions {
    type Error = PathError;

    fn try_from(options: PathOptions) -> Result<Self, PathError> {
        let mut core = Self::at(options.at);
        core.profile = options.profile.unwrap_or_default();
        core.max_depth = Mirror::of(options.max_depth);
        core.initial_policies = options
            .initial_policies
            .iter()
            .map(|oid| oid.parse().map_err(PathError::argument))
            .collect::<Result<_, _>>()?;
        core.require_explicit_policy = options.require_explicit_policy;
        core.inhibit_policy_mapping = options.inhibit_policy_mapping;
        core.inhibit_any_policy = options.inhibit_any_policy;
        Ok(core)
    }
}

/// A path that was found valid: the evidence that a certificate chains to a root.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerifiedPath {
    /// The certificates of the path in DER, the leaf first and the root last.
    pub leaf_to_root: Vec<Vec<u8>>,
    /// What they say of themselves, in the same order.
    pub details: Vec<CertificateDetails>,
    /// The policies under which the path is valid; null: any policy.
    pub policies: Option<Vec<String>>,
}

impl Mirror<core::VerifiedPath> for VerifiedPath {
    fn of(core: core::VerifiedPath) -> Self {
        let certificates = core.leaf_to_root();
        Self {
            leaf_to_root: certificates.iter().map(|certificate| certificate.der().to_vec()).collect(),
            details: certificates
                .iter()
                .map(|certificate| Mirror::of(core::CertificateDetails::of(certificate)))
                .collect(),
            policies: match core.valid_policies() {
                ValidPolicies::Any => None,
                ValidPolicies::Only(policies) => Some(policies.iter().map(ToString::to_string).collect()),
            },
        }
    }
}

/// Roots and intermediates to validate many certificates with: a trust store that is loaded once, without an engine.
/// Its own signatures are checked when it is made, so that a certificate costs one.
#[derive(uniffi::Object)]
pub struct TrustAnchors(core::TrustAnchors);

#[uniffi::export]
impl TrustAnchors {
    /// Reads and loads the certificates, each a PEM or DER file; one file may hold several. Those in `distrusted`
    /// neither anchor nor link anything, even where they are also among the others.
    #[uniffi::constructor(default(intermediates = [], distrusted = []))]
    pub fn new(
        roots: Vec<Vec<u8>>,
        intermediates: Vec<Vec<u8>>,
        distrusted: Vec<Vec<u8>>,
    ) -> Result<Self, PathError> {
        let verifier = core::default_verifier();
        let [roots, intermediates, distrusted] =
            [roots, intermediates, distrusted].map(|files| read_all(&files));
        Ok(Self(core::TrustAnchors::load(roots?, intermediates?, distrusted?, &*verifier)))
    }

    /// Validates the path of `leaf`, one certificate in PEM or DER, over these certificates and any of
    /// `intermediates`, which came along with it.
    #[uniffi::method(default(intermediates = []))]
    pub fn verify(
        &self,
        leaf: Vec<u8>,
        options: PathOptions,
        intermediates: Vec<Vec<u8>>,
    ) -> Result<VerifiedPath, PathError> {
        let path = self.0.verify(&read_one(&leaf)?, &read_all(&intermediates)?, &options.try_into()?);
        Ok(Mirror::of(path?))
    }

    /// Checks a partner's certificate file against every rule: what inspect and upload do.
    #[uniffi::method(default(rules))]
    pub fn validate(
        &self,
        leaf: Vec<u8>,
        organization: String,
        at: Timestamp,
        rules: CertificateRules,
    ) -> Result<CertificateReport, OnboardingError> {
        let rules = rules.try_into()?;
        let validator =
            core::Validator { anchors: &self.0, rules: &rules, verifier: &core::default_verifier() };
        Ok(Mirror::of(validator.validate(&leaf, &organization, at)))
    }
}

/// Validates the path of `leaf`, one certificate in PEM or DER, to one of `roots`, over any of `intermediates`, without
/// a trust store.
#[uniffi::export(default(intermediates = []))]
pub fn verify_path(
    leaf: Vec<u8>,
    roots: Vec<Vec<u8>>,
    options: PathOptions,
    intermediates: Vec<Vec<u8>>,
) -> Result<VerifiedPath, PathError> {
    let path = core::verify_path(
        &read_one(&leaf)?,
        &read_all(&roots)?,
        &read_all(&intermediates)?,
        &options.try_into()?,
    );
    Ok(Mirror::of(path?))
}

/// Checks a partner's certificate file against every rule, without an engine: the file, the certificate itself, its
/// path to one of the roots at the instant `at`, and the organization it names.
#[uniffi::export(default(intermediates = [], rules))]
pub fn validate(
    leaf: Vec<u8>,
    roots: Vec<Vec<u8>>,
    organization: String,
    at: Timestamp,
    intermediates: Vec<Vec<u8>>,
    rules: CertificateRules,
) -> Result<CertificateReport, OnboardingError> {
    let (roots, intermediates) = (read_all(&roots)?, read_all(&intermediates)?);
    Ok(Mirror::of(core::validate(&leaf, &roots, &intermediates, &rules.try_into()?, &organization, at)))
}

/// What the certificates of a file say of themselves, in its order. The file may be PEM, DER, base64 of DER or PKCS#7.
#[uniffi::export]
pub fn certificate_details(file: Vec<u8>) -> Result<Vec<CertificateDetails>, PathError> {
    let certificates = read_all(&[file])?;
    Ok(certificates.iter().map(|certificate| Mirror::of(core::CertificateDetails::of(certificate))).collect())
}

/// How a certificate whose last valid instant is `ends` stands at `now`; null: there is no certificate.
#[uniffi::export]
pub fn certificate_status(ends: Option<Timestamp>, now: Timestamp) -> CertificateStatus {
    CertificateStatus::at(ends, now)
}

/// Every certificate of the files.
fn read_all(files: &[Vec<u8>]) -> Result<Vec<Certificate>, PathError> {
    let mut certificates = Vec::new();
    for bytes in files {
        for entry in file::read(bytes).map_err(PathError::unreadable)?.entries {
            let der = entry.certificate.map_err(PathError::unreadable)?;
            certificates.push(Certificate::from_der(der).map_err(PathError::unreadable)?);
        }
    }
    Ok(certificates)
}

/// The first certificate of the file.
fn read_one(bytes: &[u8]) -> Result<Certificate, PathError> {
    let first = file::read(bytes).map_err(PathError::unreadable)?.entries.into_iter().next();
    let der = first.ok_or_else(|| PathError::argument("a certificate is needed, found none"))?.certificate;
    Certificate::from_der(der.map_err(PathError::unreadable)?).map_err(PathError::unreadable)
}
