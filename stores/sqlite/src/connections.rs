//! One connection that writes, and several that read.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use misp_onboarding::store::StoreError;
use rusqlite::Connection;

use crate::{SqliteOptions, open};

pub(crate) struct Connections {
    writer: Mutex<Connection>,
    readers: Option<Readers>,
}

struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    /// Each opened when it is first needed.
    slots: Box<[Mutex<Option<Connection>>]>,
}

impl Connections {
    pub(crate) fn new(writer: Connection, path: PathBuf, options: SqliteOptions) -> Self {
        let slots = (0..options.readers).map(|_| Mutex::new(None)).collect();
        Self { writer: Mutex::new(writer), readers: Some(Readers { path, options, slots }) }
    }

    /// One connection for everything: a database in memory belongs to its connection.
    pub(crate) fn single(connection: Connection) -> Self {
        Self { writer: Mutex::new(connection), readers: None }
    }

    pub(crate) fn write<T>(
        &self,
        write: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        write(&mut lock(&self.writer))
    }

    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Some(readers) = &self.readers else { return read(&mut lock(&self.writer)) };
        let mut slot = readers.slot();
        let connection = match &mut *slot {
            Some(connection) => connection,
            none => none.insert(open::reader(&readers.path, &readers.options)?),
        };
        read(connection)
    }
}

impl Readers {
    /// The slot this thread used before where it is free, else any other free one, else its own once it is free.
    fn slot(&self) -> MutexGuard<'_, Option<Connection>> {
        let own = thread_number() % self.slots.len();
        let (before, from) = self.slots.split_at(own);
        let free = from.iter().chain(before).find_map(|slot| match slot.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        free.unwrap_or_else(|| lock(&self.slots[own]))
    }
}

/// A panic while the lock was held leaves nothing half done: an open transaction was rolled back when it was dropped.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts threads, so that they spread over the slots and come back to the statements they prepared.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}
