//! Certificates: what they say, what is wrong with them, and their paths.

mod finding;
mod path;
mod stateless;

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{
    self as core, CertificateStatus, Fingerprint, OrganizationMatch, Sha1Fingerprint, UploadOutcome,
};
use misp_onboarding::id::{ActorId, PartnerCertificateId, Version};
use misp_onboarding::partner::{Partner, PartnerId};
use misp_onboarding::trust_store::TrustDomain;

pub use finding::Finding;
pub use path::{PathFault, PathProblems};
pub use stateless::{
    PathOptions, TrustAnchors, VerifiedPath, certificate_details, certificate_status, validate, verify_path,
};

use crate::convert::{mirror, mirror_both_ways, same};

same!(CertificateStatus, OrganizationMatch, UploadOutcome);

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
    CertificateDetails of core::CertificateDetails, written where it is {
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
    CertificateReport of core::CertificateReport, written where it is {
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
        /// The report in words that a Partner Admin can forward to the partner; null where there are no findings.
        text: Option<String> = (!report.findings.is_empty()).then(|| report.to_string()),
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
