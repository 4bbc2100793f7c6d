//! What PostgreSQL reports, in the words of the store.

use std::io;

use misp_onboarding::store::{StoreError, Unique};
use postgres::Error;
use postgres::error::{DbError, Severity, SqlState};

/// The store's word for any failure.
pub(crate) fn failed(error: Error) -> StoreError {
    let Some(told) = error.as_db_error() else {
        let unavailable = is_lost(&error);
        return if unavailable { StoreError::unavailable(error) } else { StoreError::backend(error) };
    };
    let code = told.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        return match violated(told) {
            Some(unique) => StoreError::Duplicate { unique },
            None => StoreError::backend(error),
        };
    }
    if *code == SqlState::FOREIGN_KEY_VIOLATION {
        return StoreError::MissingReference { reference: told.constraint().unwrap_or("unknown").to_owned() };
    }
    if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED {
        return StoreError::Corrupt { what: "the database".to_owned(), found: told.message().to_owned() };
    }
    if UNAVAILABLE.iter().any(|class| code.code().starts_with(class)) {
        return StoreError::unavailable(error);
    }
    StoreError::backend(error)
}

/// Beginnings of the codes of what passes: no connection, not enough resources, the operator or a timeout stepped in
/// (statement timeouts among them), the disk failed, a lock could not be had, a server that only reads, transactions
/// that went on getting into each other's way.
const UNAVAILABLE: [&str; 8] = ["08", "53", "57", "58", "55P03", "25006", "25P03", "40"];

/// Whether the connection is of no use any more.
pub(crate) fn is_lost(error: &Error) -> bool {
    match error.as_db_error() {
        None => {
            let source = std::error::Error::source(error);
            error.is_closed() || source.is_some_and(|source| source.is::<io::Error>())
        }
        Some(told) => {
            matches!(told.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
                || STALE.contains(told.code())
        }
    }
}

/// The server does not know, or does not want to run, a statement prepared before: the schema changed, or somebody
/// discarded it. A new connection prepares it anew.
const STALE: [SqlState; 2] = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::FEATURE_NOT_SUPPORTED];

/// Whether the transaction failed only because of another one, and may be tried again: they got into each other's way,
/// or made the same table or schema at the same moment.
pub(crate) fn is_race(error: &Error) -> bool {
    let Some(told) = error.as_db_error() else { return false };
    RACES.contains(told.code())
        || (*told.code() == SqlState::UNIQUE_VIOLATION && told.schema() == Some("pg_catalog"))
}

const RACES: [SqlState; 5] = [
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::T_R_DEADLOCK_DETECTED,
    SqlState::DUPLICATE_SCHEMA,
    SqlState::DUPLICATE_TABLE,
    SqlState::DUPLICATE_OBJECT,
];

/// Which unique constraint was violated.
fn violated(error: &DbError) -> Option<Unique> {
    let name = error.constraint()?;
    UNIQUE_CONSTRAINTS.iter().find(|(known, _)| *known == name).map(|(_, unique)| *unique)
}

/// Every unique constraint of the schema. The tests violate each of those that have a name of their own.
const UNIQUE_CONSTRAINTS: [(&str, Unique); 16] = [
    ("trust_domains_pkey", Unique::RecordId),
    ("ca_certificates_pkey", Unique::RecordId),
    ("policy_groups_pkey", Unique::RecordId),
    ("policies_pkey", Unique::RecordId),
    // Of a partner the id itself is what its users know as unique.
    ("partners_pkey", Unique::PartnerId),
    ("partner_certificates_pkey", Unique::RecordId),
    ("policy_links_pkey", Unique::RecordId),
    ("license_keys_pkey", Unique::RecordId),
    ("partners_id_folded", Unique::PartnerId),
    ("partners_email", Unique::PartnerEmail),
    ("ca_certificates_fingerprint", Unique::CaFingerprint),
    ("policy_groups_name", Unique::PolicyGroupName),
    ("policies_name", Unique::PolicyName),
    ("policy_links_open", Unique::OpenPolicyLink),
    ("license_keys_digest", Unique::LicenseKeyDigest),
    ("license_keys_live_name", Unique::LicenseKeyName),
];
