//! Why a certificate has no valid path, in facts that a person and a program can use.

use std::borrow::Cow;
use std::fmt;

use crate::certificate::{Certificate, Fingerprint};

/// Which rule a path breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
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
}

impl PathFault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[
        Self::MissingIssuer,
        Self::Signature,
        Self::NotYetValid,
        Self::Expired,
        Self::BasicConstraints,
        Self::PathLength,
        Self::KeyCertSign,
        Self::NameConstraints,
        Self::Policy,
        Self::UnknownCriticalExtension,
        Self::Distrusted,
        Self::Limit,
        Self::StrictProfile,
    ];

    /// The stable code of this fault.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MissingIssuer => "certificate.path.missing_issuer",
            Self::Signature => "certificate.path.signature",
            Self::NotYetValid => "certificate.path.not_yet_valid",
            Self::Expired => "certificate.path.expired",
            Self::BasicConstraints => "certificate.path.basic_constraints",
            Self::PathLength => "certificate.path.path_length",
            Self::KeyCertSign => "certificate.path.key_cert_sign",
            Self::NameConstraints => "certificate.path.name_constraints",
            Self::Policy => "certificate.path.policy",
            Self::UnknownCriticalExtension => "certificate.path.unknown_critical_extension",
            Self::Distrusted => "certificate.path.distrusted",
            Self::Limit => "certificate.path.limit",
            Self::StrictProfile => "certificate.path.strict_profile",
        }
    }
}

/// A certificate as it is named in an error.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[non_exhaustive]
pub struct CertificateRef {
    /// The subject by RFC 4514.
    pub subject: String,
    /// The fingerprint.
    pub sha256: Fingerprint,
}

impl From<&Certificate> for CertificateRef {
    fn from(certificate: &Certificate) -> Self {
        Self { subject: certificate.subject().to_string(), sha256: certificate.sha256() }
    }
}

impl CertificateRef {
    /// For a path without certificates, of which there are none.
    pub(super) const fn unknown() -> Self {
        Self { subject: String::new(), sha256: Fingerprint::from_bytes([0; 32]) }
    }
}

impl fmt::Display for CertificateRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = if self.subject.is_empty() { "a certificate without a subject" } else { &self.subject };
        write!(f, "{subject} (sha256 {})", self.sha256)
    }
}

/// The issuer that a path ends for want of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[non_exhaustive]
pub struct MissingIssuer {
    /// Its name by RFC 4514.
    pub name: String,
    /// The identifier of its key in lower-case hexadecimal, where the certificate names one.
    pub key_id: Option<String>,
}

/// One candidate path and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct PathFailure {
    /// Which rule.
    pub fault: PathFault,
    /// The certificate that breaks it.
    pub certificate: CertificateRef,
    /// Where the rule stands, for example `RFC 5280 section 6.1.3 (a)(2)`.
    pub rule: &'static str,
    /// What the rule requires.
    pub required: String,
    /// What was found.
    pub found: String,
    /// The candidate path as far as it goes, leaf first.
    pub path: Vec<CertificateRef>,
    /// The issuer that is not known, for [`PathFault::MissingIssuer`].
    pub missing_issuer: Option<MissingIssuer>,
}

impl PathFailure {
    /// The stable code of the fault.
    pub const fn code(&self) -> &'static str {
        self.fault.code()
    }
}

impl fmt::Display for PathFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} requires {}, found {}", self.certificate, self.rule, self.required, self.found)
    }
}

/// A certificate has no valid path to a root.
///
/// Its [`failure`](Self::failure) is that of the best candidate: one that reaches a root or a distrusted certificate
/// before one that does not; then one that breaks another rule before one whose signature does not verify, which is
/// what a CA of the same name with another key looks like; then a longer path before a shorter one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[error("no valid path to a root: {failure}")]
#[non_exhaustive]
pub struct PathError {
    /// Why the best candidate path is not valid.
    pub failure: Box<PathFailure>,
    /// Why other candidates are not, at most [`MAX_REPORTED_CANDIDATES`](super::MAX_REPORTED_CANDIDATES).
    pub others: Vec<PathFailure>,
    /// How many more candidates failed.
    pub others_left_off: usize,
}

impl PathError {
    /// Which rule the best candidate breaks.
    pub const fn fault(&self) -> PathFault {
        self.failure.fault
    }

    /// The stable code of that rule.
    pub const fn code(&self) -> &'static str {
        self.failure.fault.code()
    }
}

/// A fault at one place of a candidate path, as the checks report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: PathFault,
    /// The certificate's place in the path, 0 for the leaf.
    pub(super) at: usize,
    pub(super) rule: &'static str,
    pub(super) required: Cow<'static, str>,
    pub(super) found: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(
        kind: PathFault,
        at: usize,
        rule: &'static str,
        required: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind, at, rule, required: required.into(), found: found.into() }
    }
}
