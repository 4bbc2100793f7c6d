//! What is written: records, with the versions that the decision rests on, and events.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::certificate::PartnerCertificate;
use crate::event::{Event, NewEvent};
use crate::id::{
    CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId, Version,
};
use crate::license_key::LicenseKeyRecord;
use crate::partner::{Partner, PartnerId};
use crate::policy::{Policy, PolicyGroup};
use crate::policy_link::PolicyLink;
use crate::text::{FieldProblem, FieldRule};
use crate::trust_store::{CaCertificate, TrustDomain, TrustDomainRecord};

/// Which record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RecordId {
    /// A domain of the trust store.
    TrustDomain(TrustDomain),
    /// A CA certificate.
    CaCertificate(CaCertificateId),
    /// A partner.
    Partner(PartnerId),
    /// A partner's certificate.
    PartnerCertificate(PartnerCertificateId),
    /// A policy group.
    PolicyGroup(PolicyGroupId),
    /// A policy.
    Policy(PolicyId),
    /// A policy link.
    PolicyLink(PolicyLinkId),
    /// A license key.
    LicenseKey(LicenseKeyId),
}

impl RecordId {
    /// The stable name of the kind of record.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TrustDomain(_) => "trust_domain",
            Self::CaCertificate(_) => "ca_certificate",
            Self::Partner(_) => "partner",
            Self::PartnerCertificate(_) => "partner_certificate",
            Self::PolicyGroup(_) => "policy_group",
            Self::Policy(_) => "policy",
            Self::PolicyLink(_) => "policy_link",
            Self::LicenseKey(_) => "license_key",
        }
    }

    /// The id within its kind, as text.
    pub fn id(&self) -> String {
        match self {
            Self::TrustDomain(id) => id.to_string(),
            Self::CaCertificate(id) => id.to_string(),
            Self::Partner(id) => id.to_string(),
            Self::PartnerCertificate(id) => id.to_string(),
            Self::PolicyGroup(id) => id.to_string(),
            Self::Policy(id) => id.to_string(),
            Self::PolicyLink(id) => id.to_string(),
            Self::LicenseKey(id) => id.to_string(),
        }
    }

    /// Puts together what [`kind`](Self::kind) and [`id`](Self::id) took apart.
    ///
    /// # Errors
    /// When the kind is unknown or the id is none of that kind.
    pub fn from_parts(kind: &str, id: &str) -> Result<Self, FieldProblem> {
        Ok(match kind {
            "trust_domain" => Self::TrustDomain(TrustDomain::from_str(id)?),
            "ca_certificate" => Self::CaCertificate(id.parse()?),
            "partner" => Self::Partner(id.parse()?),
            "partner_certificate" => Self::PartnerCertificate(id.parse()?),
            "policy_group" => Self::PolicyGroup(id.parse()?),
            "policy" => Self::Policy(id.parse()?),
            "policy_link" => Self::PolicyLink(id.parse()?),
            "license_key" => Self::LicenseKey(id.parse()?),
            _ => return Err(FieldProblem::new(FieldRule::Range, "a kind of record", format!("{kind:?}"))),
        })
    }
}

/// A record's kind and id, as it crosses serde.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "RecordId", deny_unknown_fields)]
struct RecordIdParts<'a> {
    kind: Cow<'a, str>,
    id: Cow<'a, str>,
}

impl serde::Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RecordIdParts { kind: self.kind().into(), id: self.id().into() }.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = RecordIdParts::deserialize(deserializer)?;
        Self::from_parts(&parts.kind, &parts.id).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.id())
    }
}

/// A record of any kind, whole.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
// A change set holds a handful of records for the length of one command; boxing would only add noise.
#[allow(clippy::large_enum_variant)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A domain of the trust store.
    TrustDomain(TrustDomainRecord),
    /// A CA certificate.
    CaCertificate(CaCertificate),
    /// A partner.
    Partner(Partner),
    /// A partner's certificate.
    PartnerCertificate(PartnerCertificate),
    /// A policy group.
    PolicyGroup(PolicyGroup),
    /// A policy.
    Policy(Policy),
    /// A policy link.
    PolicyLink(PolicyLink),
    /// A license key.
    LicenseKey(LicenseKeyRecord),
}

impl Record {
    /// Which record it is.
    pub fn record_id(&self) -> RecordId {
        match self {
            Self::TrustDomain(record) => RecordId::TrustDomain(record.domain.clone()),
            Self::CaCertificate(record) => RecordId::CaCertificate(record.id),
            Self::Partner(record) => RecordId::Partner(record.id.clone()),
            Self::PartnerCertificate(record) => RecordId::PartnerCertificate(record.id),
            Self::PolicyGroup(record) => RecordId::PolicyGroup(record.id),
            Self::Policy(record) => RecordId::Policy(record.id),
            Self::PolicyLink(record) => RecordId::PolicyLink(record.id),
            Self::LicenseKey(record) => RecordId::LicenseKey(record.id),
        }
    }

    /// The version it will have once written.
    pub fn version(&self) -> Version {
        match self {
            Self::TrustDomain(record) => record.version,
            Self::CaCertificate(record) => record.version,
            Self::Partner(record) => record.version,
            Self::PartnerCertificate(record) => record.version,
            Self::PolicyGroup(record) => record.version,
            Self::Policy(record) => record.version,
            Self::PolicyLink(record) => record.version,
            Self::LicenseKey(record) => record.version,
        }
    }
}

macro_rules! record_from {
    ($($variant:ident($record:ty),)+) => {
        $(impl From<$record> for Record {
            fn from(record: $record) -> Self {
                Self::$variant(record)
            }
        })+
    };
}

record_from! {
    TrustDomain(TrustDomainRecord),
    CaCertificate(CaCertificate),
    Partner(Partner),
    PartnerCertificate(PartnerCertificate),
    PolicyGroup(PolicyGroup),
    Policy(Policy),
    PolicyLink(PolicyLink),
    LicenseKey(LicenseKeyRecord),
}

/// One change of a store, or one condition for it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Adds a record that is not there yet, at the version it has. That is [`Version::FIRST`] for one just made; one
    /// that comes from another store brings its own.
    Insert(Record),
    /// Puts a record in place of its predecessor, which must be at the version just before.
    Update(Record),
    /// Changes nothing: the record must be at this version.
    Expect(RecordId, Version),
    /// Puts an event of another store in the place it had there, which must lie beyond the last event here. Events
    /// that are told afterwards follow it.
    RestoreEvent(Event),
}

/// Changes that are applied in this order, all or none, together with their events.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChangeSet {
    /// What changes and on which conditions, in order.
    pub changes: Vec<Change>,
    /// What is told of it, in order.
    pub events: Vec<NewEvent>,
}

impl ChangeSet {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record.
    pub fn insert(&mut self, record: impl Into<Record>) -> &mut Self {
        self.changes.push(Change::Insert(record.into()));
        self
    }

    /// Replaces a record; its version must be the successor of the one decided on.
    pub fn update(&mut self, record: impl Into<Record>) -> &mut Self {
        self.changes.push(Change::Update(record.into()));
        self
    }

    /// Makes the whole depend on a record being at a version.
    pub fn expect(&mut self, record: RecordId, version: Version) -> &mut Self {
        self.changes.push(Change::Expect(record, version));
        self
    }

    /// Puts an event of another store in the place it had there.
    pub fn restore_event(&mut self, event: Event) -> &mut Self {
        self.changes.push(Change::RestoreEvent(event));
        self
    }

    /// Tells of a change.
    pub fn event(&mut self, event: NewEvent) -> &mut Self {
        self.events.push(event);
        self
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.events.is_empty()
    }
}
