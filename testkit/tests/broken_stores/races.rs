//! Stores that are broken only when several threads use them at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::store::{Change, ChangeSet, LicenseKeyRepository, Record, Store, StoreError, Unique};

use crate::{Flaw, all_caught, flaw};

pub(crate) const FLAWS: &[Flaw] = &[
    ShowsHalfACommit::FLAW,
    NumbersEventsTooEarly::FLAW,
    TellsEventsOfTwoCommitsMixed::FLAW,
    ChecksNamesBeforeItLocks::FLAW,
];

#[test]
fn broken_commits_at_once_are_caught() {
    all_caught(FLAWS);
}

flaw!(
    /// Whole in the end, but read while it is at it.
    ShowsHalfACommit,
    caught by [no_reader_sees_half_a_commit] {
        fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
            for change in &changes.changes {
                self.0.commit(&ChangeSet { changes: vec![change.clone()], events: Vec::new() })?;
                thread::sleep(Duration::from_micros(200));
            }
            self.0.commit(&ChangeSet { changes: Vec::new(), events: changes.events.clone() })
        }
    }
);

flaw!(
    /// As a database's sequence does: numbers are taken at once, rows are seen when their commit is done.
    NumbersEventsTooEarly remembering (AtomicU64, Mutex<Vec<Event>>),
    caught by [a_reader_of_events_misses_none_while_others_commit] {
        fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
            let (next, told) = &self.1;
            let first = next.fetch_add(changes.events.len() as u64, Ordering::Relaxed) + 1;
            thread::sleep(Duration::from_micros(500 * (first % 5)));
            let events = (first..).zip(&changes.events);
            told.lock().unwrap().extend(events.map(|(number, event)| Event {
                sequence: EventSequence::new(number),
                event: event.clone(),
            }));
            Ok(())
        }

        fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
            let mut events = self.1.1.lock().unwrap().clone();
            events.retain(|event| event.sequence > after);
            events.sort_by_key(|event| event.sequence);
            events.truncate(limit as usize);
            Ok(events)
        }
    }
);

flaw!(TellsEventsOfTwoCommitsMixed, caught by [a_reader_of_events_misses_none_while_others_commit] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        for event in &changes.events {
            self.0.commit(&ChangeSet { changes: Vec::new(), events: vec![event.clone()] })?;
            thread::sleep(Duration::from_micros(50));
        }
        Ok(())
    }
});

flaw!(
    /// Looks a name up, and writes without a constraint of its own.
    ChecksNamesBeforeItLocks,
    caught by [of_those_who_take_a_name_at_once_exactly_one_wins] {
        fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
            for change in &changes.changes {
                if let Change::Insert(Record::LicenseKey(key)) = change
                    && self.0.live_license_key_named(&key.partner, &key.name)?.is_some()
                {
                    return Err(StoreError::Duplicate { unique: Unique::LicenseKeyName });
                }
            }
            thread::sleep(Duration::from_micros(200));
            match self.0.commit(changes) {
                Err(StoreError::Duplicate { unique: Unique::LicenseKeyName }) => Ok(()),
                answer => answer,
            }
        }
    }
);
