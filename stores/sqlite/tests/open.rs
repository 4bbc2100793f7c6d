//! Which files are opened, and which are refused and left as they were.
#![allow(clippy::unwrap_used)]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use misp_onboarding::store::{ChangeSet, PartnerRepository, Store, StoreError};
use misp_onboarding_sqlite::{OpenError, SCHEMA_VERSION, SqliteOptions, SqliteStore};
use misp_onboarding_testkit::conformance::samples;
use rusqlite::Connection;
use tempfile::tempdir;

fn insert(store: &SqliteStore, partner: &str) -> Result<(), StoreError> {
    store.commit(ChangeSet::new().insert(samples::partner(partner)))
}

fn open_error(path: &Path) -> String {
    let error = SqliteStore::open(path).unwrap_err();
    assert!(matches!(error, StoreError::Backend(_)), "{error:?}");
    let source = error.source().unwrap();
    assert!(source.downcast_ref::<OpenError>().is_some(), "{source:?}");
    source.to_string()
}

#[test]
fn what_was_committed_is_there_after_opening_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    for partner in ["one", "two"] {
        insert(&SqliteStore::open(&path).unwrap(), partner).unwrap();
    }
    let store = SqliteStore::open(&path).unwrap();
    for partner in ["one", "two"] {
        let found = store.partner(&samples::partner_id(partner)).unwrap();
        assert_eq!(found, Some(samples::partner(partner)));
    }
}

#[test]
fn the_file_says_whose_it_is_and_is_written_with_a_log_that_is_synchronized() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    insert(&store, "one").unwrap();
    let connection = Connection::open(&path).unwrap();
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("application_id"), 0x4D49_5350);
    assert_eq!(pragma("user_version"), i64::from(SCHEMA_VERSION));
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn many_may_open_a_new_file_at_once() {
    const OPENERS: usize = 8;
    for _ in 0..5 {
        let folder = tempdir().unwrap();
        let path = folder.path().join("s.sqlite");
        let start = Barrier::new(OPENERS);
        thread::scope(|scope| {
            for number in 0..OPENERS {
                let (start, path) = (&start, &path);
                scope.spawn(move || {
                    start.wait();
                    insert(&SqliteStore::open(path).unwrap(), &format!("p{number}")).unwrap();
                });
            }
        });
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.count_partners(&Default::default(), samples::NOW).unwrap(), OPENERS as u64);
    }
}

#[test]
fn once_a_newer_program_has_upgraded_the_open_file_commits_are_refused_and_reads_go_on() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    insert(&store, "one").unwrap();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    match insert(&store, "two") {
        Err(StoreError::SchemaTooNew { supported, found }) => {
            assert_eq!((supported, found), (SCHEMA_VERSION, SCHEMA_VERSION + 1));
        }
        other => panic!("{other:?}"),
    }
    let partner = |id| store.partner(&samples::partner_id(id)).unwrap();
    assert_eq!((partner("one").is_some(), partner("two")), (true, None));
    newer.pragma_update(None, "user_version", SCHEMA_VERSION).unwrap();
    insert(&store, "two").unwrap();
}

#[test]
fn a_file_of_a_later_version_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    match SqliteStore::open(&path) {
        Err(StoreError::SchemaTooNew { supported, found }) => {
            assert_eq!((supported, found), (SCHEMA_VERSION, SCHEMA_VERSION + 1));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for content in ["x".repeat(20), "x".repeat(5_000)] {
        fs::write(&path, &content).unwrap();
        assert_eq!(open_error(&path), "an SQLite database is needed, found another kind of file");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_left_as_it_was() {
    let folder = tempdir().unwrap();
    for (name, sql, found) in [
        ("without a mark", "CREATE TABLE t (x)", "application id 0"),
        ("with another mark", "CREATE TABLE t (x); PRAGMA application_id = 77", "application id 77"),
        ("with another mark, empty", "PRAGMA application_id = 77", "application id 77"),
        ("with a version", "PRAGMA user_version = 1", "application id 0"),
    ] {
        let path = folder.path().join(name);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = fs::read(&path).unwrap();
        let error = open_error(&path);
        assert!(error.ends_with(found), "{name}: {error}");
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    fs::write(&path, "").unwrap();
    insert(&SqliteStore::open(&path).unwrap(), "one").unwrap();
}

#[test]
fn a_path_is_a_path_and_neither_a_uri_nor_a_keyword() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file:s.sqlite?mode=memory");
    insert(&SqliteStore::open(&path).unwrap(), "one").unwrap();
    assert!(path.exists());
    let error = open_error(Path::new(":memory:"));
    assert_eq!(error, "a file with a write-ahead log is needed, found journal mode memory");
    assert!(SqliteStore::open("").is_err());
}

#[test]
fn a_folder_that_is_not_there_makes_the_store_unavailable() {
    let folder = tempdir().unwrap();
    let error = SqliteStore::open(folder.path().join("missing/s.sqlite")).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[test]
fn a_file_that_another_process_keeps_locked_makes_the_store_unavailable_in_time() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let options = SqliteOptions::default().busy_timeout(Duration::from_millis(50));
    let store = SqliteStore::open_with(&path, &options).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = insert(&store, "one").unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    // Reading goes on, and so does writing once the lock is gone.
    assert_eq!(store.partner(&samples::partner_id("one")).unwrap(), None);
    other.execute_batch("ROLLBACK").unwrap();
    insert(&store, "one").unwrap();
}

#[test]
fn extreme_options_are_brought_into_range() {
    let folder = tempdir().unwrap();
    for options in [
        SqliteOptions::default().readers(0).busy_timeout(Duration::ZERO),
        SqliteOptions::default().readers(usize::MAX).busy_timeout(Duration::MAX),
    ] {
        let store = SqliteStore::open_with(folder.path().join("s.sqlite"), &options).unwrap();
        assert_eq!(store.partner(&samples::partner_id("one")).unwrap(), None);
    }
}
