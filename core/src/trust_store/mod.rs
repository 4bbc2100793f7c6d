//! The trust store: uploaded CA certificates, by domain.

mod error;
pub(crate) mod rules;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use error::TrustStoreError;
pub use rules::{CaChain, CaOutcome, CaUploadEntry, CaUploadReport, Distrusted};

use crate::Timestamp;
use crate::certificate::{
    Certificate, CertificateDetails, CertificateStatus, Fingerprint, MalformedCertificate,
};
use crate::id::{ActorId, CaCertificateId, Version};
use crate::list::{ListRow, SortValue, TimeRange, sort_keys};
use crate::state::state_enum;
use crate::text::{Comment, FieldProblem, FieldRule, Substring, fold_case};

/// The scope of trust: 1 to 36 letters `A` to `Z`, digits and `_`; read without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrustDomain(Arc<str>);

impl TrustDomain {
    /// The domain in which MISP partners' certificates are validated by default.
    pub fn auth() -> Self {
        Self("AUTH".into())
    }

    /// The name, in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TrustDomain {
    type Err = FieldProblem;

    fn from_str(raw: &str) -> Result<Self, FieldProblem> {
        let name = raw.trim();
        let fits =
            (1..=36).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if fits {
            Ok(Self(name.to_ascii_uppercase().into()))
        } else {
            let found: String = name.chars().take(64).collect();
            Err(FieldProblem::new(
                FieldRule::Format,
                "1 to 36 letters A to Z, digits and '_'",
                format!("{found:?}"),
            ))
        }
    }
}

crate::wire::text_on_the_wire!(TrustDomain as_str);

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A domain of the trust store, as stores keep it: made with its first CA certificate.
///
/// Its version moves with every change of a CA certificate in it, so whatever was decided on the domain's CA
/// certificates can be committed on the condition that none has changed since.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustDomainRecord {
    /// The domain.
    pub domain: TrustDomain,
    /// Moves with every change of a CA certificate in the domain.
    pub version: Version,
}

state_enum!(
    /// What a CA certificate is in the trust store.
    CaKind {
        /// Self-signed; anchors paths.
        Root = "root",
        /// Links paths to a root.
        Intermediate = "intermediate",
    }
);

state_enum!(
    /// Whether a CA certificate may be used.
    CaState {
        /// Anchors or links paths.
        Trusted = "trusted",
        /// Neither anchors nor links anything any more; final.
        Distrusted = "distrusted",
    }
);

/// A CA certificate, as stores keep it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaCertificate {
    /// The id.
    pub id: CaCertificateId,
    /// The domain it is trusted in.
    pub domain: TrustDomain,
    /// Root or intermediate.
    pub kind: CaKind,
    /// Trusted or not.
    pub state: CaState,
    /// The certificate as uploaded.
    #[serde(with = "crate::wire::octets")]
    pub der: Arc<[u8]>,
    /// SHA-256 of the certificate; unique in the domain.
    pub fingerprint: Fingerprint,
    /// The subject as RFC 4514 text.
    pub subject: String,
    /// The issuer as RFC 4514 text.
    pub issuer: String,
    /// The first instant at which it is valid.
    pub not_before: Timestamp,
    /// The last instant at which it is valid.
    pub not_after: Timestamp,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// Who uploaded it.
    pub uploaded_by: ActorId,
    /// Since when it is distrusted.
    pub distrusted_at: Option<Timestamp>,
    /// Why it is distrusted.
    pub distrust_reason: Option<Comment>,
    /// Moves with every change.
    pub version: Version,
}

impl CaCertificate {
    /// What the certificate says of itself.
    ///
    /// # Errors
    /// When `der` does not read, which a store of the engine's own never answers with.
    pub fn details(&self) -> Result<CertificateDetails, MalformedCertificate> {
        Certificate::from_der(self.der.clone()).map(|certificate| CertificateDetails::of(&certificate))
    }

    /// How the certificate stands at an instant, by its dates.
    pub fn status(&self, now: Timestamp) -> CertificateStatus {
        CertificateStatus::at(Some(self.not_after), now)
    }
}

sort_keys!(
    /// What the list of CA certificates can be sorted by.
    CaCertificateSort newest UploadedAt {
        /// The subject.
        Subject = "ca_certificate.subject",
        /// The issuer.
        Issuer = "ca_certificate.issuer",
        /// When it was uploaded.
        UploadedAt = "ca_certificate.uploaded_at" (time),
        /// When it ends.
        NotAfter = "ca_certificate.not_after" (time),
    }
);

/// Which CA certificates a list shows; what is not set lets every one through.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CaCertificateFilter {
    /// The id, exactly.
    pub id: Option<CaCertificateId>,
    /// The domain.
    pub domain: Option<TrustDomain>,
    /// Root or intermediate.
    pub kind: Option<CaKind>,
    /// Trusted or not.
    pub state: Option<CaState>,
    /// Valid, expiring or expired at the instant of asking.
    pub status: Option<CertificateStatus>,
    /// The fingerprint, exactly.
    pub fingerprint: Option<Fingerprint>,
    /// Part of the subject.
    pub subject: Option<Substring>,
    /// Part of the issuer.
    pub issuer: Option<Substring>,
    /// When it ends.
    pub ends: Option<TimeRange>,
}

impl ListRow<CaCertificateSort> for CaCertificate {
    fn sort_value(&self, key: CaCertificateSort) -> SortValue {
        match key {
            CaCertificateSort::Subject => SortValue::Text(fold_case(&self.subject)),
            CaCertificateSort::Issuer => SortValue::Text(fold_case(&self.issuer)),
            CaCertificateSort::UploadedAt => SortValue::Time(self.uploaded_at),
            CaCertificateSort::NotAfter => SortValue::Time(self.not_after),
        }
    }

    fn tie_break(&self) -> String {
        self.id.to_string()
    }
}
