//! The engine on a store: how it is opened, and what it is given.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::onboarding::{self as core, OnboardingBuilder};
use misp_onboarding::store::{MemoryStore, Store as CoreStore};
use misp_onboarding_postgres::{PostgresOptions, PostgresStore, Tls};
use misp_onboarding_sqlite::SqliteStore;

use super::{Answer, Onboarding};
use crate::convert::Mirror;
use crate::error::OnboardingError;
use crate::license_key::read_pepper;
use crate::rules::Rules;
use crate::store::{HostStore, Store};

/// Where the engine takes the present instant from, if not from the operating system's clock.
#[uniffi::export(with_foreign)]
pub trait Clock: Send + Sync {
    /// The present instant. Must not throw.
    fn now(&self) -> Timestamp;
}

struct HostClock(Arc<dyn Clock>);

impl misp_onboarding::Clock for HostClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

#[uniffi::export]
impl Onboarding {
    /// The engine on a store of the host's.
    ///
    /// `pepper` is a secret of at least 32 bytes that license key digests are made under; keys made without it, or
    /// under another, are unknown then.
    #[uniffi::constructor(default(clock = None, pepper = None, rules))]
    pub fn new(
        store: Arc<dyn Store>,
        rules: Rules,
        clock: Option<Arc<dyn Clock>>,
        pepper: Option<Vec<u8>>,
    ) -> Answer<Self> {
        on(Arc::new(HostStore(store)), rules, clock, pepper)
    }

    /// The engine on a new in-memory store, which forgets everything when it is closed.
    #[uniffi::constructor(default(clock = None, pepper = None, rules))]
    pub fn in_memory(rules: Rules, clock: Option<Arc<dyn Clock>>, pepper: Option<Vec<u8>>) -> Answer<Self> {
        on(Arc::new(MemoryStore::new()), rules, clock, pepper)
    }

    /// The engine on the store at a URL. The store is made, or brought up to date, as needed.
    ///
    /// * `sqlite:///data.db` is a file relative to the working directory, `sqlite:////srv/data.db` an absolute one,
    ///   `sqlite://` a database in memory.
    /// * `postgresql://user:password@host:5432/database` is a server. For it alone: `schema` is where the tables are
    ///   (null: `misp_onboarding`), `connections` how many may be open at the same time, 1 to 1,000 (null: 8),
    ///   `tlsRoots` one or more root certificates in PEM: connections are encrypted then, to a server whose certificate
    ///   leads to one of them.
    #[uniffi::constructor(default(
        clock = None,
        pepper = None,
        schema = None,
        connections = None,
        tls_roots = None,
        rules
    ))]
    pub fn open(
        url: String,
        rules: Rules,
        clock: Option<Arc<dyn Clock>>,
        pepper: Option<Vec<u8>>,
        schema: Option<String>,
        connections: Option<i32>,
        tls_roots: Option<Vec<u8>>,
    ) -> Answer<Self> {
        on(open_store(&url, schema, connections, tls_roots)?, rules, clock, pepper)
    }
}

fn on(
    store: Arc<dyn CoreStore>,
    rules: Rules,
    clock: Option<Arc<dyn Clock>>,
    pepper: Option<Vec<u8>>,
) -> Answer<Onboarding> {
    let mut builder: OnboardingBuilder = core::Onboarding::builder(store).rules(rules.try_into()?);
    if let Some(clock) = clock {
        builder = builder.clock(Arc::new(HostClock(clock)));
    }
    if let Some(secret) = pepper {
        builder = builder.pepper(&read_pepper(secret)?);
    }
    Ok(Onboarding(builder.build()?))
}

/// Opens the store at a URL. The URL itself may hold a password, so no error shows it.
fn open_store(
    url: &str,
    schema: Option<String>,
    connections: Option<i32>,
    tls_roots: Option<Vec<u8>>,
) -> Answer<Arc<dyn CoreStore>> {
    if url.starts_with("postgresql://") || url.starts_with("postgres://") {
        let mut options = PostgresOptions::default();
        if let Some(schema) = schema {
            options = options.schema(schema);
        }
        if let Some(connections) = connections {
            options = options.connections(Mirror::of(connections));
        }
        if let Some(roots) = tls_roots {
            options = options.tls(Tls::Required { roots });
        }
        return Ok(Arc::new(PostgresStore::connect(url, &options)?));
    }
    if schema.is_some() || connections.is_some() || tls_roots.is_some() {
        return Err(OnboardingError::argument(
            "Store",
            "a postgresql URL for schema, connections and tlsRoots needed, found another",
        ));
    }
    match url.strip_prefix("sqlite://") {
        Some("") => Ok(Arc::new(SqliteStore::open_in_memory()?)),
        Some(path) if path.starts_with('/') => Ok(Arc::new(SqliteStore::open(&path[1..])?)),
        _ => Err(OnboardingError::argument(
            "Store",
            "sqlite:///file, sqlite:// or postgresql://host/database needed, found another URL",
        )),
    }
}
