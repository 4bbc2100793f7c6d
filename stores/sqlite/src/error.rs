//! What SQLite reports, in the words of the store.

use misp_onboarding::store::{StoreError, Unique};
use rusqlite::{Error, ErrorCode, ffi};

use crate::open::OpenError;

/// Any failure but a violated constraint.
pub(crate) fn failed(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory,
        ) => StoreError::unavailable(error),
        Some(ErrorCode::NotADatabase) => OpenError::NotSqlite.into(),
        Some(ErrorCode::DatabaseCorrupt) => {
            StoreError::Corrupt { what: "the database file".to_owned(), found: error.to_string() }
        }
        _ => StoreError::backend(error),
    }
}

/// A failure to write a row.
pub(crate) fn failed_write(error: Error) -> StoreError {
    match violated(&error) {
        Some(unique) => StoreError::Duplicate { unique },
        None => failed(error),
    }
}

/// Whether a foreign key was violated. SQLite does not say which one.
pub(crate) fn is_missing_reference(error: &Error) -> bool {
    extended_code(error) == Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

/// Which unique constraint was violated.
fn violated(error: &Error) -> Option<Unique> {
    match extended_code(error)? {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Some(Unique::RecordId),
        ffi::SQLITE_CONSTRAINT_UNIQUE => {
            let Error::SqliteFailure(_, Some(message)) = error else { return None };
            let columns = message.strip_prefix("UNIQUE constraint failed: ")?;
            UNIQUE_COLUMNS.iter().find(|(known, _)| *known == columns).map(|(_, unique)| *unique)
        }
        _ => None,
    }
}

/// SQLite names a unique constraint by its columns. The tests violate each of these.
const UNIQUE_COLUMNS: [(&str, Unique); 8] = [
    ("partners.id_folded", Unique::PartnerId),
    ("partners.email_folded", Unique::PartnerEmail),
    ("ca_certificates.domain, ca_certificates.fingerprint", Unique::CaFingerprint),
    ("policy_groups.name_folded", Unique::PolicyGroupName),
    ("policies.group_id, policies.name_folded", Unique::PolicyName),
    ("policy_links.partner_id, policy_links.policy_id", Unique::OpenPolicyLink),
    ("license_keys.digest", Unique::LicenseKeyDigest),
    ("license_keys.partner_id, license_keys.name_folded", Unique::LicenseKeyName),
];

fn extended_code(error: &Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}
