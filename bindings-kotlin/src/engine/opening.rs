//! The engine on a store: how it is opened, and what it is given.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::onboarding::{self as core, OnboardingBuilder};
use misp_onboarding::store::{MemoryStore, Store as CoreStore};
use misp_onboarding_postgres::{PostgresOptions, PostgresStore};
use misp_onboarding_sqlite::SqliteStore;

use super::{Answer, Onboarding};
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

    /// The engine on the store at a URL. `sqlite:///data.db` is a file relative to the working directory,
    /// `sqlite:////srv/data.db` an absolute one, `sqlite://` a database in memory;
    /// `postgresql://user:password@host/database` is a server. The store is made, or brought up to date, as needed.
    #[uniffi::constructor(default(clock = None, pepper = None, rules))]
    pub fn open(
        url: String,
        rules: Rules,
        clock: Option<Arc<dyn Clock>>,
        pepper: Option<Vec<u8>>,
    ) -> Answer<Self> {
        on(open_store(&url)?, rules, clock, pepper)
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
fn open_store(url: &str) -> Answer<Arc<dyn CoreStore>> {
    if url.starts_with("postgresql://") || url.starts_with("postgres://") {
        return Ok(Arc::new(PostgresStore::connect(url, &PostgresOptions::default())?));
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
