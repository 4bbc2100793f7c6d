//! The races tell when a store lets two commands have their way.
#![allow(clippy::unwrap_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use misp_onboarding::id::Version;
use misp_onboarding::store::{Change, ChangeSet, MemoryStore, Record, Store, StoreError};
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::races::Track;

/// Takes a record as decided on whatever it has become meanwhile: the last one wins.
struct OverwritesPartners(MemoryStore);

impl Layer for OverwritesPartners {
    fn below(&self) -> &dyn Store {
        &self.0
    }

    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        // Time for the other one to decide too.
        thread::sleep(Duration::from_micros(200));
        let mut changes = changes.clone();
        loop {
            for change in &mut changes.changes {
                if let Change::Update(Record::Partner(partner)) = change {
                    let found =
                        self.below().partner(&partner.id)?.map_or(Version::FIRST, |found| found.version);
                    partner.version = found.next();
                }
            }
            match self.0.commit(&changes) {
                Err(StoreError::Conflict { record, .. }) if record.starts_with("partner ") => {}
                answer => return answer,
            }
        }
    }
}

/// Does not look at what a change set rests on.
struct ExpectsNothing(MemoryStore);

impl Layer for ExpectsNothing {
    fn below(&self) -> &dyn Store {
        &self.0
    }

    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        thread::sleep(Duration::from_micros(200));
        let mut changes = changes.clone();
        changes.changes.retain(|change| !matches!(change, Change::Expect(..)));
        self.0.commit(&changes)
    }
}

/// Whether some race on the store ends as it must not.
fn is_caught<L: Layer + 'static>(store: impl Fn() -> L) -> bool {
    (0..10).any(|_| {
        let store: Arc<dyn Store> = Arc::new(Layered(store()));
        catch_unwind(AssertUnwindSafe(|| Track::new(store.clone(), store).run_all(10))).is_err()
    })
}

#[test]
fn a_store_that_loses_updates_is_caught() {
    assert!(is_caught(|| OverwritesPartners(MemoryStore::new())));
}

#[test]
fn a_store_that_expects_nothing_is_caught() {
    assert!(is_caught(|| ExpectsNothing(MemoryStore::new())));
}

#[test]
fn a_sound_store_is_not() {
    struct Sound(MemoryStore);

    impl Layer for Sound {
        fn below(&self) -> &dyn Store {
            &self.0
        }
    }

    let store: Arc<dyn Store> = Arc::new(Layered(Sound(MemoryStore::new())));
    Track::new(store.clone(), store).run_all(10);
}
