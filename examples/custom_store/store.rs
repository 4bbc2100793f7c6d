//! The journal: what is written to it, and what is read back.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{RwLock, RwLockReadGuard};

use misp_onboarding::store::{ChangeSet, MemoryStore, Store, StoreError};

/// A store in one file, for one process at a time. It is as fast as memory to read, and a commit costs one write to the
/// disk; it must fit into memory, and opening it takes the longer the more has ever been committed.
///
/// The file has a line for each commit: the change set as JSON. A commit stands once its line is on the disk, line
/// break included, so a line without one is of a commit that nobody was told of.
#[derive(Debug)]
pub(crate) struct JournalStore {
    // Who reads waits while a commit is written: nobody sees what might not be there after a crash.
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    records: MemoryStore,
    journal: File,
    /// A line could not be written, so memory knows of a commit that the file may not have.
    torn: bool,
}

impl JournalStore {
    /// Opens the store in this file and makes the file where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut journal = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(StoreError::unavailable)?;
        // Two processes would each miss what the other commits. The lock goes with the process.
        journal.try_lock().map_err(StoreError::unavailable)?;
        let mut content = Vec::new();
        journal.read_to_end(&mut content).map_err(StoreError::unavailable)?;
        let whole = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);

        let records = MemoryStore::new();
        for (number, line) in content[..whole].split_inclusive(|byte| *byte == b'\n').enumerate() {
            let corrupt = |found: String| StoreError::Corrupt { what: format!("line {}", number + 1), found };
            let changes: ChangeSet =
                serde_json::from_slice(line).map_err(|error| corrupt(error.to_string()))?;
            records.commit(&changes).map_err(|error| corrupt(error.to_string()))?;
        }

        if whole < content.len() {
            journal.set_len(whole as u64).map_err(StoreError::unavailable)?;
        }
        // Not even the file's name is on the disk before its folder is.
        journal.sync_all().map_err(StoreError::unavailable)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::unavailable)?;
        }
        Ok(Self { state: RwLock::new(State { records, journal, torn: false }) })
    }

    /// Asks the records something.
    pub(crate) fn read<T>(
        &self,
        question: impl FnOnce(&MemoryStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let state: RwLockReadGuard<'_, State> = self.state.read().map_err(|_| torn())?;
        if state.torn { Err(torn()) } else { question(&state.records) }
    }

    pub(crate) fn write(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(changes).map_err(StoreError::backend)?;
        line.push(b'\n');
        let mut state = self.state.write().map_err(|_| torn())?;
        if state.torn {
            return Err(torn());
        }
        // Versions, unique values and references are the memory store's to check; where it refuses, nothing is written.
        state.records.commit(changes)?;
        let written = state.journal.write_all(&line).and_then(|()| state.journal.sync_data());
        written.map_err(|error| {
            state.torn = true;
            StoreError::backend(error)
        })
    }
}

fn torn() -> StoreError {
    StoreError::unavailable("a commit was not written to the end; open the store again")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use misp_onboarding::event::EventSequence;
    use misp_onboarding::store::{EventRepository, PartnerRepository};
    use misp_onboarding_testkit::scenario::Scenario;

    use super::*;

    #[test]
    fn everything_is_there_again_after_opening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let store = Arc::new(JournalStore::open(&path).unwrap());
        let s = Scenario::new(store.clone());
        let (bank, policy) = s.ready_partner_with_policy("bank");
        let key = s.license_key_for(&bank, policy, "production").key;
        let events = store.events_after(EventSequence::START, 1_000).unwrap();
        drop((s, store));

        let reopened = Arc::new(JournalStore::open(&path).unwrap());
        assert_eq!(reopened.events_after(EventSequence::START, 1_000).unwrap(), events);
        let s = Scenario::new(reopened);
        assert_eq!(s.onboarding.authenticate(key.reveal()).unwrap().unwrap().partner, bank);
        assert!(!fs::read_to_string(&path).unwrap().contains(key.reveal()), "the file holds a key");
    }

    #[test]
    fn a_commit_that_was_cut_off_is_as_if_it_had_not_been() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let s = Scenario::new(Arc::new(JournalStore::open(&path).unwrap()));
        let first = s.partner("first");
        let whole = fs::read(&path).unwrap();
        let second = s.partner("second");
        drop(s);
        let all = fs::read(&path).unwrap();

        for cut in whole.len()..all.len() {
            fs::write(&path, &all[..cut]).unwrap();
            let store = JournalStore::open(&path).unwrap();
            assert!(store.partner(&first).unwrap().is_some(), "cut at {cut}");
            assert_eq!(store.partner(&second).unwrap(), None, "cut at {cut}");
            assert_eq!(fs::read(&path).unwrap(), whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_that_is_no_commit_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        Scenario::new(Arc::new(JournalStore::open(&path).unwrap())).partner("bank");
        let mut content = fs::read_to_string(&path).unwrap();
        content.push_str("{\"changes\": 7}\n");
        fs::write(&path, content).unwrap();
        let error = JournalStore::open(&path).unwrap_err();
        assert!(matches!(&error, StoreError::Corrupt { what, .. } if what == "line 2"), "{error}");
    }

    #[test]
    fn a_second_process_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let store = JournalStore::open(&path).unwrap();
        assert!(matches!(JournalStore::open(&path), Err(StoreError::Unavailable(_))));
        drop(store);
        assert!(JournalStore::open(&path).is_ok());
    }

    #[test]
    fn after_a_failed_write_nothing_is_answered_from_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let store = Arc::new(JournalStore::open(&path).unwrap());
        let s = Scenario::new(store.clone());
        let first = s.partner("first");
        // A handle that cannot be written to stands for a disk that is full.
        store.state.write().unwrap().journal = File::open(&path).unwrap();
        assert!(s.onboarding.create_partner(&s.admin, &s.new_partner("second")).is_err());
        assert!(matches!(store.partner(&first), Err(StoreError::Unavailable(_))));
        assert!(s.onboarding.create_partner(&s.admin, &s.new_partner("third")).is_err());
        drop((s, store));

        let reopened = JournalStore::open(&path).unwrap();
        assert!(reopened.partner(&first).unwrap().is_some());
        assert_eq!(reopened.partner(&"second".parse().unwrap()).unwrap(), None);
    }
}
