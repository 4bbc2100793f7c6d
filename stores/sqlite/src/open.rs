//! Opening a file: is it ours, which version is it, and how is it accessed.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use misp_onboarding::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::failed;
use crate::{SqliteOptions, migrate};

/// Statements kept prepared on each connection: the fixed ones, and the lists in use.
const PREPARED_STATEMENTS: usize = 96;
/// How long to wait before asking again for what SQLite does not wait for by itself.
const RETRY_AFTER: Duration = Duration::from_millis(5);

/// Why a file cannot be a store; the source of a [`StoreError::Backend`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is no SQLite database.
    #[error("an SQLite database is needed, found another kind of file")]
    NotSqlite,
    /// The file is an SQLite database that this crate did not make.
    #[error(
        "a database of misp-onboarding or an empty one is needed, found one with application id {application_id}"
    )]
    ForeignDatabase {
        /// What the database says whose it is; 0 where it does not say.
        application_id: i32,
    },
    /// SQLite cannot keep a write-ahead log there.
    #[error("a file with a write-ahead log is needed, found journal mode {journal_mode}")]
    NoWriteAheadLog {
        /// The journal mode that SQLite uses instead.
        journal_mode: String,
    },
}

impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        Self::backend(error)
    }
}

/// Opens the connection that writes, after bringing the schema up to date.
pub(crate) fn writer(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let mut connection = connect(path, options, OpenFlags::SQLITE_OPEN_CREATE)?;
    let version = migrate::version(&mut connection)?;
    write_ahead_log(&connection, options.busy_timeout)?;
    if version < migrate::SCHEMA_VERSION {
        migrate::upgrade(&mut connection)?;
    }
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    Ok(connection)
}

/// Opens a connection that reads.
pub(crate) fn reader(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let connection = connect(path, options, OpenFlags::empty())?;
    connection.pragma_update(None, "query_only", true).map_err(failed)?;
    Ok(connection)
}

/// Makes an empty database in memory.
pub(crate) fn in_memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory().map_err(failed)?;
    prepare(&connection, &SqliteOptions::default())?;
    migrate::upgrade(&mut connection)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    Ok(connection)
}

fn connect(path: &Path, options: &SqliteOptions, flags: OpenFlags) -> Result<Connection, StoreError> {
    // Each connection is behind a lock of its own, so SQLite needs none. The path is a path and never a URI.
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    prepare(&connection, options)?;
    Ok(connection)
}

fn prepare(connection: &Connection, options: &SqliteOptions) -> Result<(), StoreError> {
    connection.busy_timeout(options.busy_timeout).map_err(failed)?;
    set_cache(connection, options.cache_kib())?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    // Plans must not depend on the values bound. Otherwise SQLite considers whether a value matches the condition of
    // a partial index, and prepares the statement anew each time its values have been cleared: 50 us a lookup.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    Ok(())
}

/// Sets how much of the file the connection keeps in memory; what it keeps beyond that is let go.
pub(crate) fn set_cache(connection: &Connection, kib: usize) -> Result<(), StoreError> {
    // A negative number counts KiB rather than pages.
    let size = i64::try_from(kib).map_or(i64::MIN, |kib| -kib);
    connection.pragma_update(None, "cache_size", size).map_err(failed)
}

/// Switches the file to a write-ahead log. While another connection does the same SQLite answers "busy" at once,
/// whatever the timeout, because both hold what the other one needs.
fn write_ahead_log(connection: &Connection, timeout: Duration) -> Result<(), StoreError> {
    let started = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(journal_mode) => return Err(OpenError::NoWriteAheadLog { journal_mode }.into()),
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && started.elapsed() < timeout =>
            {
                sleep(RETRY_AFTER);
            }
            Err(error) => return Err(failed(error)),
        }
    }
}
