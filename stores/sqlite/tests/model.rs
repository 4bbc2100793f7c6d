//! Random commands do on an SQLite file what they do in memory, and what the model says.
#![allow(clippy::unwrap_used)]

use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::conformance::Guarded;
use misp_onboarding_testkit::model::Comparison;

#[test]
fn random_commands_do_on_a_file_what_they_do_in_memory() {
    let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.regressions");
    Comparison { cases: 100, regressions: Some(regressions) }.run(|| {
        let folder = tempfile::tempdir().unwrap();
        Guarded::new(SqliteStore::open(folder.path().join("onboarding.db")).unwrap(), folder)
    });
}
