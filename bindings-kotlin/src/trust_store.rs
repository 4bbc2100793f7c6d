//! The trust store.

use misp_onboarding::certificate::{CertificateStatus, Fingerprint};
use misp_onboarding::id::{ActorId, CaCertificateId, Version};
use misp_onboarding::list::TimeRange;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::text::{Comment, Substring};
use misp_onboarding::trust_store::{CaCertificateFilter, CaKind, CaState, TrustDomain, TrustDomainRecord};
use misp_onboarding::{Timestamp, trust_store as core};

use crate::certificate::{CertificateDetails, Finding};
use crate::convert::{Mirror, mirror, mirror_both_ways, same};
use crate::list::list;

same!(CaKind, CaState, TrustDomainRecord);

/// What a CA certificate is in the trust store.
#[uniffi::remote(Enum)]
pub enum CaKind {
    /// Self-signed; anchors paths.
    Root,
    /// Links paths to a root.
    Intermediate,
}

/// Whether a CA certificate may be used.
#[uniffi::remote(Enum)]
pub enum CaState {
    /// Anchors or links paths.
    Trusted,
    /// Neither anchors nor links anything any more; final.
    Distrusted,
}

/// A domain of the trust store, as stores keep it: made with its first CA certificate.
///
/// Its version moves with every change of a CA certificate in it, so whatever was decided on the domain's CA
/// certificates can be committed on the condition that none has changed since.
#[uniffi::remote(Record)]
pub struct TrustDomainRecord {
    /// The domain.
    pub domain: TrustDomain,
    /// Moves with every change of a CA certificate in the domain.
    pub version: Version,
}

mirror_both_ways! {
    /// A CA certificate, as stores keep it.
    CaCertificate of core::CaCertificate {
        /// The id.
        id: CaCertificateId,
        /// The domain it is trusted in.
        domain: TrustDomain,
        /// Root or intermediate.
        kind: CaKind,
        /// Trusted or not.
        state: CaState,
        /// The certificate as uploaded.
        der: Vec<u8>,
        /// SHA-256 of the certificate; unique in the domain.
        fingerprint: Fingerprint,
        /// The subject as RFC 4514 text.
        subject: String,
        /// The issuer as RFC 4514 text.
        issuer: String,
        /// The first instant at which it is valid.
        not_before: Timestamp,
        /// The last instant at which it is valid.
        not_after: Timestamp,
        /// When it was uploaded.
        uploaded_at: Timestamp,
        /// Who uploaded it.
        uploaded_by: ActorId,
        /// Since when it is distrusted.
        distrusted_at: Option<Timestamp>,
        /// Why it is distrusted.
        distrust_reason: Option<Comment>,
        /// Moves with every change.
        version: Version,
    }
}

/// Which CA certificates a list shows; what is not set lets every one through.
#[uniffi::remote(Record)]
pub struct CaCertificateFilter {
    /// The id, exactly.
    #[uniffi(default = None)]
    pub id: Option<CaCertificateId>,
    /// The domain.
    #[uniffi(default = None)]
    pub domain: Option<TrustDomain>,
    /// Root or intermediate.
    #[uniffi(default = None)]
    pub kind: Option<CaKind>,
    /// Trusted or not.
    #[uniffi(default = None)]
    pub state: Option<CaState>,
    /// Valid, expiring or expired at the instant of asking.
    #[uniffi(default = None)]
    pub status: Option<CertificateStatus>,
    /// The fingerprint, exactly.
    #[uniffi(default = None)]
    pub fingerprint: Option<Fingerprint>,
    /// Part of the subject.
    #[uniffi(default = None)]
    pub subject: Option<Substring>,
    /// Part of the issuer.
    #[uniffi(default = None)]
    pub issuer: Option<Substring>,
    /// When it ends.
    #[uniffi(default = None)]
    pub ends: Option<TimeRange>,
}

list! {
    /// What the list of CA certificates can be sorted by.
    CaCertificateSort of core::CaCertificateSort {
        /// The subject.
        Subject,
        /// The issuer.
        Issuer,
        /// When it was uploaded.
        UploadedAt,
        /// When it ends.
        NotAfter,
    }
    filter CaCertificateFilter
    request CaCertificateListRequest
    page CaCertificatePage of CaCertificate as core::CaCertificate,
    query CaCertificateQuery
}

mirror! {
    /// What became of a file of CA certificates, entry by entry in its order.
    CaUploadReport of core::CaUploadReport {
        /// The domain.
        domain: TrustDomain,
        /// What became of each entry of the file, none left out.
        entries: Vec<CaUploadEntry>,
    }
    and |report| {
        /// Whether no entry was rejected.
        all_accepted: bool = report.all_accepted(),
        /// The report in words.
        text: String = report.to_string(),
    }
}

mirror! {
    /// What became of one entry of a file of CA certificates.
    CaUploadEntry of core::CaUploadEntry {
        /// The line its PEM block begins in, counted from 1; none in a file without PEM.
        line: Option<i32>,
        /// What the certificate says of itself; none where it could not be read.
        details: Option<CertificateDetails>,
        /// What became of it.
        outcome: CaOutcome,
    }
}

mirror! {
    /// A CA certificate that is not trusted any more, and whom that concerns.
    Distrusted of core::Distrusted {
        /// The CA certificate.
        ca_certificate: CaCertificate,
        /// The partners whose current certificate was accepted over a path with it, by id.
        affected_partners: Vec<PartnerId>,
    }
}

/// What became of an uploaded CA certificate.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum CaOutcome {
    /// Self-signed: it anchors paths now.
    AddedAsRoot {
        /// Its id in the trust store.
        id: CaCertificateId,
    },
    /// It chains to a root: it links paths now.
    AddedAsIntermediate {
        /// Its id in the trust store.
        id: CaCertificateId,
    },
    /// It is in the domain already, or earlier in the file; nothing changed.
    AlreadyPresent {
        /// Its id in the trust store.
        id: CaCertificateId,
    },
    /// It was not added.
    Rejected {
        /// Everything that is wrong with it.
        findings: Vec<Finding>,
    },
    /// Something that this version does not know.
    Other,
}

impl Mirror<core::CaOutcome> for CaOutcome {
    fn of(core: core::CaOutcome) -> Self {
        match core {
            core::CaOutcome::AddedAsRoot(id) => Self::AddedAsRoot { id },
            core::CaOutcome::AddedAsIntermediate(id) => Self::AddedAsIntermediate { id },
            core::CaOutcome::AlreadyPresent(id) => Self::AlreadyPresent { id },
            core::CaOutcome::Rejected(findings) => Self::Rejected { findings: Mirror::of(findings) },
            _ => Self::Other,
        }
    }
}

/// The chain of a stored CA certificate.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CaChain {
    /// The CA certificate asked for first, its root last.
    pub certificates: Vec<CaCertificate>,
    /// The same as a PKCS#7 file (`.p7c`).
    pub pkcs7: Vec<u8>,
}

impl Mirror<core::CaChain> for CaChain {
    fn of(core: core::CaChain) -> Self {
        Self { pkcs7: core.to_pkcs7(), certificates: Mirror::of(core.certificates) }
    }
}
