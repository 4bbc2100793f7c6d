//! A reader who goes on from the last event it got misses none, although transactions commit in another order than
//! they began in.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::id::Version;
use misp_onboarding::store::{ChangeSet, EventRepository, RecordId, Store};
use misp_onboarding_testkit::conformance::samples;
use support::{Schema, tool};

/// What a table with a number from a sequence does, which is what most event tables are.
#[test]
fn a_naive_cursor_loses_what_commits_late() {
    let schema = Schema::new();
    let _store = schema.store();
    let (mut early, mut late, mut reader) = (tool(&schema), tool(&schema), tool(&schema));
    reader.batch_execute("CREATE TABLE naive (id BIGSERIAL PRIMARY KEY, told TEXT NOT NULL)").unwrap();
    let mut first = early.transaction().unwrap();
    first.execute("INSERT INTO naive (told) VALUES ('first')", &[]).unwrap();
    let mut second = late.transaction().unwrap();
    second.execute("INSERT INTO naive (told) VALUES ('second')", &[]).unwrap();
    second.commit().unwrap();
    let mut cursor = 0i64;
    let mut followed: Vec<String> = Vec::new();
    let mut follow = |cursor: &mut i64| {
        for row in reader.query("SELECT id, told FROM naive WHERE id > $1 ORDER BY id", &[cursor]).unwrap() {
            *cursor = row.get(0);
            followed.push(row.get(1));
        }
    };
    follow(&mut cursor);
    first.commit().unwrap();
    follow(&mut cursor);
    // "first" is in the table, and this reader will never get it.
    assert_eq!(followed, ["second"]);
}

/// The same two transactions on the store's own tables: the second one waits for the first.
#[test]
fn a_commit_waits_for_the_one_that_took_its_numbers_before() {
    let schema = Schema::new();
    let store = schema.store();
    let mut slow = tool(&schema);
    let mut first = slow.transaction().unwrap();
    let row = first.query_one("UPDATE event_counter SET last = last + 1 RETURNING last", &[]).unwrap();
    let number: i64 = row.get(0);
    let sql = "INSERT INTO events (sequence, at, actor, kind, subject_kind, subject_id, version, facts) \
               VALUES ($1, 0, 'somebody', 'partner.created', 'partner', 'first', 1, '{}')";
    first.execute(sql, &[&number]).unwrap();
    thread::scope(|scope| {
        let second = scope.spawn(|| store.commit(ChangeSet::new().event(event(2))).unwrap());
        thread::sleep(Duration::from_millis(200));
        assert!(!second.is_finished());
        assert_eq!(store.events_after(EventSequence::START, 9).unwrap(), []);
        first.commit().unwrap();
    });
    let events = store.events_after(EventSequence::START, 9).unwrap();
    let numbers: Vec<u64> = events.iter().map(|event| event.sequence.number()).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(events[0].event.subject.id(), "first");
}

#[test]
fn a_follower_gets_every_number_of_eight_writers_in_order_and_without_a_gap() {
    const WRITERS: u32 = 8;
    const EACH: u32 = 50;
    let schema = Schema::new();
    // A store of its own for each, as processes would have.
    let stores: Vec<_> = (0..WRITERS).map(|_| schema.store()).collect();
    let follower = schema.store();
    let (start, running) = (Barrier::new(WRITERS as usize), AtomicUsize::new(WRITERS as usize));
    let followed = thread::scope(|scope| {
        for (writer, store) in (0u32..).zip(&stores) {
            let (start, running) = (&start, &running);
            scope.spawn(move || {
                start.wait();
                for number in 0..EACH {
                    // Some tell of more than one thing, so that commits take different times.
                    let mut changes = ChangeSet::new();
                    for part in 0..=number % 3 {
                        changes.event(event(writer * 1_000 + number * 3 + part));
                    }
                    store.commit(&changes).unwrap();
                }
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
        let (mut place, mut followed) = (EventSequence::START, Vec::new());
        loop {
            // Asked before reading: what was committed until now is then read.
            let done = running.load(Ordering::SeqCst) == 0;
            let events = follower.events_after(place, 5).unwrap();
            match events.last() {
                Some(last) => place = last.sequence,
                None if done => return followed,
                None => {}
            }
            followed.extend(events);
        }
    });
    let numbers: Vec<u64> = followed.iter().map(|event| event.sequence.number()).collect();
    let each: u32 = (0..EACH).map(|number| 1 + number % 3).sum();
    assert_eq!(numbers, (1..=u64::from(WRITERS * each)).collect::<Vec<_>>());
    let told: HashSet<u32> = followed.iter().map(|event| event.event.version.number()).collect();
    assert_eq!(told.len(), numbers.len(), "no event came twice");
}

#[test]
fn more_events_than_a_statement_takes_keep_their_order() {
    const EVENTS: u32 = 250;
    let schema = Schema::new();
    let store = schema.store();
    let mut changes = ChangeSet::new();
    for number in 0..EVENTS {
        changes.event(event(number));
    }
    store.commit(&changes).unwrap();
    let events = store.events_after(EventSequence::START, 1_000).unwrap();
    let told: Vec<u32> = events.iter().map(|event| event.event.version.number()).collect();
    assert_eq!(told, (0..EVENTS).collect::<Vec<_>>());
}

fn event(version: u32) -> misp_onboarding::event::NewEvent {
    let subject = RecordId::Partner(samples::partner_id("acme"));
    let mut event = samples::event(EventKind::PartnerUpdated, subject);
    event.version = Version::new(version);
    event
}
