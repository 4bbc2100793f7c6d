//! Commands that race, each through a store of its own.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use misp_onboarding::store::Store;
use misp_onboarding_testkit::races::{Track, follow_events_while_writing};
use support::Schema;

#[test]
fn of_two_commands_that_cannot_both_have_their_way_one_wins() {
    let schema = Schema::new();
    let store = || -> Arc<dyn Store> { Arc::new(schema.store()) };
    Track::new(store(), store()).run_all(100);
}

#[test]
fn a_follower_of_the_events_misses_none_while_others_commit() {
    let schema = Schema::new();
    let store: Arc<dyn Store> = Arc::new(schema.store());
    follow_events_while_writing(&store, 8, 50);
}
