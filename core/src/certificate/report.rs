//! The answer to inspect and upload: what the certificate is, and everything that is wrong with it.

use std::fmt;
use std::sync::Arc;

use super::name::is_invisible;
use super::{CertificateDetails, Finding};

/// What a certificate file holds and everything that is wrong with it: the same for a dry run and for an upload.
///
/// Its `Display` is a text that a Partner Admin can forward to the partner.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct CertificateReport {
    /// What the certificate says of itself; none where the file could not be read.
    pub details: Option<CertificateDetails>,
    /// The path found, the certificate's issuer first, the root last; empty where there is none.
    pub chain: Vec<Arc<CertificateDetails>>,
    /// Every rule that is broken, errors and warnings.
    pub findings: Vec<Finding>,
}

impl CertificateReport {
    /// Whether no finding is an error.
    pub fn accepted(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }

    /// The codes of the errors, in one line.
    pub(crate) fn summary(&self) -> String {
        let codes: Vec<&str> =
            self.findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.code).collect();
        if codes.is_empty() { "no errors".to_owned() } else { codes.join(", ") }
    }

    /// MOSIP's code of the error that its services look for first.
    pub(crate) fn pms_code(&self) -> Option<&'static str> {
        /// The order in which MOSIP's keymanager checks a partner certificate.
        const ORDER: [&str; 10] = [
            "KER-KMS-013",
            "KER-PMS-020",
            "KER-PCM-004",
            "KER-KMS-021",
            "KER-PCM-015",
            "KER-PCM-006",
            "KER-PCM-007",
            "KER-PCM-008",
            "KER-PCM-013",
            "KER-PCM-014",
        ];
        let errors = self.findings.iter().filter(|finding| finding.is_error());
        errors
            .filter_map(|finding| finding.pms_code)
            .min_by_key(|code| ORDER.iter().position(|known| known == code).unwrap_or(ORDER.len()))
    }
}

impl fmt::Display for CertificateReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.accepted() { "accepted" } else { "rejected" };
        writeln!(f, "Certificate {verdict}")?;
        if let Some(details) = &self.details {
            details.fmt_lines(f)?;
        }
        for (depth, link) in self.chain.iter().enumerate() {
            let label = if depth == 0 { "path" } else { "" };
            writeln!(f, "  {label:<21} {}. {}, valid until {}", depth + 1, link.subject, link.not_after)?;
        }
        if self.findings.is_empty() {
            return writeln!(f, "No findings.");
        }
        writeln!(f, "Findings:")?;
        for finding in &self.findings {
            finding.fmt_lines(f)?;
        }
        Ok(())
    }
}

impl CertificateDetails {
    fn fmt_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Unlike a name in RFC 4514 text, the organization may hold line breaks that would forge lines of the report.
        let organization = match &self.organization {
            Some(name) => name.chars().flat_map(shown).collect::<String>(),
            None => "(none)".to_owned(),
        };
        let usages = |names: &[String]| if names.is_empty() { "(any)".to_owned() } else { names.join(", ") };
        for (name, value) in [
            ("subject", self.subject.as_str()),
            ("issuer", &self.issuer),
            ("organization", &organization),
            ("serial number", &self.serial_number),
            ("valid from", &self.not_before.to_string()),
            ("valid until", &self.not_after.to_string()),
            ("key", &self.key_algorithm),
            ("signed with", &self.signature_algorithm),
            ("key usage", &usages(&self.key_usages)),
            ("extended key usage", &usages(&self.extended_key_usages)),
            ("SHA-256 fingerprint", &self.sha256.to_string()),
            ("SHA-1 fingerprint", &self.sha1.to_string()),
        ] {
            writeln!(f, "  {name:<21} {value}")?;
        }
        Ok(())
    }
}

/// The character, or its escape where it controls the output.
fn shown(c: char) -> impl Iterator<Item = char> {
    let escaped = is_invisible(c).then(|| c.escape_default());
    let plain = (!is_invisible(c)).then_some(c);
    plain.into_iter().chain(escaped.into_iter().flatten())
}
