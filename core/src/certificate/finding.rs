//! What is wrong with a certificate, one finding at a time.

use std::fmt;
use std::sync::Arc;

use super::Certificate;
use super::path::{CertificateRef, PathError};
use crate::state::state_enum;

state_enum!(
    /// How bad a finding is.
    Severity {
        /// The certificate is refused.
        Error = "error",
        /// The certificate is accepted; somebody should know.
        Warning = "warning",
    }
);

/// A rule that a certificate or a file breaks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The stable code, such as `certificate.expired`.
    pub code: &'static str,
    /// MOSIP's code for the same finding, where it has one.
    pub pms_code: Option<&'static str>,
    /// Whether it refuses the certificate.
    pub severity: Severity,
    /// The certificate it is about; none for a finding about the file.
    pub certificate: Option<CertificateRef>,
    /// Where the rule is written, such as `RFC 5280 section 4.1.2.5`.
    pub rule: &'static str,
    /// What the rule needs.
    pub required: String,
    /// What was found.
    pub found: String,
    /// Of a finding about the path: the candidate path that came farthest, the issuer that is missing, and why each
    /// other candidate failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Arc<PathError>>,
}

/// The kinds of finding about a certificate's own content; those about its path have the codes of
/// [`PathError`](super::PathError).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    UnreadableFile,
    Malformed,
    SeveralEndEntities,
    CaInFile,
    Version,
    NameTooLong,
    NotYetValid,
    Expired,
    ValidityTooShort,
    CaValidityTooShort,
    SelfSigned,
    IsCa,
    NotCa,
    NoKeyCertSign,
    OrganizationMissing,
    OrganizationDiffers,
    Key,
    SignatureAlgorithm,
    ExpiresSoon,
    Distrusted,
}

impl Kind {
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::UnreadableFile,
        Self::Malformed,
        Self::SeveralEndEntities,
        Self::CaInFile,
        Self::Version,
        Self::NameTooLong,
        Self::NotYetValid,
        Self::Expired,
        Self::ValidityTooShort,
        Self::CaValidityTooShort,
        Self::SelfSigned,
        Self::IsCa,
        Self::NotCa,
        Self::NoKeyCertSign,
        Self::OrganizationMissing,
        Self::OrganizationDiffers,
        Self::Key,
        Self::SignatureAlgorithm,
        Self::ExpiresSoon,
        Self::Distrusted,
    ];

    /// Code, MOSIP's code, and where the rule is written.
    pub(crate) const fn describe(self) -> (&'static str, Option<&'static str>, &'static str) {
        match self {
            Self::UnreadableFile => ("certificate.unreadable_file", Some("KER-KMS-013"), "file forms"),
            Self::Malformed => ("certificate.malformed", Some("KER-KMS-013"), "RFC 5280 section 4.1"),
            Self::SeveralEndEntities => {
                ("certificate.several_end_entities", Some("KER-KMS-013"), "one certificate per upload")
            }
            Self::CaInFile => ("certificate.ca_in_file", None, "CA certificates go to the trust store"),
            Self::Version => ("certificate.version", Some("KER-PCM-007"), "RFC 5280 section 4.1.2.1"),
            Self::NameTooLong => ("certificate.name_too_long", None, "longest name"),
            Self::NotYetValid => {
                ("certificate.not_yet_valid", Some("KER-PMS-020"), "RFC 5280 section 4.1.2.5")
            }
            Self::Expired => ("certificate.expired", Some("KER-PCM-004"), "RFC 5280 section 4.1.2.5"),
            Self::ValidityTooShort => (
                "certificate.validity_too_short",
                Some("KER-KMS-021"),
                "minimum validity of partner certificates",
            ),
            Self::CaValidityTooShort => (
                "certificate.ca_validity_too_short",
                Some("KER-PCM-017"),
                "minimum validity of CA certificates",
            ),
            Self::SelfSigned => {
                ("certificate.self_signed", Some("KER-PCM-015"), "partner certificates are signed by a CA")
            }
            Self::IsCa => ("certificate.is_ca", None, "partner certificates are end-entity certificates"),
            Self::NotCa => ("certificate.not_ca", None, "RFC 5280 section 4.2.1.9"),
            Self::NoKeyCertSign => ("certificate.no_key_cert_sign", None, "RFC 5280 section 4.2.1.3"),
            Self::OrganizationMissing => (
                "certificate.organization_missing",
                Some("KER-PCM-008"),
                "organization of partner certificates",
            ),
            Self::OrganizationDiffers => (
                "certificate.organization_differs",
                Some("KER-PCM-008"),
                "organization of partner certificates",
            ),
            Self::Key => ("certificate.key", Some("KER-PCM-013"), "allowed keys"),
            Self::SignatureAlgorithm => {
                ("certificate.signature_algorithm", Some("KER-PCM-014"), "allowed signature algorithms")
            }
            Self::ExpiresSoon => ("certificate.expires_soon", None, "warning 30 days ahead"),
            Self::Distrusted => ("certificate.distrusted", None, "distrust is final"),
        }
    }

    const fn severity(self) -> Severity {
        match self {
            Self::ExpiresSoon | Self::CaInFile => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl Finding {
    pub(crate) fn new(
        kind: Kind,
        certificate: Option<&Certificate>,
        required: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let (code, pms_code, rule) = kind.describe();
        Self {
            code,
            pms_code,
            severity: kind.severity(),
            certificate: certificate.map(CertificateRef::from),
            rule,
            required: required.into(),
            found: found.into(),
            path: None,
        }
    }

    /// The finding that the path error of a partner's certificate is: what the best candidate path breaks, and why the others failed.
    pub(crate) fn of_path(error: PathError) -> Self {
        let failure = &*error.failure;
        Self {
            code: failure.code(),
            pms_code: Some("KER-PCM-006"),
            severity: Severity::Error,
            certificate: Some(failure.certificate.clone()),
            rule: failure.rule,
            required: failure.required.clone(),
            found: failure.found.clone(),
            path: Some(Arc::new(error)),
        }
    }

    /// As [`Finding::of_path`] for a CA certificate, for which MOSIP has a code of its own.
    pub(crate) fn of_ca_path(error: PathError) -> Self {
        Self { pms_code: Some("KER-PCM-005"), ..Self::of_path(error) }
    }

    /// Whether it refuses the certificate.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} needed, found {}", self.severity, self.code, self.required, self.found)?;
        write!(f, " [{}]", self.rule)
    }
}

impl Finding {
    /// The finding in several lines, indented, with everything it knows.
    pub(super) fn fmt_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {} {}", self.severity, self.code)?;
        if let Some(certificate) = &self.certificate {
            writeln!(f, "    certificate: {certificate}")?;
        }
        writeln!(f, "    required:    {}", self.required)?;
        writeln!(f, "    found:       {}", self.found)?;
        writeln!(f, "    rule:        {}", self.rule)?;
        let Some(path) = &self.path else { return Ok(()) };
        if let Some(issuer) = &path.failure.missing_issuer {
            writeln!(f, "    missing:     {}", issuer.name)?;
            if let Some(key_id) = &issuer.key_id {
                writeln!(f, "                 key identifier {key_id}")?;
            }
        }
        for (place, certificate) in path.failure.path.iter().enumerate() {
            let label = if place == 0 { "path:" } else { "" };
            writeln!(f, "    {label:<12} {}. {certificate}", place + 1)?;
        }
        for other in &path.others {
            writeln!(f, "    other path:  {other}")?;
        }
        if path.others_left_off > 0 {
            writeln!(f, "                 and {} more", path.others_left_off)?;
        }
        Ok(())
    }
}
