//! The rules for certificates of partners and CAs: everything that is wrong with one, not only the first thing.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::finding::Kind;
use super::path::{PathError, PathOptions, TrustAnchors, VerifiedPath};
use super::signature::OwnSignature;
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
use super::signature::default_verifier;
use super::{
    Certificate, CertificateDetails, CertificateReport, CertificateRules, CertificateStatus, Finding,
    KeyUsage, OrganizationMatch, SignatureVerifier, file,
};
use crate::Timestamp;
use crate::text::fold_case;

/// Checks a partner's certificate against every rule: the file, the certificate itself, its path to one of the
/// roots, and the organization it names. The answer is the same as that of inspect and upload. A [`Validator`] does
/// the same for many certificates on a trust store that is loaded once.
///
/// `leaf` is a certificate file in any form that [`file::read`] takes. `at` is the instant to judge it at.
///
/// ```
/// use misp_onboarding::certificate::{CertificateRules, validate};
/// use misp_onboarding::Timestamp;
///
/// let at: Timestamp = "2026-01-15T12:00:00Z".parse()?;
/// let report = validate(b"no certificate at all", &[], &[], &CertificateRules::default(), "Example Bank", at);
/// assert!(!report.accepted());
/// assert_eq!(report.findings[0].code, "certificate.unreadable_file");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
pub fn validate(
    leaf: &[u8],
    roots: &[Certificate],
    intermediates: &[Certificate],
    rules: &CertificateRules,
    organization: &str,
    at: Timestamp,
) -> CertificateReport {
    let anchors = TrustAnchors::new(roots.iter().cloned(), intermediates.iter().cloned(), []);
    Validator { anchors: &anchors, rules, verifier: &default_verifier() }.validate(leaf, organization, at)
}

/// The most characters of a subject or issuer as RFC 4514 text. X.520 bounds each attribute by 64 or 128 characters, so
/// this leaves room for a dozen of them.
pub(crate) const MAX_NAME_CHARACTERS: usize = 1_024;

/// A report, and what it is about.
pub(crate) struct Examined {
    pub(crate) report: CertificateReport,
    /// The certificate of the file, where there is one.
    pub(crate) certificate: Option<Certificate>,
    /// The path that was found valid.
    pub(crate) path: Option<VerifiedPath>,
}

/// Validates partner certificates against a loaded trust store: what [`validate`] does for one certificate, for
/// many of them.
///
/// The trust store is indexed and its own signatures are remembered, so each certificate costs about one signature
/// check, whatever the number of CAs.
///
/// ```
/// use misp_onboarding::certificate::{
///     Certificate, CertificateRules, TrustAnchors, Validator, default_verifier, file,
/// };
/// use misp_onboarding_testkit::pki::TestPki;
/// use misp_onboarding::Timestamp;
///
/// let at: Timestamp = "2026-01-15T12:00:00Z".parse()?;
/// let pki = TestPki::new(at);
///
/// let verifier = default_verifier();
/// let root = Certificate::from_der(pki.root.der())?;
/// let intermediate = Certificate::from_der(pki.issuing.der())?;
/// let anchors = TrustAnchors::load([root], [intermediate], [], &*verifier);
/// let rules = CertificateRules::default();
/// let validator = Validator { anchors: &anchors, rules: &rules, verifier: &verifier };
///
/// let pem = pki.issue("Example Bank").pem();
/// let report = validator.validate(pem.as_bytes(), "Example Bank", at);
/// assert!(report.accepted(), "{report}");
/// assert_eq!(report.chain.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Validator<'a> {
    /// The CA certificates to build paths from; [`TrustAnchors::load`] makes them remember signatures.
    pub anchors: &'a TrustAnchors,
    /// What certificates must fulfil.
    pub rules: &'a CertificateRules,
    /// Who checks signatures.
    pub verifier: &'a Arc<dyn SignatureVerifier>,
}

impl fmt::Debug for Validator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator")
            .field("anchors", self.anchors)
            .field("rules", self.rules)
            .finish_non_exhaustive()
    }
}

impl Validator<'_> {
    /// Checks the certificate in `file`, a file in any form that [`file::read`] takes, for the partner
    /// `organization` at the instant `at`.
    pub fn validate(&self, file: &[u8], organization: &str, at: Timestamp) -> CertificateReport {
        self.examine(file, organization, at).report
    }

    /// As [`Validator::validate`], and keeps what the report is about.
    pub(crate) fn examine(&self, file: &[u8], organization: &str, at: Timestamp) -> Examined {
        let (certificate, mut findings) = read_partner_file(file);
        let Some(certificate) = certificate else {
            let report = CertificateReport { findings, ..Default::default() };
            return Examined { report, certificate: None, path: None };
        };
        check_version(&certificate, &mut findings);
        check_names(&certificate, &mut findings);
        check_dates(&certificate, at, &mut findings);
        check_days_left(&certificate, self.rules, at, &mut findings);
        let own_signature = certificate
            .own_signature(|| certificate.is_signed_by(certificate.public_key(), &**self.verifier));
        let path = match own_signature {
            OwnSignature::Yes => None,
            OwnSignature::No => Some(self.verify(&certificate, at)),
            // Only a path shows that it is not what it seems: signed with an earlier key of the same name.
            OwnSignature::Unknown(_) => self.verify(&certificate, at).ok().map(Ok),
        };
        if path.is_none() {
            let found = "a certificate signed with its own key";
            findings.push(Finding::new(
                Kind::SelfSigned,
                Some(&certificate),
                "a certificate signed by a CA",
                found,
            ));
        }
        if certificate.is_ca() {
            let required = "an end-entity certificate";
            findings.push(Finding::new(Kind::IsCa, Some(&certificate), required, "a CA certificate"));
        }
        let details = CertificateDetails::of(&certificate);
        let found = details.organization.as_deref();
        check_organization(&certificate, found, self.rules.organization_match, organization, &mut findings);
        check_algorithms(&certificate, self.rules, &mut findings);
        let mut chain = Vec::new();
        let mut verified = None;
        match path {
            Some(Ok(path)) => {
                chain = path.leaf_to_root().iter().skip(1).map(Certificate::details).collect();
                verified = Some(path);
            }
            Some(Err(error)) => findings.push(Finding::of_path(error)),
            None => {}
        }
        let report = CertificateReport { details: Some(details), chain, findings };
        Examined { report, certificate: Some(certificate), path: verified }
    }

    /// The path of a certificate, judged at an instant at which the certificate itself is valid: that it is not is
    /// a finding of its own, and must not hide what else is wrong.
    fn verify(&self, certificate: &Certificate, at: Timestamp) -> Result<VerifiedPath, PathError> {
        let (first, last) = (certificate.not_before(), certificate.not_after());
        let within = if first <= last { at.clamp(first, last) } else { at };
        let mut options = PathOptions::with_verifier(within, self.verifier.clone());
        options.profile = self.rules.profile;
        self.anchors.verify(certificate, &[], &options)
    }
}

/// The one certificate of a partner's file, and what is wrong with the file.
fn read_partner_file(bytes: &[u8]) -> (Option<Certificate>, Vec<Finding>) {
    let file = match file::read(bytes) {
        Ok(file) => file,
        Err(unreadable) => {
            let (required, found) = (unreadable.required(), unreadable.found());
            return (None, vec![Finding::new(Kind::UnreadableFile, None, required, found)]);
        }
    };
    let mut findings = Vec::new();
    let mut end_entities = Vec::new();
    let mut cas = Vec::new();
    for entry in file.entries {
        match read_entry(&entry) {
            Ok(certificate) if certificate.is_ca() => cas.push(certificate),
            Ok(certificate) => end_entities.push(certificate),
            Err(finding) => findings.push(*finding),
        }
    }
    if end_entities.len() > 1 {
        let found = format!("{} of them", end_entities.len());
        let required = "a file with one end-entity certificate";
        findings.push(Finding::new(Kind::SeveralEndEntities, None, required, found));
    }
    let certificate = if end_entities.is_empty() {
        (!cas.is_empty()).then(|| cas.remove(0))
    } else {
        Some(end_entities.swap_remove(0))
    };
    if !cas.is_empty() {
        let required = "CA certificates in the trust store, where paths are built from";
        let found = format!("{} in the file, not used", cas.len());
        findings.push(Finding::new(Kind::CaInFile, None, required, found));
    }
    (certificate, findings)
}

/// The certificate of one entry of a file.
pub(crate) fn read_entry(entry: &file::FileEntry) -> Result<Certificate, Box<Finding>> {
    let place = entry.line.map(|line| format!(" in line {line}")).unwrap_or_default();
    let der = entry.certificate.as_ref().map_err(|unreadable| {
        let found = format!("{}{place}", unreadable.found());
        Box::new(Finding::new(Kind::UnreadableFile, None, unreadable.required(), found))
    })?;
    Certificate::from_der(der.clone()).map_err(|malformed| {
        let found = format!("{} at octet {}{place}", malformed.found, malformed.offset);
        Box::new(Finding::new(Kind::Malformed, None, malformed.needed, found))
    })
}

/// Checks a CA certificate by itself; whether it chains to a root is for the trust store to say.
pub(crate) fn check_ca(certificate: &Certificate, rules: &CertificateRules, at: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    check_version(certificate, &mut findings);
    check_names(certificate, &mut findings);
    if !certificate.is_ca() {
        let required = "BasicConstraints with cA";
        let found = match certificate.basic_constraints() {
            None => "no BasicConstraints",
            Some(_) => "BasicConstraints without cA",
        };
        findings.push(Finding::new(Kind::NotCa, Some(certificate), required, found));
    }
    if let Some(usage) = certificate.key_usage().filter(|usage| !KeyUsage::allows_cert_sign(*usage)) {
        let found = usage.names().join(", ");
        findings.push(Finding::new(Kind::NoKeyCertSign, Some(certificate), "keyCertSign in KeyUsage", found));
    }
    check_dates(certificate, at, &mut findings);
    let earliest = at.plus_calendar_months(rules.ca_min_months_left);
    if certificate.not_after() < earliest && certificate.not_after() >= at {
        let required =
            format!("valid until {earliest} or later, {} months from now", rules.ca_min_months_left);
        let found = format!("valid until {}", certificate.not_after());
        findings.push(Finding::new(Kind::CaValidityTooShort, Some(certificate), required, found));
    }
    check_algorithms(certificate, rules, &mut findings);
    findings
}

fn check_version(certificate: &Certificate, findings: &mut Vec<Finding>) {
    if certificate.version() != 3 {
        let found = format!("version {}", certificate.version());
        findings.push(Finding::new(Kind::Version, Some(certificate), "X.509 version 3", found));
    }
}

/// Names are kept, listed, sorted by and told in events, so one as long as a file may be is not taken.
fn check_names(certificate: &Certificate, findings: &mut Vec<Finding>) {
    for (which, name) in [("subject", certificate.subject()), ("issuer", certificate.issuer())] {
        // Text is no longer than a few times the encoding, so a short encoding needs no counting.
        if name.der().len() <= MAX_NAME_CHARACTERS / 4 {
            continue;
        }
        let characters = name.to_string().chars().count();
        if characters > MAX_NAME_CHARACTERS {
            let required = format!("a {which} of at most {MAX_NAME_CHARACTERS} characters");
            findings.push(Finding::new(
                Kind::NameTooLong,
                None,
                required,
                format!("{characters} characters"),
            ));
        }
    }
}

fn check_dates(certificate: &Certificate, at: Timestamp, findings: &mut Vec<Finding>) {
    if at < certificate.not_before() {
        let found = format!("valid from {}", certificate.not_before());
        findings.push(Finding::new(Kind::NotYetValid, Some(certificate), format!("valid at {at}"), found));
    }
    if at > certificate.not_after() {
        let found = format!("valid until {}", certificate.not_after());
        findings.push(Finding::new(Kind::Expired, Some(certificate), format!("valid at {at}"), found));
    }
}

fn check_days_left(
    certificate: &Certificate,
    rules: &CertificateRules,
    at: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let ends = certificate.not_after();
    if ends < at {
        return;
    }
    if ends < at.plus_days(i64::from(rules.min_days_left)) {
        let required = format!("at least {} days left", rules.min_days_left);
        let found = format!("{} whole days, until {ends}", ends.whole_days_since(at));
        findings.push(Finding::new(Kind::ValidityTooShort, Some(certificate), required, found));
    }
    if CertificateStatus::at(Some(ends), at) == CertificateStatus::Expiring {
        let required = format!("more than {} days left", CertificateStatus::EXPIRING_DAYS);
        let found = format!("valid until {ends}");
        findings.push(Finding::new(Kind::ExpiresSoon, Some(certificate), required, found));
    }
}

fn check_organization(
    certificate: &Certificate,
    found: Option<&str>,
    how: OrganizationMatch,
    required: &str,
    findings: &mut Vec<Finding>,
) {
    let (kind, found) = match found {
        None => (Kind::OrganizationMissing, "a subject without O".to_owned()),
        Some(found) if !same_organization(how, required, found) => {
            (Kind::OrganizationDiffers, format!("{found:?}"))
        }
        Some(_) => return,
    };
    findings.push(Finding::new(kind, Some(certificate), format!("the organization {required:?}"), found));
}

fn same_organization(how: OrganizationMatch, required: &str, found: &str) -> bool {
    if required == found {
        return true;
    }
    match how {
        OrganizationMatch::Exact => required.nfc().eq(found.nfc()),
        OrganizationMatch::Loose => {
            let loose = |text: &str| fold_case(&text.split_whitespace().collect::<String>());
            loose(required) == loose(found)
        }
    }
}

fn check_algorithms(certificate: &Certificate, rules: &CertificateRules, findings: &mut Vec<Finding>) {
    let key = certificate.public_key().algorithm();
    if let Some(required) = rules.key_fault(key) {
        findings.push(Finding::new(Kind::Key, Some(certificate), required, key.to_string()));
    }
    let algorithm = certificate.signature_algorithm();
    if let Some(required) = rules.signature_fault(&algorithm) {
        findings.push(Finding::new(
            Kind::SignatureAlgorithm,
            Some(certificate),
            required,
            algorithm.to_string(),
        ));
    }
}
