//! A [`Store`] in one SQLite file: the embedded default of `misp-onboarding`.
//!
//! ```
//! use misp_onboarding::store::{ChangeSet, PartnerRepository, Store};
//! use misp_onboarding_sqlite::SqliteStore;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let store = SqliteStore::open(folder.path().join("onboarding.sqlite"))?;
//! store.commit(&ChangeSet::new())?;
//! assert_eq!(store.partner(&"Bank-1".parse()?)?, None);
//! # Ok(())
//! # }
//! ```
//!
//! # What can be relied on
//!
//! * [`commit`](Store::commit) is one transaction and one write to stable storage (WAL, `synchronous=FULL`): when it
//!   has returned, the change survives a power cut; before, or after an error, nothing of it is there.
//! * Many threads read at the same time, also while one writes. One commit runs at a time.
//! * Several processes of one machine may have the file open. A writer waits for another one up to
//!   [`SqliteOptions::busy_timeout`], then the answer is [`StoreError::Unavailable`]. Network file systems do not
//!   keep SQLite's locks and are not supported.
//! * The file can be read with any SQLite tool; `migrations/` of this crate holds the commented schema. Beside it
//!   lie `-wal` and `-shm` files, which belong to it: copy the file with `sqlite3 FILE ".backup COPY"`.
//! * The file holds the partners' contact data in the clear, and of license keys digests only. Who may read it is a
//!   matter of the folder's permissions.
//!
//! # What lists cost
//!
//! A page of license keys costs the same among a million as among a thousand, by each filter and in each order, but for:
//! a part of a name that between a hundredth and a ten-thousandth of the keys have, or that only keys far from the start
//! of the order have; two filters that are each met by many keys and together by few; a partner's keys in another order
//! than that of creation, which are all looked at. Such a page costs time in proportion to the keys that the narrowest
//! filter lets through; so does every count.
//!
//! # Loading many keys
//!
//! Each commit is written to stable storage once, and each of its keys moves into a dozen indexes. So large change sets
//! load several times as many keys a second as small ones do: import as many keys a call as can be. While a large one is
//! applied the writing connection's cache grows to what it changes, 16 KiB for each record and 512 MiB at most, whatever
//! [`SqliteOptions::cache_mib`] says.
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod certificates;
mod commit;
mod connections;
mod error;
mod events;
mod license_keys;
mod migrate;
mod open;
mod partners;
#[cfg(test)]
mod plans;
mod policies;
mod policy_links;
mod query;
mod row;
#[cfg(test)]
mod ways;
mod words;
mod write;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use misp_onboarding::store::{ChangeSet, Store, StoreError};
use rusqlite::Connection;

use connections::Connections;
/// Not for hosts: what authentication is measured against.
#[doc(hidden)]
pub use license_keys::FIND_BY_DIGEST;
pub use migrate::SCHEMA_VERSION;
pub use open::OpenError;

/// How long an operation waits for another writer where the host does not say.
const DEFAULT_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections for reading where the host does not say: enough to keep the processors of a usual machine busy.
const DEFAULT_READERS: usize = 8;
/// What each connection keeps of the file where the host does not say, in MiB.
const DEFAULT_CACHE_MIB: u16 = 16;
/// More connections than this only cost memory and file handles.
const MAX_READERS: usize = 256;
/// SQLite counts milliseconds in 31 bits; nobody waits longer than an hour.
const MAX_BUSY_TIMEOUT: Duration = Duration::from_secs(3_600);

/// How a [`SqliteStore`] is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    busy_timeout: Duration,
    readers: usize,
    cache_mib: u16,
}

impl Default for SqliteOptions {
    /// Waits 5 seconds for another writer; reads over up to 8 connections, each with a cache of 16 MiB.
    fn default() -> Self {
        Self { busy_timeout: DEFAULT_BUSY_TIMEOUT, readers: DEFAULT_READERS, cache_mib: DEFAULT_CACHE_MIB }
    }
}

impl SqliteOptions {
    /// The same with another time to wait for a writer of another process, at most an hour; then the operation
    /// fails with [`StoreError::Unavailable`].
    #[must_use]
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout.min(MAX_BUSY_TIMEOUT);
        self
    }

    /// The same with another number of reads that can run at the same time, 1 to 256. Each takes a connection (some
    /// file handles and a few megabytes), opened when it is first needed.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.clamp(1, MAX_READERS);
        self
    }

    /// The same with another limit to what each connection keeps of the file in memory, in MiB (1,048,576 bytes).
    /// With 200,000 license keys a cache of 256 MiB makes finding one three times as fast, as long as nothing is
    /// committed: a commit empties the caches.
    #[must_use]
    pub fn cache_mib(mut self, mib: u16) -> Self {
        self.cache_mib = mib;
        self
    }

    fn cache_kib(&self) -> usize {
        usize::from(self.cache_mib) * 1_024
    }
}

/// A store in an SQLite file.
///
/// Open it once and share it between threads; see the [crate's page](crate) for what can be relied on.
pub struct SqliteStore {
    /// None for a store in memory.
    path: Option<PathBuf>,
    connections: Connections,
    cache_kib: usize,
}

impl SqliteStore {
    /// Opens the store in this file with the default options; makes the file, or brings it up to date, as needed.
    /// Several processes may do so at the same time.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path, &SqliteOptions::default())
    }

    /// Opens the store in this file; makes the file, or brings it up to date, as needed. Several processes may do so
    /// at the same time.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`] when a later version of this crate made the file;
    /// [`StoreError::Backend`] with an [`OpenError`] as its source when the file is no SQLite database, belongs to
    /// another program, or lies where SQLite cannot keep a write-ahead log;
    /// [`StoreError::Unavailable`] when it cannot be opened, or another process kept it locked for too long. A file
    /// that was refused is left as it was.
    pub fn open_with(path: impl AsRef<Path>, options: &SqliteOptions) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let writer = open::writer(path, options)?;
        let connections = Connections::new(writer, path.to_owned(), options.clone());
        Ok(Self { path: Some(path.to_owned()), connections, cache_kib: options.cache_kib() })
    }

    /// Opens an empty store that lives in memory until it is dropped: for tests. It has one connection, which one
    /// thread uses at a time.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when SQLite has no memory for it.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        let connections = Connections::single(open::in_memory()?);
        Ok(Self { path: None, connections, cache_kib: SqliteOptions::default().cache_kib() })
    }

    fn read<T>(&self, read: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.connections.read(read)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store for SqliteStore {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.connections.write(|connection| commit::apply(connection, changes, self.cache_kib))
    }
}
