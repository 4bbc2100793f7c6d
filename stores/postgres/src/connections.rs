//! A pool: connections are made when they are needed, up to a number, and used again and again.
//!
//! Why there is no library for this: `docs/adr/0008-postgres-client.md`.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use misp_onboarding::store::StoreError;

use crate::connect::Endpoint;
use crate::connection::Connection;

/// A connection that was idle for longer proves that it works before it is used: firewalls forget it, servers restart.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);
/// A connection is replaced after this time, so that a server behind a changed address is found.
const LIFETIME: Duration = Duration::from_secs(1_800);
/// How often a commit is tried that others get in the way of.
const ATTEMPTS: u32 = 10;
/// The first wait between two attempts; each further one is longer by this.
const PAUSE: Duration = Duration::from_millis(2);

/// Why no connection was to be had; the source of a [`StoreError::Unavailable`].
#[derive(Debug, thiserror::Error)]
#[error("a free connection within {waited:?} is needed, found all {connections} in use")]
struct AllInUse {
    waited: Duration,
    connections: usize,
}

pub(crate) struct Connections {
    endpoint: Endpoint,
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    idle: Vec<Connection>,
    /// Idle or in use.
    open: usize,
    /// Threads that wait for one. To wake nobody is a system call all the same, after each use of a connection.
    waiting: usize,
}

impl Connections {
    pub(crate) fn new(endpoint: Endpoint, most: usize) -> Self {
        let state = Mutex::new(State { idle: Vec::new(), open: 0, waiting: 0 });
        Self { endpoint, most, state, changed: Condvar::new() }
    }

    /// Reads; once more over another connection where the first turns out to be broken.
    pub(crate) fn read<T>(
        &self,
        read: impl Fn(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let once = |connection: &mut Connection| (read(connection), connection.is_lost());
        match self.with(once)? {
            (Err(_), true) => self.with(&read)?,
            (result, _) => result,
        }
    }

    /// Writes in a transaction, again where another transaction was in the way or the connection broke before the
    /// commit was sent. Once it was sent, and no answer came, it is never repeated.
    pub(crate) fn write<T>(
        &self,
        write: impl Fn(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut attempt = 1;
        loop {
            let (result, again) =
                self.with(|connection| (connection.transaction(&write), connection.may_do_again()))?;
            if result.is_ok() || !again || attempt == ATTEMPTS {
                return result;
            }
            thread::sleep(PAUSE * attempt);
            attempt += 1;
        }
    }

    /// Runs `work` with a connection that is believed to work.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> Result<T, StoreError> {
        let (mut connection, place) = self.take()?;
        connection.begin();
        let result = work(&mut connection);
        place.give_back(connection);
        Ok(result)
    }

    fn take(&self) -> Result<(Connection, Place<'_>), StoreError> {
        let deadline = Instant::now() + self.endpoint.patience();
        let mut state = self.lock();
        loop {
            if let Some(mut connection) = state.idle.pop() {
                drop(state);
                let place = Place::of(self);
                if is_good(&mut connection) {
                    return Ok((connection, place));
                }
                drop((connection, place));
                state = self.lock();
            } else if state.open < self.most {
                state.open += 1;
                drop(state);
                let place = Place::of(self);
                return Ok((self.endpoint.connect()?, place));
            } else {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    let error = AllInUse { waited: self.endpoint.patience(), connections: self.most };
                    return Err(StoreError::unavailable(error));
                }
                state.waiting += 1;
                state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                state.waiting -= 1;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_good(connection: &mut Connection) -> bool {
    let now = Instant::now();
    if now.duration_since(connection.opened()) > LIFETIME {
        return false;
    }
    if connection.doubtful || now.duration_since(connection.used) > TRUSTED_IDLE {
        connection.doubtful = !connection.is_alive();
    }
    !connection.doubtful
}

/// The right to one connection in use. Dropping it, also when a panic unwinds, makes room for a new connection, or lets
/// others have the one that was given back.
struct Place<'a> {
    connections: &'a Connections,
    given_back: Option<Connection>,
}

impl<'a> Place<'a> {
    fn of(connections: &'a Connections) -> Self {
        Self { connections, given_back: None }
    }

    fn give_back(mut self, mut connection: Connection) {
        if connection.is_reusable() {
            connection.used = Instant::now();
            self.given_back = Some(connection);
        } else if connection.is_lost() {
            // Most likely the server restarted, and the others are broken too.
            self.connections.lock().idle.iter_mut().for_each(|connection| connection.doubtful = true);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        match self.given_back.take() {
            Some(connection) => state.idle.push(connection),
            None => state.open -= 1,
        }
        let somebody_waits = state.waiting > 0;
        drop(state);
        if somebody_waits {
            self.connections.changed.notify_one();
        }
    }
}
