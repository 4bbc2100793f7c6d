//! Commits that other transactions get in the way of are done again, within a bound.
#![allow(clippy::unwrap_used)]

mod support;

use std::thread;
use std::time::Duration;

use misp_onboarding::store::{ChangeSet, PartnerRepository, Store, StoreError};
use misp_onboarding_testkit::conformance::samples;
use misp_onboarding_testkit::conformance::samples::Successor;
use support::{Schema, tool};

/// Lets the first `failures` inserts of a partner fail with an error code, and gives how the commit of one went, how often
/// it was tried and whether the partner is there. A sequence goes on counting when a transaction is taken back.
fn commit_against(failures: u32, code: &str) -> (Result<(), StoreError>, i64, bool) {
    let schema = Schema::new();
    let store = schema.store();
    let mut tool = tool(&schema);
    tool.batch_execute(&format!(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION get_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('tries') <= {failures} THEN
                 RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER in_the_way BEFORE INSERT ON partners FOR EACH ROW EXECUTE FUNCTION get_in_the_way();"
    ))
    .unwrap();
    let partner = samples::partner("one");
    let id = partner.id.clone();
    let answer = store.commit(ChangeSet::new().insert(partner));
    let tries = tool.query_one("SELECT last_value FROM tries", &[]).unwrap().get(0);
    (answer, tries, store.partner(&id).unwrap().is_some())
}

#[test]
fn a_deadlock_or_a_serialization_failure_is_tried_again_and_the_tenth_time_is_the_last() {
    for code in ["40001", "40P01"] {
        let (answer, tries, is_there) = commit_against(9, code);
        assert!(answer.is_ok() && is_there, "{code}: {answer:?}");
        assert_eq!(tries, 10, "{code}");

        let (answer, tries, is_there) = commit_against(10, code);
        assert!(matches!(answer, Err(StoreError::Unavailable(_))) && !is_there, "{code}: {answer:?}");
        assert_eq!(tries, 10, "{code}");
    }
}

#[test]
fn what_no_other_transaction_is_to_blame_for_is_tried_once() {
    // A check that is violated, and a disk that is full: neither is another transaction's doing.
    for code in ["23514", "53100"] {
        let (answer, tries, is_there) = commit_against(1, code);
        assert!(answer.is_err() && !is_there, "{code}: {answer:?}");
        assert_eq!(tries, 1, "{code}");
    }
}

/// The commit holds the first partner and waits for the second, a tool the other way round. The server ends whichever it
/// finds first, nearly always the one that waited first, which is the commit.
#[test]
fn a_commit_that_a_real_deadlock_ended_is_done_again() {
    let schema = Schema::new();
    let store = schema.store();
    let (mut first, mut second) = (samples::partner("one"), samples::partner("two"));
    store.commit(ChangeSet::new().insert(first.clone()).insert(second.clone())).unwrap();
    let (mut blocker, mut watcher) = (tool(&schema), tool(&schema));
    let mut commit_was_ended = false;
    for _ in 0..10 {
        (first, second) = (first.next(), second.next());
        let mut blocking = blocker.transaction().unwrap();
        blocking.execute("SELECT id FROM partners WHERE id = 'two' FOR UPDATE", &[]).unwrap();
        let pid: i32 = blocking.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
        commit_was_ended = thread::scope(|scope| {
            let commit =
                scope.spawn(|| store.commit(ChangeSet::new().update(first.clone()).update(second.clone())));
            let waits = "SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))";
            while watcher.query_one(waits, &[&pid]).unwrap().get::<_, i64>(0) == 0 {
                thread::sleep(Duration::from_millis(5));
            }
            let free = "SELECT id FROM partners WHERE id = 'one' FOR UPDATE SKIP LOCKED";
            assert!(watcher.query(free, &[]).unwrap().is_empty(), "the commit must hold the first partner");
            // The commit holds this row until it is ended: whoever gets it here has won the deadlock.
            let won = blocking.execute("SELECT id FROM partners WHERE id = 'one' FOR UPDATE", &[]).is_ok();
            blocking.rollback().unwrap();
            commit.join().unwrap().unwrap();
            won
        });
        assert_eq!(store.partner(&first.id).unwrap().unwrap(), first);
        assert_eq!(store.partner(&second.id).unwrap().unwrap(), second);
        if commit_was_ended {
            break;
        }
    }
    assert!(commit_was_ended, "the server ended the tool each time");
}
