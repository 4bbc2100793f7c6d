//! What is written.

use misp_onboarding::id::Version;
use misp_onboarding::license_key::LicenseKeyRecord;
use misp_onboarding::partner::Partner;
use misp_onboarding::policy::{Policy, PolicyGroup};
use misp_onboarding::policy_link::PolicyLink;
use misp_onboarding::store::{self as core, RecordId, StoreError as CoreError};
use misp_onboarding::trust_store::TrustDomainRecord;

use crate::certificate::PartnerCertificate;
use crate::convert::{Mirror, same};
use crate::error::OnboardingError;
use crate::event::{Event, NewEvent};
use crate::trust_store::CaCertificate;

/// Which record.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RecordKey {
    /// The kind of record: `trust_domain`, `ca_certificate`, `partner`, `partner_certificate`, `policy_group`, `policy`,
    /// `policy_link` or `license_key`.
    pub kind: String,
    /// The id within its kind.
    pub id: String,
}

uniffi::custom_type!(
    /// Which record.
    RecordId, RecordKey, {
        remote,
        lower: |record| RecordKey { kind: record.kind().to_owned(), id: record.id() },
        try_lift: |key| RecordId::from_parts(&key.kind, &key.id)
            .map_err(|problem| OnboardingError::argument("RecordId", problem).into())
    }
);
same!(RecordId);

/// A record of any kind, whole.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum Record {
    /// A domain of the trust store.
    TrustDomain {
        /// The record.
        record: TrustDomainRecord,
    },
    /// A CA certificate.
    CaCertificate {
        /// The record.
        record: CaCertificate,
    },
    /// A partner.
    Partner {
        /// The record.
        record: Partner,
    },
    /// A partner's certificate.
    PartnerCertificate {
        /// The record.
        record: PartnerCertificate,
    },
    /// A policy group.
    PolicyGroup {
        /// The record.
        record: PolicyGroup,
    },
    /// A policy.
    Policy {
        /// The record.
        record: Policy,
    },
    /// A policy link.
    PolicyLink {
        /// The record.
        record: PolicyLink,
    },
    /// A license key.
    LicenseKey {
        /// The record.
        record: LicenseKeyRecord,
    },
}

impl TryFrom<core::Record> for Record {
    type Error = CoreError;

    fn try_from(core: core::Record) -> Result<Self, CoreError> {
        Ok(match core {
            core::Record::TrustDomain(record) => Self::TrustDomain { record },
            core::Record::CaCertificate(record) => Self::CaCertificate { record: Mirror::of(record) },
            core::Record::Partner(record) => Self::Partner { record },
            core::Record::PartnerCertificate(record) => {
                Self::PartnerCertificate { record: Mirror::of(record) }
            }
            core::Record::PolicyGroup(record) => Self::PolicyGroup { record },
            core::Record::Policy(record) => Self::Policy { record },
            core::Record::PolicyLink(record) => Self::PolicyLink { record },
            core::Record::LicenseKey(record) => Self::LicenseKey { record },
            other => return Err(unknown(&other.record_id())),
        })
    }
}

/// The engine may learn of more than a store written in Kotlin knows.
fn unknown(record: &RecordId) -> CoreError {
    CoreError::backend(format!("a kind of record that is known is needed, found {}", record.kind()))
}

/// One change of a store, or one condition for it.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum Change {
    /// Adds a record that is not there yet, at the version it has. That is 1 for one just made; one that comes from
    /// another store brings its own.
    Insert {
        /// The record.
        record: Record,
    },
    /// Puts a record in place of its predecessor, which must be at the version just before.
    Update {
        /// The record.
        record: Record,
    },
    /// Changes nothing: the record must be at this version.
    Expect {
        /// The record.
        record: RecordId,
        /// The version.
        version: Version,
    },
    /// Puts an event of another store in the place it had there, which must lie beyond the last event here. Events
    /// that are told afterwards follow it.
    RestoreEvent {
        /// The event, with its place.
        event: Event,
    },
}

impl TryFrom<core::Change> for Change {
    type Error = CoreError;

    fn try_from(core: core::Change) -> Result<Self, CoreError> {
        Ok(match core {
            core::Change::Insert(record) => Self::Insert { record: record.try_into()? },
            core::Change::Update(record) => Self::Update { record: record.try_into()? },
            core::Change::Expect(record, version) => Self::Expect { record, version },
            core::Change::RestoreEvent(event) => Self::RestoreEvent { event: Mirror::of(event) },
            _ => return Err(CoreError::backend("a kind of change that is known is needed, found another")),
        })
    }
}

/// Changes that are applied in this order, all or none, together with their events.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ChangeSet {
    /// What changes and on which conditions, in order.
    pub changes: Vec<Change>,
    /// What is told of it, in order.
    pub events: Vec<NewEvent>,
}

impl TryFrom<&core::ChangeSet> for ChangeSet {
    type Error = CoreError;

    fn try_from(core: &core::ChangeSet) -> Result<Self, CoreError> {
        Ok(Self {
            changes: core.changes.iter().cloned().map(Change::try_from).collect::<Result<_, _>>()?,
            events: Mirror::of(core.events.clone()),
        })
    }
}
