//! SQLite's write-ahead log, read to count commits: <https://sqlite.org/fileformat2.html#walformat>.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// How many transactions `work` commits to the database file. Each is flushed once, as the store has
/// `synchronous=FULL`.
///
/// # Errors
/// The work fails, or the log cannot be read.
pub(super) fn commits(database: &Path, work: impl FnOnce() -> Result<()>) -> Result<u64> {
    empty(database)?;
    work()?;
    let log = log_of(database);
    let bytes = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
    count(&bytes)
}

/// Moves what the log holds into the database, so that it begins anew.
fn empty(database: &Path) -> Result<()> {
    let busy: i64 =
        Connection::open(database)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    ensure!(busy == 0, "the log of {} is in use", database.display());
    Ok(())
}

fn log_of(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-wal");
    name.into()
}

/// The frames that end a transaction: they hold the size of the database after it, all others 0.
fn count(log: &[u8]) -> Result<u64> {
    let Some((header, frames)) = log.split_at_checked(HEADER) else { return Ok(0) };
    let page = number(&header[8..]) as usize;
    ensure!(page.is_power_of_two(), "a page size is needed, found {page}");
    let salts = &header[16..24];
    let mut commits = 0;
    for frame in frames.chunks_exact(FRAME_HEADER + page) {
        // Frames with other salts are left over from before the log began anew.
        if &frame[8..16] != salts {
            break;
        }
        commits += u64::from(number(&frame[4..]) != 0);
    }
    Ok(commits)
}

/// The number in the first four bytes, the highest first.
fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_counted_and_not_statements() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("database");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        let work = || {
            for _ in 0..3 {
                connection
                    .execute_batch("BEGIN; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); COMMIT")?;
            }
            Ok(connection.execute_batch("INSERT INTO t VALUES (3)")?)
        };
        assert_eq!(commits(&path, work).unwrap(), 4);
        assert_eq!(commits(&path, || Ok(())).unwrap(), 0);
    }
}
