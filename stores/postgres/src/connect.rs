//! Making a connection: where to, as whom, and how the session is set up.

use std::error::Error;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use misp_onboarding::store::StoreError;
use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};

use crate::connection::Connection;
use crate::tls::Rustls;
use crate::{PostgresOptions, Tls};

/// PostgreSQL cuts longer names off.
const MAX_SCHEMA_BYTES: usize = 63;
/// A server that vanished is noticed after about this time.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_PROBES: u32 = 3;

/// Why there is no connection: the source of a [`StoreError::Unavailable`] where it may come back, else of a
/// [`StoreError::Backend`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL does not read.
    #[error("a URL such as postgres://user@host/database is needed, found one that does not read")]
    Url(#[source] Box<dyn Error + Send + Sync>),
    /// No schema can have that name.
    #[error("a schema name of 1 to 63 bytes without U+0000 is needed, found one of {found_bytes} bytes")]
    SchemaName {
        /// The length of the name.
        found_bytes: usize,
    },
    /// A root certificate does not read.
    #[error("root certificates in PEM are needed, found one that does not read")]
    RootCertificate(#[source] Box<dyn Error + Send + Sync>),
    /// TLS is required, and no server can be trusted.
    #[error("at least one root certificate in PEM is needed, found none")]
    NoRootCertificate,
    /// The URL asks for TLS, the options do not.
    #[error("root certificates are needed for a URL that requires TLS, found none")]
    TlsWithoutRoots,
    /// The server cannot be reached, or refused the connection.
    #[error("a connection to PostgreSQL at {servers} is needed, found none")]
    Refused {
        /// The servers of the URL, by host and port.
        servers: String,
        /// Why not.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server did not answer in time.
    #[error("a connection to PostgreSQL at {servers} within {timeout:?} is needed, found no answer")]
    TimedOut {
        /// The servers of the URL, by host and port.
        servers: String,
        /// The time waited.
        timeout: Duration,
    },
    /// The replica does not have the tables yet, or not yet in this version.
    #[error("a replica with schema version {required} is needed, found version {found}")]
    ReplicaBehind {
        /// The version of the primary.
        required: u32,
        /// The version of the replica, 0 where it has no tables.
        found: u32,
    },
}

impl From<ConnectError> for StoreError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Refused { .. }
            | ConnectError::TimedOut { .. }
            | ConnectError::ReplicaBehind { .. } => Self::unavailable(error),
            _ => Self::backend(error),
        }
    }
}

/// A server, or several of which one is taken, and how to talk to it.
pub(crate) struct Endpoint {
    config: Config,
    tls: Option<Rustls>,
    session: String,
    timeout: Duration,
}

impl Endpoint {
    pub(crate) fn new(url: &str, options: &PostgresOptions) -> Result<Self, ConnectError> {
        let mut config: Config =
            url.parse().map_err(|error: postgres::Error| ConnectError::Url(error.into()))?;
        let tls = match &options.tls {
            Tls::Off if config.get_ssl_mode() == SslMode::Require => {
                return Err(ConnectError::TlsWithoutRoots);
            }
            Tls::Off => None,
            Tls::Required { roots } => Some(Rustls::trusting(roots)?),
        };
        config
            .ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable })
            .connect_timeout(options.connect_timeout)
            .tcp_user_timeout(options.statement_timeout.max(KEEPALIVE_IDLE))
            .keepalives(true)
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_PROBES);
        if config.get_application_name().is_none() {
            config.application_name("misp-onboarding");
        }
        let session = session(&quoted(&options.schema)?, options.statement_timeout);
        Ok(Self { config, tls, session, timeout: options.connect_timeout })
    }

    /// How long to wait for a connection.
    pub(crate) fn patience(&self) -> Duration {
        self.timeout
    }

    /// Connects, logs in and sets up the session.
    pub(crate) fn connect(&self) -> Result<Connection, StoreError> {
        let client = self.client()?;
        let mut connection = Connection::new(client);
        connection.batch(&self.session)?;
        Ok(connection)
    }

    /// The driver's own timeout covers no more than reaching the server. A thread of its own covers looking up its
    /// name, TLS and the login too.
    fn client(&self) -> Result<Client, ConnectError> {
        let (sender, receiver) = channel();
        let (config, tls) = (self.config.clone(), self.tls.clone());
        let refused =
            |source: Box<dyn Error + Send + Sync>| ConnectError::Refused { servers: self.servers(), source };
        let connect = move || {
            let connected = match tls {
                None => config.connect(NoTls),
                Some(tls) => config.connect(tls),
            };
            // Nobody listens any more when it took too long.
            let _ = sender.send(connected);
        };
        let spawned = thread::Builder::new().name("postgres-connect".to_owned()).spawn(connect);
        spawned.map_err(|error| refused(error.into()))?;
        match receiver.recv_timeout(self.timeout) {
            Ok(connected) => connected.map_err(|error| refused(error.into())),
            Err(RecvTimeoutError::Timeout) => {
                Err(ConnectError::TimedOut { servers: self.servers(), timeout: self.timeout })
            }
            Err(RecvTimeoutError::Disconnected) => Err(refused("connecting panicked".into())),
        }
    }

    fn servers(&self) -> String {
        let ports = self.config.get_ports();
        let servers = self.config.get_hosts().iter().enumerate().map(|(index, host)| {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5_432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                #[cfg(unix)]
                Host::Unix(path) => format!("{} port {port}", path.display()),
            }
        });
        servers.collect::<Vec<_>>().join(", ")
    }
}

/// The name as SQL takes it, whatever characters it is made of.
pub(crate) fn quoted(schema: &str) -> Result<String, ConnectError> {
    if schema.is_empty() || schema.len() > MAX_SCHEMA_BYTES || schema.contains('\0') {
        return Err(ConnectError::SchemaName { found_bytes: schema.len() });
    }
    Ok(format!("\"{}\"", schema.replace('"', "\"\"")))
}

/// What each session begins with. Settings that only PostgreSQL knows are set where they are known.
fn session(schema: &str, timeout: Duration) -> String {
    let millis = timeout.as_millis();
    format!(
        "SET search_path TO {schema}; SET statement_timeout TO {millis}; \
         SET idle_in_transaction_session_timeout TO {millis}; \
         SELECT set_config(name, 'on', false) FROM pg_settings \
         WHERE name IN ('synchronous_commit', 'standard_conforming_strings') AND setting = 'off'; \
         SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'jit'"
    )
}
