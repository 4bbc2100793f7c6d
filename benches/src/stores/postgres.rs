//! The PostgreSQL store.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, ensure};
use misp_onboarding::store::Store;
use misp_onboarding_postgres::{FIND_BY_DIGEST, PostgresOptions, PostgresStore};
use postgres::{Client, NoTls};

use super::authenticate::{self, Presented};
use super::generate::{self, Generating};
use super::population::{NOW, Population};
use super::subject::Subject;
use super::{Run, cache, concurrent, lists};
use crate::row::Row;

const NAME: &str = "PostgreSQL";
/// At most this many times the bare round trip.
const AUTHENTICATE_BAR: f64 = 1.15;
/// The schema for what belongs to no population.
const SCRATCH: &str = "bench_scratch";

/// Where the server is, and what measures it without us.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// The URL of a database that may be written to.
    pub url: &'a str,
    /// PostgreSQL's own program for measuring; none where it is not installed.
    pub pgbench: Option<&'a Path>,
}

/// Measures it.
///
/// # Errors
/// The store fails, or the server says no.
pub fn measure(server: Server<'_>, run: &Run) -> Result<Vec<Row>> {
    let mut client = Client::connect(server.url, NoTls)?;
    let schemas = [schema(&mut client, server, run.small)?, schema(&mut client, server, run.large)?];
    let subject = |schema: &str, population| Subject::new(store(server, schema)?, population);
    let (small, large) = (subject(&schemas[0], run.small)?, subject(&schemas[1], run.large)?);
    let mut rows = Vec::new();
    for (subject, schema) in [(&small, &schemas[0]), (&large, &schemas[1])] {
        rows.push(authentication(subject, server, schema, run)?);
    }
    rows.push(concurrent::measure(NAME, &large, server, &schemas[1], run.concurrent)?);
    rows.extend(lists::measure(NAME, &small, &large, run.effort)?);

    let (mut few, mut many) = (Generating::new(&small), Generating::new(&large));
    client.batch_execute(&format!(
        "SET synchronous_commit TO on; CREATE SCHEMA IF NOT EXISTS {SCRATCH}; \
         DROP TABLE IF EXISTS {SCRATCH}.t; CREATE TABLE {SCRATCH}.t (bytes BYTEA NOT NULL)"
    ))?;
    let insert = client.prepare(&format!("INSERT INTO {SCRATCH}.t VALUES ($1)"))?;
    let mut commit = || client.execute(&insert, &[&[7u8; 200].as_slice()]).map(drop).map_err(Into::into);
    let bare = ("a bare commit of one row", &mut commit as _);
    rows.extend(generate::measure(NAME, (&mut few, &mut many), Some(bare), run.effort)?);
    rows.push(generate::commits(NAME, &mut many, |work| commits(&mut client, work))?);
    schemas.iter().try_for_each(|schema| forget_measured(&mut client, schema))?;
    Ok(rows)
}

fn store(server: Server<'_>, schema: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(PostgresStore::connect(server.url, &PostgresOptions::default().schema(schema))?))
}

/// The schema with this population, made where it is not there yet.
fn schema(client: &mut Client, server: Server<'_>, population: Population) -> Result<String> {
    let name = cache::name("postgres", population)?;
    let exists = client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&name])?;
    if !exists.is_empty() {
        forget_measured(client, &name)?;
        return Ok(name);
    }
    let partial = format!("{name}_partial");
    client.batch_execute(&format!("DROP SCHEMA IF EXISTS {partial} CASCADE"))?;
    let store = store(server, &partial)?;
    population.write(&store, &mut |keys| cache::progress(NAME, keys, population))?;
    drop(store);
    client.batch_execute(&format!("ALTER SCHEMA {partial} RENAME TO {name}"))?;
    tidy(client, &name)?;
    Ok(name)
}

/// Takes away what was made while measuring, now or in a run that was cut short. Nothing else refers to it, so nothing
/// is looked for that does.
fn forget_measured(client: &mut Client, schema: &str) -> Result<()> {
    let now = NOW.unix_micros();
    client.batch_execute(&format!(
        "SET session_replication_role TO replica; \
         DELETE FROM {schema}.license_keys WHERE created_at >= {now}; \
         DELETE FROM {schema}.events WHERE at >= {now}; \
         SET session_replication_role TO origin"
    ))?;
    tidy(client, schema)
}

/// What the server does by itself sooner or later, done before anything is measured.
fn tidy(client: &mut Client, schema: &str) -> Result<()> {
    let tables = client.query("SELECT tablename::text FROM pg_tables WHERE schemaname = $1", &[&schema])?;
    for table in tables {
        client.batch_execute(&format!("VACUUM (ANALYZE) {schema}.{}", table.get::<_, &str>(0)))?;
    }
    Ok(client.batch_execute("CHECKPOINT")?)
}

/// A connection that is set up as the store's are.
fn bare_client(server: Server<'_>, schema: &str) -> Result<Client> {
    let mut client = Client::connect(server.url, NoTls)?;
    client.batch_execute(&format!("SET search_path TO {schema}; SET jit TO off"))?;
    Ok(client)
}

/// The same statement without us, on a connection of the same kind.
fn authentication(subject: &Subject, server: Server<'_>, schema: &str, run: &Run) -> Result<Row> {
    let mut client = bare_client(server, schema)?;
    let statement = client.prepare(FIND_BY_DIGEST)?;
    let mut bare = |key: Presented<'_>| {
        let rows = client.query(&statement, &[&&key.digest[..]])?;
        ensure!(black_box(rows).len() == 1, "a key is missing");
        Ok(())
    };
    let yardstick = ("the statement alone", &mut bare as _, Some(AUTHENTICATE_BAR));
    authenticate::beside(NAME, subject, run.effort, yardstick)
}

/// How many transactions write while something is done: each takes one number, those that read take none.
fn commits(client: &mut Client, work: &mut dyn FnMut() -> Result<()>) -> Result<u64> {
    let mut next = || -> Result<i64> {
        let row = client.query_one("SELECT txid_snapshot_xmax(txid_current_snapshot())", &[])?;
        Ok(row.get(0))
    };
    let before = next()?;
    work()?;
    Ok(u64::try_from(next()? - before)?)
}
