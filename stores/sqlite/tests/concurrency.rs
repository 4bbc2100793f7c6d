//! Threads, and stores of several processes on one file.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::env;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::id::Version;
use misp_onboarding::store::{
    ChangeSet, EventRepository, LicenseKeyRepository, PartnerRepository, RecordId, Store, StoreError,
};
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::conformance::samples::{self, Successor};
use tempfile::tempdir;

/// Moves the partner's version until it has done so `times` times, deciding again after each lost race.
fn move_partner(store: &SqliteStore, times: u32) {
    let id = samples::partner_id("acme");
    let mut done = 0;
    while done < times {
        let partner = store.partner(&id).unwrap().unwrap().next();
        let mut event = samples::event(EventKind::PartnerUpdated, RecordId::Partner(id.clone()));
        event.version = partner.version;
        match store.commit(ChangeSet::new().update(partner).event(event)) {
            Ok(()) => done += 1,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn assert_no_update_was_lost(store: &SqliteStore, updates: u32) {
    let partner = store.partner(&samples::partner_id("acme")).unwrap().unwrap();
    assert_eq!(partner.version, Version::new(1 + updates));
    let events = store.events_after(EventSequence::START, u32::MAX).unwrap();
    let versions: Vec<u32> = events.iter().map(|event| event.event.version.number()).collect();
    assert_eq!(versions, (2..=1 + updates).collect::<Vec<_>>());
}

#[test]
fn two_stores_on_one_file_lose_no_update() {
    const EACH: u32 = 60;
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let stores = [SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap()];
    stores[0].commit(ChangeSet::new().insert(samples::partner("acme"))).unwrap();
    let start = Barrier::new(2);
    thread::scope(|scope| {
        for store in &stores {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                move_partner(store, EACH);
            });
        }
    });
    assert_no_update_was_lost(&stores[1], 2 * EACH);
}

/// The file that a child process works on.
const CHILD_STORE: &str = "MISP_ONBOARDING_TEST_STORE";
const EACH_CHILD: u32 = 30;

/// Does nothing but in the processes that other tests start: these end without closing the file.
#[test]
fn as_a_child_process() {
    if let Ok(path) = env::var(CHILD_STORE) {
        let store = SqliteStore::open(path).unwrap();
        move_partner(&store, EACH_CHILD);
        std::process::exit(3);
    }
}

#[test]
fn several_processes_on_one_file_lose_no_update_and_no_commit_when_they_end() {
    const CHILDREN: u32 = 3;
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    store.commit(ChangeSet::new().insert(samples::partner("acme"))).unwrap();
    drop(store);
    let child = || {
        Command::new(env::current_exe().unwrap())
            .args(["--exact", "as_a_child_process", "--quiet"])
            .env(CHILD_STORE, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..CHILDREN).map(|_| child()).collect();
    for mut child in children {
        assert!(!child.wait().unwrap().success());
    }
    assert_no_update_was_lost(&SqliteStore::open(&path).unwrap(), CHILDREN * EACH_CHILD);
}

#[test]
fn of_two_inserts_of_one_name_one_wins() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let stores = [SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap()];
    for round in 0..20 {
        let start = Barrier::new(2);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0u32..)
                .zip(&stores)
                .map(|(number, store)| {
                    let start = &start;
                    let group = samples::policy_group(round * 2 + number, &format!("Group {round}"));
                    scope.spawn(move || {
                        start.wait();
                        store.commit(ChangeSet::new().insert(group))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let lost = outcomes.iter().find_map(|outcome| outcome.as_ref().err()).unwrap();
        assert!(matches!(lost, StoreError::Duplicate { .. }), "{lost:?}");
    }
}

#[test]
fn more_threads_than_readers_read_while_one_writes() {
    const THREADS: usize = 24;
    let folder = tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("s.sqlite")).unwrap();
    store.commit(ChangeSet::new().insert(samples::partner("acme"))).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = HashSet::new();
                    while !done.load(Ordering::Relaxed) {
                        for number in 0..40 {
                            let found = store.find_by_digest(&samples::digest(number)).unwrap();
                            // What was found once stays.
                            assert!(found.is_some() || !seen.contains(&number));
                            seen.extend(found.map(|_| number));
                        }
                    }
                })
            })
            .collect();
        for number in 0..40 {
            store.commit(ChangeSet::new().insert(samples::license_key(number, "acme"))).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

#[test]
fn a_reader_of_events_misses_none_while_two_stores_commit() {
    const EACH: u32 = 60;
    let folder = tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    let stores = [SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap()];
    let read = thread::scope(|scope| {
        for (number, store) in (0u32..).zip(&stores) {
            scope.spawn(move || {
                for event in 0..EACH {
                    let mut told = samples::event(
                        EventKind::PartnerUpdated,
                        RecordId::Partner(samples::partner_id("acme")),
                    );
                    told.version = Version::new(number * EACH + event);
                    store.commit(ChangeSet::new().event(told)).unwrap();
                }
            });
        }
        let reader = scope.spawn(|| {
            let (mut place, mut versions) = (EventSequence::START, Vec::new());
            while versions.len() < 2 * EACH as usize {
                for event in stores[0].events_after(place, 3).unwrap() {
                    assert!(event.sequence > place);
                    place = event.sequence;
                    versions.push(event.event.version.number());
                }
            }
            versions
        });
        reader.join().unwrap()
    });
    let all: HashSet<u32> = read.iter().copied().collect();
    assert_eq!(all, (0..2 * EACH).collect());
}
