//! A [`Store`] on PostgreSQL 13 or newer: for hosts that run on more than one process or machine.
//!
//! ```no_run
//! use misp_onboarding::store::{ChangeSet, PartnerRepository, Store};
//! use misp_onboarding_postgres::{PostgresOptions, PostgresStore};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = std::env::var("DATABASE_URL")?;
//! let store = PostgresStore::connect(&url, &PostgresOptions::default())?;
//! store.commit(&ChangeSet::new())?;
//! assert_eq!(store.partner(&"Bank-1".parse()?)?, None);
//! # Ok(())
//! # }
//! ```
//!
//! # What can be relied on
//!
//! * [`commit`](Store::commit) is one transaction: when it has returned, the change is on stable storage, as far as the
//!   server's `fsync` and replication settings go (`synchronous_commit=off` is overruled); after an error nothing of it
//!   is there. One exception: when the connection breaks while the server commits, nobody knows, and the answer is
//!   [`StoreError::Unavailable`]. The store never repeats such a commit by itself; doing it again is answered with a
//!   conflict or a duplicate where it was there after all.
//! * Any number of threads, processes and machines may read and commit at the same time. Deadlocks and serialization
//!   failures are tried again, 10 times at most; then the answer is [`StoreError::Unavailable`].
//! * [`events_after`](misp_onboarding::store::EventRepository::events_after) misses no event, whatever commits at the
//!   same time. The price is that commits with events end one after the other: `docs/adr/0009`.
//! * A server that restarts is found again. A connection that broke is dropped, and what was read over it is read once
//!   more over another one.
//! * A call ends within [`PostgresOptions::connect_timeout`] and, for each statement,
//!   [`PostgresOptions::statement_timeout`], which the server keeps. A server or network that goes silent while a
//!   statement runs is noticed by the operating system, after about a minute or the statement timeout.
//!
//! # What the server needs
//!
//! * A role that may create the schema, or owns an empty one; later versions of this crate alter its tables. Once the
//!   tables are there, a role that can read and write them is enough.
//! * UTF-8 as the database's encoding.
//! * Sessions: the store sets `search_path`, timeouts and prepared statements once per connection. A pooler between
//!   must not hand one session to several clients ("transaction pooling").
//! * Optionally the extension `pg_trgm` (Debian's `postgresql` package has it), which the store creates where it may.
//!   With it, filters for a part of a name are answered from an index; see `optional/trigrams.sql` of this crate.
//!   Parts of a license key's name that are too short for that have an index without an extension,
//!   `optional/short_parts.sql`.
//!
//! # What lists cost
//!
//! A page of license keys costs the same among a million as among a thousand, by each filter and in each order, but for:
//! a part of a name that fewer than a hundredth of the keys have, or that only keys far from the start of the order have;
//! two filters that are each met by many keys and together by few; a partner's keys in another order than that of
//! creation, which are all looked at; without `pg_trgm`, any part of a name that few have. Such a page costs time in
//! proportion to the keys that the narrowest filter lets through; so does every count. After loading many rows run
//! `ANALYZE`, or let autovacuum do it: the server chooses its plans by what it knows of the tables.
//!
//! # Databases that speak PostgreSQL
//!
//! The tables and statements are plain SQL: no triggers, no functions, no sequences, no listening. Only these are
//! PostgreSQL's own: the indexes of parts of names, which are left out where they cannot be made; `COLLATE "C"`; row
//! locks in a common table expression (`FOR UPDATE`, `FOR SHARE`); `idle_in_transaction_session_timeout`; and
//! constraints that are checked at the end of the transaction. Tested is PostgreSQL itself.
//!
//! # Async hosts
//!
//! The calls block, and the driver runs a small event loop of its own inside each. Call the store from a blocking task
//! (`spawn_blocking`), never from a thread that runs async tasks: the driver panics there.
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod certificates;
mod commit;
mod connect;
mod connection;
mod connections;
mod copies;
mod error;
mod events;
mod license_keys;
mod migrate;
mod options;
mod partners;
#[cfg(test)]
mod plans;
mod policies;
mod policy_links;
mod query;
mod row;
mod tls;
mod value;
mod write;

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use misp_onboarding::store::{ChangeSet, Store, StoreError};

pub use connect::ConnectError;
use connect::{Endpoint, quoted};
use connection::Connection;
use connections::Connections;
/// Not for hosts: what authentication is measured against.
#[doc(hidden)]
pub use license_keys::FIND_BY_DIGEST;
pub use migrate::SCHEMA_VERSION;
pub use options::{PostgresOptions, Tls};

/// How long to wait before asking a replica again whether it has caught up.
const REPLICA_PAUSE: Duration = Duration::from_millis(20);

/// A store in a schema of a PostgreSQL database.
///
/// Connect once and share it between threads; see the [crate's page](crate) for what can be relied on.
pub struct PostgresStore {
    schema: String,
    primary: Connections,
    replica: Option<Connections>,
    authenticate_on_replica: bool,
}

impl PostgresStore {
    /// Connects to the database at this URL; makes the tables, or brings them up to date, as needed. Several processes
    /// may do so at the same time.
    ///
    /// The URL is that of libpq (`postgres://user:password@host:5432/database`, or `host=... user=...`). With several
    /// hosts and `target_session_attrs=read-write` the one that is the primary is found, also after a replica was
    /// promoted.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`] when a later version of this crate made the tables;
    /// [`StoreError::Unavailable`] with a [`ConnectError`] as its source when no server answers in time, or it refuses
    /// the login; [`StoreError::Backend`] with a [`ConnectError`] as its source when URL, schema name or certificates
    /// do not read, and with the server's error when it does not let the tables be made.
    pub fn connect(url: &str, options: &PostgresOptions) -> Result<Self, StoreError> {
        let schema = options.schema.clone();
        let primary = Connections::new(Endpoint::new(url, options)?, options.connections);
        let found = primary.with(|connection| migrate::version(connection, &schema))??;
        if found < SCHEMA_VERSION {
            let name = quoted(&schema)?;
            primary.write(|connection| migrate::upgrade(connection, &schema, &name))?;
        }
        let replica = match &options.replica {
            None => None,
            Some(url) => {
                let replica = Connections::new(Endpoint::new(url, options)?, options.connections);
                wait_for(&replica, &schema, options.connect_timeout)?;
                Some(replica)
            }
        };
        let authenticate_on_replica = options.authenticate_on_replica;
        Ok(Self { schema, primary, replica, authenticate_on_replica })
    }

    /// Reads what a command may decide on.
    fn read<T>(&self, read: impl Fn(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.primary.read(read)
    }

    /// Reads what is only shown.
    fn list<T>(&self, read: impl Fn(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.replica.as_ref().unwrap_or(&self.primary).read(read)
    }

    /// Reads what a presented license key is judged by.
    fn authenticate<T>(
        &self,
        read: impl Fn(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.authenticate_on_replica { self.list(read) } else { self.read(read) }
    }
}

/// Waits until the replica has the tables that the primary has.
fn wait_for(replica: &Connections, schema: &str, patience: Duration) -> Result<(), StoreError> {
    let started = Instant::now();
    loop {
        let found = replica.read(|connection| migrate::version(connection, schema))?;
        if found == SCHEMA_VERSION {
            return Ok(());
        }
        if started.elapsed() >= patience {
            return Err(ConnectError::ReplicaBehind { required: SCHEMA_VERSION, found }.into());
        }
        thread::sleep(REPLICA_PAUSE);
    }
}

impl fmt::Debug for PostgresStore {
    /// Leaves out the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let commit = commit::Commit::new(changes)?;
        self.primary.write(|connection| commit.apply(connection))
    }
}
