//! What the tests share: the server they run on, and a schema for each.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test program uses a part")]

use std::env;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use misp_onboarding_postgres::{PostgresOptions, PostgresStore};
use misp_onboarding_testkit::conformance::Guarded;
use postgres::{Client, NoTls};

/// The server that the tests run on.
pub fn url() -> String {
    env::var("DATABASE_URL").unwrap_or_else(|_| {
        panic!(
            "these tests need a PostgreSQL server: run `cargo xtask test --only postgres`, which starts one, or set \
             DATABASE_URL"
        )
    })
}

/// A connection that a host's own tool could have, to the same tables.
pub fn tool(schema: &Schema) -> Client {
    let mut client = Client::connect(&url(), NoTls).unwrap();
    client.batch_execute(&format!("SET search_path TO \"{}\"", schema.name)).unwrap();
    client
}

/// A schema of a test's own, dropped with all that is in it.
pub struct Schema {
    pub name: String,
}

impl Schema {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let schema = Self::named(format!("test_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        schema.remove();
        schema
    }

    pub fn named(name: impl Into<String>) -> Self {
        // Without a server the test ends here, before there is anything to drop.
        url();
        Self { name: name.into() }
    }

    pub fn options(&self) -> PostgresOptions {
        PostgresOptions::default().schema(&self.name)
    }

    pub fn store(&self) -> PostgresStore {
        PostgresStore::connect(&url(), &self.options()).unwrap()
    }

    fn remove(&self) {
        let name = self.name.replace('"', "\"\"");
        let mut client = Client::connect(&url(), NoTls).unwrap();
        client.batch_execute(&format!("DROP SCHEMA IF EXISTS \"{name}\" CASCADE")).unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.remove();
    }
}

/// An empty store, and the schema that goes with it.
pub fn guarded() -> Guarded<PostgresStore, Schema> {
    let schema = Schema::new();
    Guarded::new(schema.store(), schema)
}
