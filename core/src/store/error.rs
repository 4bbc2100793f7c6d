//! What a store can answer instead of doing what it was asked.

use std::error::Error;

use crate::id::Version;
use crate::state::state_enum;

state_enum!(
    /// What may be in a store only once.
    Unique {
        /// The identifier of any record.
        RecordId = "record_id",
        /// A partner's id, without regard to case.
        PartnerId = "partner_id",
        /// A partner's email address, without regard to case.
        PartnerEmail = "partner_email",
        /// A CA certificate's fingerprint, in its domain.
        CaFingerprint = "ca_fingerprint",
        /// A policy group's name, without regard to case.
        PolicyGroupName = "policy_group_name",
        /// A policy's name in its group, without regard to case.
        PolicyName = "policy_name",
        /// A partner's pending or approved link to a policy.
        OpenPolicyLink = "open_policy_link",
        /// A license key's digest.
        LicenseKeyDigest = "license_key_digest",
        /// The name of a partner's license key that is neither deactivated nor replaced, without regard to case.
        LicenseKeyName = "license_key_name",
        /// A place in the order of events, which is given once and in ascending order.
        EventSequence = "event_sequence",
    }
);

/// Why a store did not do what it was asked. Nothing was changed.
#[derive(Debug, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum StoreError {
    /// Another writer was first: a record is not at the version that the change was decided on.
    #[error("{record} must be at version {required}, found {}", found.map_or("no such record".to_owned(), |v| v.to_string()))]
    Conflict {
        /// The record, by kind and id.
        record: String,
        /// The version decided on.
        required: Version,
        /// The version found; none where there is no such record.
        found: Option<Version>,
    },
    /// Something that may be there only once is there already.
    #[error("{unique} must be unique, found a second one")]
    Duplicate {
        /// What it is.
        unique: Unique,
    },
    /// A record names another one that is not there.
    #[error("a record that is named must be there, found none: {reference}")]
    MissingReference {
        /// Which reference.
        reference: String,
    },
    /// What the store holds does not read as a record.
    #[error("{what} in the store must read as a record, found {found}")]
    Corrupt {
        /// The table, column or record.
        what: String,
        /// Why it does not read.
        found: String,
    },
    /// The store was made by another version of the engine.
    #[error("a store of schema version {supported} or older is needed, found version {found}")]
    SchemaTooNew {
        /// The newest version that this engine reads.
        supported: u32,
        /// The store's version.
        found: u32,
    },
    /// The store cannot answer now: it is busy, unreachable or full.
    #[error("the store cannot answer now")]
    Unavailable(
        #[source]
        #[serde(serialize_with = "crate::wire::no_facts")]
        Box<dyn Error + Send + Sync>,
    ),
    /// Something went wrong inside the store.
    #[error("the store failed")]
    Backend(
        #[source]
        #[serde(serialize_with = "crate::wire::no_facts")]
        Box<dyn Error + Send + Sync>,
    ),
}

impl StoreError {
    /// Wraps what went wrong inside a store.
    pub fn backend(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Backend(source.into())
    }

    /// Wraps why a store cannot answer now.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "store.conflict",
            Self::Duplicate { .. } => "store.duplicate",
            Self::MissingReference { .. } => "store.missing_reference",
            Self::Corrupt { .. } => "store.corrupt",
            Self::SchemaTooNew { .. } => "store.schema_too_new",
            Self::Unavailable(_) => "store.unavailable",
            Self::Backend(_) => "store.backend",
        }
    }

    /// Whether deciding again on what the store holds now may succeed.
    pub(crate) const fn is_race(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Duplicate { .. })
    }
}
