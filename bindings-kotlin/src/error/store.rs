//! What stores throw.

use misp_onboarding::id::Version;
use misp_onboarding::store::{RecordId, Unique};

use crate::store::Cause;

/// Why a store did not do what it was asked; nothing was changed. Stores throw it; whatever else one throws counts as
/// `Backend`.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum StoreError {
    /// Another writer was first: a record is not at the version that the change was decided on.
    #[error("conflict")]
    Conflict {
        /// The record.
        record: RecordId,
        /// The version decided on.
        required: Version,
        /// The version found; null where there is no such record.
        found: Option<Version>,
    },
    /// Something that may be there only once is there already.
    #[error("duplicate")]
    Duplicate {
        /// What it is.
        unique: Unique,
    },
    /// A record names another one that is not there.
    #[error("missing reference")]
    MissingReference {
        /// Which reference.
        reference: String,
    },
    /// What the store holds does not read as a record.
    #[error("corrupt")]
    Corrupt {
        /// The table, column or record.
        what: String,
        /// Why it does not read.
        found: String,
    },
    /// The store cannot answer now: it is busy, unreachable or full.
    #[error("unavailable")]
    Unavailable {
        /// Why.
        cause: Option<Cause>,
    },
    /// Something went wrong inside the store.
    #[error("backend")]
    Backend {
        /// What.
        cause: Option<Cause>,
    },
}
