//! Everything moves into an SQLite file and out of it.
#![allow(clippy::unwrap_used)]

use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::conformance::Guarded;
use misp_onboarding_testkit::transfers;
use tempfile::TempDir;

fn empty() -> Guarded<SqliteStore, TempDir> {
    let folder = tempfile::tempdir().unwrap();
    Guarded::new(SqliteStore::open(folder.path().join("onboarding.db")).unwrap(), folder)
}

#[test]
fn a_file_comes_back_as_it_was() {
    transfers::a_file_comes_back_as_it_was(empty);
}

#[test]
fn a_broken_off_import_is_begun_again() {
    transfers::a_broken_off_import_is_begun_again(empty, 3);
}

#[test]
fn a_store_in_use_is_refused() {
    transfers::a_store_in_use_is_refused(empty);
}
