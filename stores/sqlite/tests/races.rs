//! Commands that race on one SQLite file, each through a handle of its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use misp_onboarding::store::Store;
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::races::{Track, follow_events_while_writing};

#[test]
fn of_two_commands_that_cannot_both_have_their_way_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("onboarding.db");
    let open = || -> Arc<dyn Store> { Arc::new(SqliteStore::open(&file).unwrap()) };
    Track::new(open(), open()).run_all(200);
}

#[test]
fn a_follower_of_the_events_misses_none_while_others_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.path().join("onboarding.db")).unwrap());
    follow_events_while_writing(&store, 4, 100);
}
