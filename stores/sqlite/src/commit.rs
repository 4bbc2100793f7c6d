//! Applying a change set: one transaction.

use misp_onboarding::id::Version;
use misp_onboarding::store::{Change, ChangeSet, Record, RecordId, StoreError, Unique};
use misp_onboarding_sql::Unsupported;
use rusqlite::{Connection, TransactionBehavior};

use crate::error::{failed, is_missing_reference};
use crate::write::{StoredRow, missing_reference, version_of};
use crate::writer::Writer;
use crate::{certificates, events, migrate, open, words};

/// What a change takes of the cache until it is committed, in KiB: four pages. A license key moves into a dozen indexes, into
/// most of them next to the one before.
const CACHE_OF_CHANGE_KIB: usize = 16;
/// The most that the cache grows to for a commit, in KiB.
const MAX_GROWN_CACHE_KIB: usize = 512 * 1_024;

/// Applies all of the change set or, on any error, nothing.
///
/// While a large one is applied the cache is as large as it takes: pages that do not fit are written to the log and read
/// back again and again, once for each of their rows.
pub(crate) fn apply(
    connection: &mut Connection,
    changes: &ChangeSet,
    cache_kib: usize,
) -> Result<(), StoreError> {
    let needed = changes.changes.len().saturating_mul(CACHE_OF_CHANGE_KIB).min(MAX_GROWN_CACHE_KIB);
    if needed <= cache_kib {
        return apply_in_cache(connection, changes);
    }
    open::set_cache(connection, needed)?;
    let applied = apply_in_cache(connection, changes);
    // What is committed is committed: a cache that stays as large is no reason to say otherwise.
    drop(open::set_cache(connection, cache_kib));
    applied
}

fn apply_in_cache(connection: &mut Connection, changes: &ChangeSet) -> Result<(), StoreError> {
    // "Immediate" takes the write lock before the first read, so that nothing read here can be outdated. Dropping
    // the transaction rolls it back.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    migrate::refuse_newer(&transaction)?;
    write(&transaction, changes)?;
    // References are checked here, as a record may name one that comes later. A transaction that fails to commit
    // for a missing one is still open.
    match transaction.execute_batch("COMMIT") {
        Ok(()) => Ok(()),
        Err(error) if is_missing_reference(&error) => {
            let reference = first_missing_reference(&transaction, changes)?;
            Err(StoreError::MissingReference { reference })
        }
        Err(error) => Err(failed(error)),
    }
}

/// Writes everything there is to write.
fn write(connection: &Connection, changes: &ChangeSet) -> Result<(), StoreError> {
    let mut writer = Writer::new(connection);
    let (mut incomplete, mut new_words) = (Vec::new(), Vec::new());
    for change in &changes.changes {
        let (record, row, renamed) = match change {
            Change::Insert(record) => (record, insert(&mut writer, record)?, true),
            Change::Update(record) => {
                let (row, renamed) = update(&mut writer, record)?;
                (record, row, renamed)
            }
            Change::Expect(record, version) => {
                expect(connection, record, *version)?;
                continue;
            }
            Change::RestoreEvent(event) => {
                events::restore(connection, event)?;
                continue;
            }
            _ => return Err(Unsupported("kind of change").into()),
        };
        if !row.is_complete() {
            incomplete.push(record);
        }
        if renamed {
            new_words.extend(row.into_words());
        }
    }
    // What a record repeats of another one that came after it in the change set is there now.
    for record in incomplete {
        StoredRow::of(record, &mut writer)?.refresh(&mut writer, record.version())?;
    }
    words::index(new_words, &mut writer)?;
    events::append(connection, &changes.events)?;
    Ok(())
}

/// Adds the record, and gives its row.
fn insert<'a>(writer: &mut Writer<'_>, record: &'a Record) -> Result<StoredRow<'a>, StoreError> {
    let row = StoredRow::of(record, writer)?;
    row.insert(writer).map_err(|error| same_record(writer.connection, record).unwrap_or(error))?;
    put_parts(writer.connection, record)?;
    Ok(row)
}

/// Where an insert failed because the very record is there already, that is what is told, whatever else it repeats.
fn same_record(connection: &Connection, record: &Record) -> Option<StoreError> {
    let id = record.record_id();
    version_of(connection, &id).ok()??;
    // Of a partner the id itself is what its users know as unique.
    let unique = if matches!(id, RecordId::Partner(_)) { Unique::PartnerId } else { Unique::RecordId };
    Some(StoreError::Duplicate { unique })
}

/// Puts the record in place of its predecessor, and gives its row and whether it is to be found by other words now.
fn update<'a>(writer: &mut Writer<'_>, record: &'a Record) -> Result<(StoredRow<'a>, bool), StoreError> {
    let row = StoredRow::of(record, writer)?;
    let required = Version::new(record.version().number().saturating_sub(1));
    let updated = row.update(writer, required)?;
    let renamed = updated.map_err(|found| conflict(&record.record_id(), required, found))?;
    put_parts(writer.connection, record)?;
    Ok((row, renamed))
}

fn expect(connection: &Connection, record: &RecordId, required: Version) -> Result<(), StoreError> {
    match version_of(connection, record)? {
        Some(found) if found == required => Ok(()),
        found => Err(conflict(record, required, found)),
    }
}

fn conflict(record: &RecordId, required: Version, found: Option<Version>) -> StoreError {
    StoreError::Conflict { record: record.to_string(), required, found }
}

/// Writes what of a record is kept in a table of its own.
fn put_parts(connection: &Connection, record: &Record) -> Result<(), StoreError> {
    match record {
        Record::PartnerCertificate(certificate) => certificates::put_path(connection, certificate),
        _ => Ok(()),
    }
}

fn first_missing_reference(connection: &Connection, changes: &ChangeSet) -> Result<String, StoreError> {
    for change in &changes.changes {
        if let Change::Insert(record) | Change::Update(record) = change
            && let Some(missing) = missing_reference(connection, record)?
        {
            return Ok(missing);
        }
    }
    Ok("unknown".to_owned())
}
