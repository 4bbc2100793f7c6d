//! Certificates: what they say, what is wrong with them, and their paths.


use misp_onboarding::certificate::path::ValidPolicies;
use misp_onboarding::certificate::{
    self as core, Certificate, CertificateStatus, Fingerprint, OrganizationMatch, Profile, Severity, Sha1Fingerprint,
    UploadOutcome, file,
};
use misp_onboarding::id::{ActorId, PartnerCertificateId, Version};
use misp_onboarding::partner::{Partner, PartnerId};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::Timestamp;

use crate::convert::{Mirror, mirror, mirror_both_ways, same};
use crate::error::{PathError, OnboardingError};
use crate::rules::CertificateRules;

same!(CertificateStatus, OrganizationMatch, Profile, Severity, UploadOutcome);

/// How a certificate stands at an instant.
#[uniffi::remote(Enum)]
pub enum CertificateStatus {
    /// There is none.
    None,
    /// Valid for more than 30 days to come.
    Valid,
    /// Valid, and ends within 30 days.
    Expiring,
    /// Its validity has ended.
    Expired,
}

/// How bad a finding is.
#[uniffi::remote(Enum)]
pub enum Severity {
    /// The certificate is refused.
    Error,
    /// The certificate is accepted; somebody should know.
    Warning,
}

/// How the certificate's subject O is compared with the partner's organization name.
#[uniffi::remote(Enum)]
pub enum OrganizationMatch {
    /// Every character must be equal, after NFC.
    Exact,
    /// Case and white space do not count.
    Loose,
}

/// What an upload did.
#[uniffi::remote(Enum)]
pub enum UploadOutcome {
    /// The partner's first certificate: it is active now.
    Activated,
    /// The certificate took the place of the one before.
    Replaced,
    /// The certificate is the current one already; nothing changed.
    Unchanged,
}

mirror! {
    /// What a certificate says of itself, for people and other programs to read.
    CertificateDetails of core::CertificateDetails {
        /// X.509 version: 1, 2 or 3.
        version: i32,
        /// The serial number in hexadecimal.
        serial_number: String,
        /// The subject as RFC 4514 text.
        subject: String,
        /// The issuer as RFC 4514 text.
        issuer: String,
        /// The subject's organization (O), where it has one.
        organization: Option<String>,
        /// The first instant at which it is valid.
        not_before: Timestamp,
        /// The last instant at which it is valid.
        not_after: Timestamp,
        /// Kind and size of the key, such as `RSA 2048` or `EC P-256`.
        key_algorithm: String,
        /// How it is signed, such as `SHA256withRSA`.
        signature_algorithm: String,
        /// Whether BasicConstraints make it a CA.
        is_ca: bool,
        /// What KeyUsage allows the key to do (RFC 5280 section 4.2.1.3); empty where there is no such extension.
        key_usages: Vec<String>,
        /// What ExtendedKeyUsage allows the key to do; empty where there is no such extension.
        extended_key_usages: Vec<String>,
        /// SubjectKeyIdentifier in hexadecimal.
        subject_key_id: Option<String>,
        /// AuthorityKeyIdentifier in hexadecimal.
        authority_key_id: Option<String>,
        /// SHA-256 of the certificate.
        sha256: Fingerprint,
        /// SHA-1 of the certificate, as older tools show it.
        sha1: Sha1Fingerprint,
    }
}

mirror! {
    /// A rule that a certificate or a file breaks.
    Finding of core::Finding {
        /// The stable code, such as `certificate.expired`.
        code: String,
        /// MOSIP's code for the same finding, where it has one.
        pms_code: Option<String>,
        /// Whether it refuses the certificate.
        severity: Severity,
        /// The certificate it is about; none for a finding about the file.
        certificate: Option<CertificateRef>,
        /// Where the rule is written, such as `RFC 5280 section 4.1.2.5`.
        rule: String,
        /// What the rule needs.
        required: String,
        /// What was found.
        found: String,
        /// Of a finding about the path: the candidate path that came farthest, the issuer that is missing, and why each
        /// other candidate failed.
        path: Option<PathProblems>,
    }
    and |finding| {
        /// Whether it refuses the certificate.
        is_error: bool = finding.is_error(),
        /// The finding in one line.
        text: String = finding.to_string(),
    }
}

mirror! {
    /// A certificate as it is named in an error.
    CertificateRef of core::CertificateRef {
        /// The subject by RFC 4514.
        subject: String,
        /// The fingerprint.
        sha256: Fingerprint,
    }
}

mirror! {
    /// The issuer that a path ends for want of.
    MissingIssuer of core::path::MissingIssuer {
        /// Its name by RFC 4514.
        name: String,
        /// The identifier of its key in lower-case hexadecimal, where the certificate names one.
        key_id: Option<String>,
    }
}

mirror! {
    /// One candidate path and the rule it breaks.
    PathFailure of core::path::PathFailure {
        /// Which rule.
        fault: PathFault,
        /// The certificate that breaks it.
        certificate: CertificateRef,
        /// Where the rule stands, for example `RFC 5280 section 6.1.3 (a)(2)`.
        rule: String,
        /// What the rule requires.
        required: String,
        /// What was found.
        found: String,
        /// The candidate path as far as it goes, leaf first.
        path: Vec<CertificateRef>,
        /// The issuer that is not known, for the fault `MISSING_ISSUER`.
        missing_issuer: Option<MissingIssuer>,
    }
    and |failure| {
        /// The stable code of the fault.
        code: String = failure.code().to_owned(),
        /// The failure in one line.
        text: String = failure.to_string(),
    }
}

mirror! {
    /// What a certificate file holds and everything that is wrong with it: the same for a dry run and for an upload.
    CertificateReport of core::CertificateReport {
        /// What the certificate says of itself; none where the file could not be read.
        details: Option<CertificateDetails>,
        /// The path found, the certificate's issuer first, the root last; empty where there is none.
        chain: Vec<CertificateDetails>,
        /// Every rule that is broken, errors and warnings.
        findings: Vec<Finding>,
    }
    and |report| {
        /// Whether no finding is an error.
        accepted: bool = report.accepted(),
        /// The report in words that a Partner Admin can forward to the partner.
        text: String = report.to_string(),
    }
}

mirror_both_ways! {
    /// A certificate that a partner uploaded and the engine accepted, as stores keep it.
    ///
    /// The partner's current certificate is the one its record names; the others are history.
    PartnerCertificate of core::PartnerCertificate {
        /// The id.
        id: PartnerCertificateId,
        /// Whose certificate it is.
        partner: PartnerId,
        /// The certificate as uploaded.
        der: Vec<u8>,
        /// SHA-256 of the certificate.
        fingerprint: Fingerprint,
        /// The subject as RFC 4514 text.
        subject: String,
        /// The issuer as RFC 4514 text.
        issuer: String,
        /// The serial number in hexadecimal.
        serial_number: String,
        /// The first instant at which it is valid.
        not_before: Timestamp,
        /// The last instant at which it is valid.
        not_after: Timestamp,
        /// The trust domain whose CA certificates it was accepted over.
        domain: TrustDomain,
        /// The fingerprints of those CA certificates, its issuer first, the root last.
        path: Vec<Fingerprint>,
        /// When it was uploaded.
        uploaded_at: Timestamp,
        /// Who uploaded it.
        uploaded_by: ActorId,
        /// When a later certificate took its place.
        replaced_at: Option<Timestamp>,
        /// Moves with every change.
        version: Version,
    }
}

mirror! {
    /// A certificate that was accepted.
    UploadedCertificate of core::UploadedCertificate {
        /// What the upload did.
        outcome: UploadOutcome,
        /// The partner after it.
        partner: Partner,
        /// The certificate as it is kept.
        certificate: PartnerCertificate,
        /// The same report as that of an inspection.
        report: CertificateReport,
    }
}

/// Why a certificate has no valid path to a root.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PathProblems {
    /// Why the best candidate path is not valid: one that reaches a root comes before one that does not, and one that
    /// goes wrong late before one that goes wrong early.
    pub failure: PathFailure,
    /// Why other candidates are not.
    pub others: Vec<PathFailure>,
    /// How many more candidates failed.
    pub others_left_off: i32,
}

impl Mirror<core::PathError> for PathProblems {
    fn of(core: core::PathError) -> Self {
        Self {
            failure: Mirror::of(core.failure),
            others: Mirror::of(core.others),
            others_left_off: Mirror::of(core.others_left_off),
        }
    }
}

/// Which rule a path breaks.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum PathFault {
    /// No issuer of the certificate is known.
    MissingIssuer,
    /// The certificate's signature does not verify with its issuer's key, or cannot be checked.
    Signature,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is no longer valid.
    Expired,
    /// The issuer is not a CA by its basic constraints.
    BasicConstraints,
    /// More intermediate certificates follow than are allowed.
    PathLength,
    /// The issuer's key may not sign certificates.
    KeyCertSign,
    /// A name lies outside of what an issuer may certify.
    NameConstraints,
    /// The policies of the path do not satisfy what the path or the caller requires.
    Policy,
    /// An extension is critical and unknown.
    UnknownCriticalExtension,
    /// The certificate is distrusted.
    Distrusted,
    /// A bound on the work was reached before a valid path was found.
    Limit,
    /// The strict profile asks for more than the certificate has.
    StrictProfile,
    /// A rule that this version does not know; the code tells it.
    Other,
}

impl Mirror<core::PathFault> for PathFault {
    fn of(core: core::PathFault) -> Self {
        match core {
            core::PathFault::MissingIssuer => Self::MissingIssuer,
            core::PathFault::Signature => Self::Signature,
            core::PathFault::NotYetValid => Self::NotYetValid,
            core::PathFault::Expired => Self::Expired,
            core::PathFault::BasicConstraints => Self::BasicConstraints,
            core::PathFault::PathLength => Self::PathLength,
            core::PathFault::KeyCertSign => Self::KeyCertSign,
            core::PathFault::NameConstraints => Self::NameConstraints,
            core::PathFault::Policy => Self::Policy,
            core::PathFault::UnknownCriticalExtension => Self::UnknownCriticalExtension,
            core::PathFault::Distrusted => Self::Distrusted,
            core::PathFault::Limit => Self::Limit,
            core::PathFault::StrictProfile => Self::StrictProfile,
            _ => Self::Other,
        }
    }
}

/// How closely certificates have to follow RFC 5280.
#[uniffi::remote(Enum)]
pub enum Profile {
    /// As section 6 asks of a validator: what it must refuse is refused, what issuers do wrong beyond that is not.
    Default,
    /// In addition what sections 4.1 and 4.2 ask of issuers: key identifiers present, serial numbers positive and
    /// of at most 20 octets, and each extension critical or not, and in the kind of certificate, as they say.
    Strict,
}

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
        let [roots, intermediates, distrusted] = [roots, intermediates, distrusted].map(|files| read_all(&files));
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
        let validator = core::Validator { anchors: &self.0, rules: &rules, verifier: &core::default_verifier() };
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
    let path =
        core::verify_path(&read_one(&leaf)?, &read_all(&roots)?, &read_all(&intermediates)?, &options.try_into()?);
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
