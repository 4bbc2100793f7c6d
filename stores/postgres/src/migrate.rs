//! The schema's versions. Why there is no library for this: `docs/adr/0005-own-migration-runner.md`.

use misp_onboarding::store::StoreError;

use crate::connection::Connection;
use crate::row;

/// Each brings a schema from the version before to its own; number 1 starts from an empty one. Once released, a
/// migration never changes.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_lists_of_a_million_keys.sql"),
    include_str!("../migrations/0003_short_parts_of_names.sql"),
];

/// What only PostgreSQL with the extension pg_trgm can have, of the newest version.
const TRIGRAMS: &str = include_str!("../optional/trigrams.sql");

/// What only PostgreSQL can have, of the newest version.
const SHORT_PARTS: &str = include_str!("../optional/short_parts.sql");

/// The version of the schema that this crate reads and writes.
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// The table that says which version the schema is. It is not called what another program's may be called.
const VERSION_TABLE: &str = "misp_onboarding_schema";

/// The version of the schema; 0 where it is empty or not there.
///
/// # Errors
/// [`StoreError::SchemaTooNew`] where it is newer than this crate.
pub(crate) fn version(connection: &mut Connection, schema: &str) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2";
    let values = [schema.into(), VERSION_TABLE.into()];
    let tables = row::one(connection, sql, &values, "tables", |fields| fields.count())?;
    if tables.unwrap_or(0) == 0 {
        return Ok(0);
    }
    stored_version(connection, "")
}

/// Brings the schema to [`SCHEMA_VERSION`], within the transaction that the connection is in. Another process that
/// does the same waits for the row that holds the version, and then finds it done.
pub(crate) fn upgrade(connection: &mut Connection, schema: &str, quoted: &str) -> Result<(), StoreError> {
    // A migration takes the time it takes.
    connection.batch("SET LOCAL statement_timeout TO 0")?;
    let sql = "SELECT count(*) FROM information_schema.schemata WHERE schema_name = $1";
    let schemas = row::one(connection, sql, &[schema.into()], "schemata", |fields| fields.count())?;
    if schemas.unwrap_or(0) == 0 {
        connection.batch(&format!("CREATE SCHEMA IF NOT EXISTS {quoted}"))?;
    }
    connection.batch(&format!(
        "CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (\
             id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL CHECK (version >= 0)); \
         INSERT INTO {VERSION_TABLE} (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING"
    ))?;
    let found = stored_version(connection, "FOR UPDATE")?;
    if found == SCHEMA_VERSION {
        return Ok(());
    }
    for (version, sql) in (1u32..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        connection.batch(sql)?;
        connection.batch(&format!("UPDATE {VERSION_TABLE} SET version = {version}"))?;
    }
    trigrams(connection)?;
    attempt(connection, SHORT_PARTS)
}

fn stored_version(connection: &mut Connection, locking: &str) -> Result<u32, StoreError> {
    let sql = format!("SELECT version FROM {VERSION_TABLE} WHERE id = 1 {locking}");
    let found = row::one(connection, &sql, &[], VERSION_TABLE, |fields| fields.version())?;
    match found.map_or(0, |version| version.number()) {
        found if found > SCHEMA_VERSION => Err(StoreError::SchemaTooNew { supported: SCHEMA_VERSION, found }),
        found => Ok(found),
    }
}

/// Makes the indexes for "contains" filters where the server has what they need and lets us.
fn trigrams(connection: &mut Connection) -> Result<(), StoreError> {
    if extension_schema(connection)?.is_none() {
        attempt(connection, "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")?;
    }
    match extension_schema(connection)? {
        Some(schema) => attempt(connection, &TRIGRAMS.replace("{trigrams}", &schema)),
        None => Ok(()),
    }
}

fn extension_schema(connection: &mut Connection) -> Result<Option<String>, StoreError> {
    let sql = "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace \
               WHERE e.extname = 'pg_trgm'";
    row::one(connection, sql, &[], "pg_extension", |fields| fields.text().map(str::to_owned))
}

/// Runs the statements; where they fail it is as if they had not been run.
fn attempt(connection: &mut Connection, sql: &str) -> Result<(), StoreError> {
    connection.batch("SAVEPOINT attempt")?;
    match connection.batch(sql) {
        Ok(()) => connection.batch("RELEASE SAVEPOINT attempt"),
        Err(error) if connection.is_lost() => Err(error),
        Err(_) => {
            connection.begin();
            connection.batch("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")
        }
    }
}
