//! Commands that race on the in-memory store.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use misp_onboarding::store::{MemoryStore, Store};
use misp_onboarding_testkit::races::{Track, follow_events_while_writing};

#[test]
fn of_two_commands_that_cannot_both_have_their_way_one_wins() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    Track::new(store.clone(), store).run_all(300);
}

#[test]
fn a_follower_of_the_events_misses_none_while_others_commit() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    follow_events_while_writing(&store, 4, 250);
}
