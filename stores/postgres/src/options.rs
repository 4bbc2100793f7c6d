//! How a store is connected.

use std::fmt;
use std::time::Duration;

/// Connections where the host does not say: enough to keep the processors of a usual machine busy.
const DEFAULT_CONNECTIONS: usize = 8;
/// More connections than this belong into a server-side pool.
const MAX_CONNECTIONS: usize = 1_000;
/// How long to wait for a connection where the host does not say.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a statement may take where the host does not say.
const DEFAULT_STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// Timeouts are brought into this range: PostgreSQL counts milliseconds, and takes 0 for "never".
const TIMEOUTS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_secs(86_400));
/// The schema where the host does not say.
const DEFAULT_SCHEMA: &str = "misp_onboarding";

/// How a [`PostgresStore`](crate::PostgresStore) is connected.
#[derive(Clone)]
pub struct PostgresOptions {
    pub(crate) schema: String,
    pub(crate) connections: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) tls: Tls,
    pub(crate) replica: Option<String>,
    pub(crate) authenticate_on_replica: bool,
}

impl Default for PostgresOptions {
    /// Schema `misp_onboarding`, up to 8 connections, 5 seconds to connect, 30 seconds for a statement, no TLS, no
    /// replica.
    fn default() -> Self {
        Self {
            schema: DEFAULT_SCHEMA.to_owned(),
            connections: DEFAULT_CONNECTIONS,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            statement_timeout: DEFAULT_STATEMENT_TIMEOUT,
            tls: Tls::Off,
            replica: None,
            authenticate_on_replica: false,
        }
    }
}

impl PostgresOptions {
    /// The same with the tables in another schema of the database, by its name of 1 to 63 bytes. It is made when it
    /// is not there. Stores in different schemas know nothing of each other.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = name.into();
        self
    }

    /// The same with another number of connections that may be open at the same time, 1 to 1,000, to each server.
    /// They are opened when they are needed; a call that finds all in use waits as long as for a new one.
    #[must_use]
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.clamp(1, MAX_CONNECTIONS);
        self
    }

    /// The same with another time to wait for a connection, from looking up the server's name to having logged in, a
    /// millisecond to a day; then the call fails with [`StoreError::Unavailable`](misp_onboarding::store::StoreError).
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.clamp(TIMEOUTS.0, TIMEOUTS.1);
        self
    }

    /// The same with another time that the server may spend on one statement, waiting for locks included, a
    /// millisecond to a day; then the call fails with
    /// [`StoreError::Unavailable`](misp_onboarding::store::StoreError) and nothing was changed. A transaction whose
    /// program stops in its middle is ended by the server after the same time.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout.clamp(TIMEOUTS.0, TIMEOUTS.1);
        self
    }

    /// The same with connections encrypted, or not.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// The same with lists, counts and events read from a streaming replica, by its URL. They may then lag behind:
    /// what was just committed may not be listed yet. Commits, and every read that a command decides on, go to the
    /// primary.
    ///
    /// A URL may name several servers (`postgres://replica,primary/db`); the first that answers is taken.
    #[must_use]
    pub fn replica(mut self, url: impl Into<String>) -> Self {
        self.replica = Some(url.into());
        self
    }

    /// The same with presented license keys looked up on the replica too, where there is one. A key that was
    /// deactivated is then accepted, and one that was just generated refused, for as long as the replica lags
    /// behind. Not for a host that imports license keys: an import looks for keys that are there already in the same
    /// way, and fails with a conflict while the replica lags behind.
    #[must_use]
    pub fn authenticate_on_replica(mut self, authenticate: bool) -> Self {
        self.authenticate_on_replica = authenticate;
        self
    }
}

impl fmt::Debug for PostgresOptions {
    /// Leaves out the replica's URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("schema", &self.schema)
            .field("connections", &self.connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("tls", &self.tls)
            .field("replica", &self.replica.is_some())
            .field("authenticate_on_replica", &self.authenticate_on_replica)
            .finish()
    }
}

/// Whether connections are encrypted.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// They are not. A URL with `sslmode=require` is then refused.
    #[default]
    Off,
    /// They are, always, whatever the URL says: TLS 1.2 or 1.3, to a server whose certificate is good for the URL's
    /// host name or address and leads to one of these root certificates, in PEM. The operating system's are usually
    /// in `/etc/ssl/certs/ca-certificates.crt`.
    Required {
        /// One or more certificates, one after the other.
        roots: Vec<u8>,
    },
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::Required { .. } => "Required",
        })
    }
}
