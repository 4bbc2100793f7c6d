//! The SQLite store.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use misp_onboarding::store::Store;
use misp_onboarding_sqlite::{FIND_BY_DIGEST, SqliteStore};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::authenticate::{self, Presented};
use super::generate::{self, Generating};
use super::population::{NOW, Population};
use super::subject::Subject;
use super::{Run, bulk, cache, lists, wal};
use crate::row::Row;

const NAME: &str = "SQLite";
/// At most this many times the bare lookup.
const AUTHENTICATE_BAR: f64 = 1.3;
/// What the store keeps of the file on each connection, in KiB.
const CACHE_KIB: i64 = 16 * 1_024;

/// Measures it.
///
/// # Errors
/// The store fails, or the folder cannot be written.
pub fn measure(run: &Run) -> Result<Vec<Row>> {
    let scratch = tempfile::Builder::new().prefix("sqlite-").tempdir_in(&run.folder)?;
    let mut rows = import(scratch.path(), run)?;
    let (small_file, large_file) = (file(run, run.small)?, file(run, run.large)?);
    let subject = |file: &Path, population| Subject::new(Arc::new(SqliteStore::open(file)?), population);
    let small = subject(&small_file, run.small)?;
    let large = subject(&large_file, run.large)?;
    for (subject, file) in [(&small, &small_file), (&large, &large_file)] {
        rows.push(authentication(subject, file, run)?);
    }
    rows.extend(lists::measure(NAME, &small, &large, run.effort)?);

    let (mut few, mut many) = (Generating::new(&small), Generating::new(&large));
    let bare = bare_commits(&scratch.path().join("bare.sqlite"))?;
    let mut commit =
        || bare.execute("INSERT INTO t VALUES (randomblob(200))", []).map(drop).map_err(Into::into);
    let bare = ("a bare commit of one row", &mut commit as _);
    rows.extend(generate::measure(NAME, (&mut few, &mut many), Some(bare), run.effort)?);
    rows.push(generate::commits(NAME, &mut many, |work| wal::commits(&large_file, work))?);
    drop((small, large));
    forget_measured(&small_file)?;
    forget_measured(&large_file)?;
    Ok(rows)
}

fn import(folder: &Path, run: &Run) -> Result<Vec<Row>> {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.join("import.sqlite"))?);
    run.large.write_parents(&store)?;
    bulk::import(NAME, &Subject::new(store, run.large)?)
}

/// The file with this population, made where it is not there yet.
fn file(run: &Run, population: Population) -> Result<PathBuf> {
    let name = format!("{}.sqlite", cache::name("sqlite", population)?);
    let path = run.folder.join(&name);
    if path.exists() {
        forget_measured(&path)?;
        return Ok(path);
    }
    let partial = run.folder.join(format!("{name}.partial"));
    for suffix in ["", "-wal", "-shm"] {
        let left_over = run.folder.join(format!("{name}.partial{suffix}"));
        if left_over.exists() {
            fs::remove_file(left_over)?;
        }
    }
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&partial)?);
    population.write(&store, &mut |keys| cache::progress(NAME, keys, population))?;
    drop(store);
    finish(&partial)?;
    fs::rename(&partial, &path)?;
    Ok(path)
}

/// Moves everything into the one file.
fn finish(path: &Path) -> Result<()> {
    let connection = Connection::open(path)?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    ensure!(busy == 0, "{} is in use", path.display());
    connection.close().map_err(|(_, error)| error).context("cannot close the database")
}

/// Takes away what was made while measuring, now or in a run that was cut short.
fn forget_measured(path: &Path) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute("DELETE FROM license_keys WHERE created_at >= ?1", [NOW.unix_micros()])?;
    connection.execute("DELETE FROM events WHERE at >= ?1", [NOW.unix_micros()])?;
    drop(connection);
    finish(path)
}

/// The same statement without us, on a connection of the same kind.
fn authentication(subject: &Subject, file: &Path, run: &Run) -> Result<Row> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let mut statement = connection.prepare(FIND_BY_DIGEST)?;
    let columns = statement.column_count();
    let mut bare = |key: Presented<'_>| {
        let mut rows = statement.query([&key.digest[..]])?;
        let row = rows.next()?.context("a key is missing")?;
        for column in 0..columns {
            black_box(row.get_ref(column)?);
        }
        Ok(())
    };
    let yardstick = ("the statement alone", &mut bare as _, Some(AUTHENTICATE_BAR));
    authenticate::beside(NAME, subject, run.effort, yardstick)
}

/// A database of its own that is as durable as the store.
fn bare_commits(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("CREATE TABLE t (bytes BLOB NOT NULL)")?;
    Ok(connection)
}
