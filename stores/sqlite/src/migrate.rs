//! The schema's versions. Why there is no library for this: `docs/adr/0005-own-migration-runner.md`.

use misp_onboarding::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

use crate::error::failed;
use crate::open::OpenError;

/// Each brings a file from the version before to its own; number 1 starts from an empty file. Once released, a
/// migration never changes.
const MIGRATIONS: [&str; 4] = [
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_lists_of_a_million_keys.sql"),
    include_str!("../migrations/0003_short_parts_of_names.sql"),
    include_str!("../migrations/0004_trigrams_of_names.sql"),
];

/// The version of the schema that this crate reads and writes.
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// Marks a file as ours: "MISP" in ASCII.
const APPLICATION_ID: i32 = 0x4D49_5350;

/// The version of the schema in the file; 0 where it is empty.
pub(crate) fn version(connection: &mut Connection) -> Result<u32, StoreError> {
    // One transaction, so that a file which another process makes at this moment is seen empty or finished.
    let snapshot = connection.transaction().map_err(failed)?;
    read_version(&snapshot)
}

/// Brings the file to [`SCHEMA_VERSION`]. Another process that does the same waits, and then finds it done.
pub(crate) fn upgrade(connection: &mut Connection) -> Result<(), StoreError> {
    upgrade_to(connection, &MIGRATIONS)
}

fn upgrade_to(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    // A migration may have to rebuild a table that others refer to; what must hold is checked at its end.
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = read_version(&transaction)?;
    for (version, sql) in (1u32..).zip(migrations).filter(|(version, _)| *version > found) {
        transaction.execute_batch(sql).map_err(failed)?;
        transaction.pragma_update(None, "user_version", version).map_err(failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    let broken: i64 = transaction
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
        .map_err(failed)?;
    if broken > 0 {
        let found = format!("{broken} references to rows that are not there");
        return Err(StoreError::Corrupt { what: "the database file".to_owned(), found });
    }
    transaction.commit().map_err(failed)
}

/// Refuses a file that a newer program has upgraded since it was opened: its tables may need what this one does not write.
pub(crate) fn refuse_newer(connection: &Connection) -> Result<(), StoreError> {
    let mut pragma = connection.prepare_cached("PRAGMA user_version").map_err(failed)?;
    match pragma.query_row([], |row| row.get(0)).map_err(failed)? {
        found if found > SCHEMA_VERSION => Err(StoreError::SchemaTooNew { supported: SCHEMA_VERSION, found }),
        _ => Ok(()),
    }
}

fn read_version(connection: &Connection) -> Result<u32, StoreError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(failed);
    let application_id = pragma("application_id")?;
    let user_version = pragma("user_version")?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    match (application_id, u32::try_from(user_version)) {
        (0, Ok(0)) if objects == 0 => Ok(0),
        (APPLICATION_ID, Ok(found)) if found > SCHEMA_VERSION => {
            Err(StoreError::SchemaTooNew { supported: SCHEMA_VERSION, found })
        }
        (APPLICATION_ID, Ok(found)) if found > 0 => Ok(found),
        _ => Err(OpenError::ForeignDatabase { application_id }.into()),
    }
}

#[cfg(test)]
mod tests {
    use misp_onboarding_sql::words::{self, WordIndex};

    use super::*;

    fn schema(connection: &Connection) -> Vec<String> {
        let sql =
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_file_of_each_version_becomes_what_a_new_one_is() {
        let mut fresh = Connection::open_in_memory().unwrap();
        upgrade(&mut fresh).unwrap();
        for version in 1..=MIGRATIONS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            upgrade_to(&mut old, &MIGRATIONS[..version]).unwrap();
            upgrade(&mut old).unwrap();
            assert_eq!(schema(&old), schema(&fresh), "from version {version}");
            assert_eq!(super::version(&mut old).unwrap(), SCHEMA_VERSION);
        }
    }

    #[test]
    fn what_was_there_is_found_by_its_words_after_the_upgrade() {
        let rows = "INSERT INTO partners VALUES ('acme', 'acme', 'Bank of Acme', 'bank of acme', 'a', '1', 'a@b.org', \
                        'a@b.org', 'eng', NULL, '', 'inactive', NULL, 0, 0, 'ana', 0, 'ana', 1); \
                    INSERT INTO license_keys (id, partner_id, partner_id_folded, organization_folded, policy_name_folded, \
                        policy_group_name_folded, name, name_folded, digest, last4, state, origin, created_at, created_by, \
                        expires_at, version) \
                    VALUES ('01890000-0000-7000-8000-000000000000', 'acme', 'acme', 'bank of acme', '', '', 'Front', 'front', \
                        zeroblob(32), 'abcd', 'active', 'generated', 0, 'ana', 1, 1)";
        // What a store of the third version added to its indexes with such rows.
        let words = "INSERT INTO partner_words (id, text) SELECT id, organization_folded || char(1, 1) FROM partners; \
                     INSERT INTO license_key_words (id, text) SELECT id, name_folded || char(1, 1) FROM license_keys";
        for (version, then) in [(1, ""), (3, words)] {
            let mut connection = Connection::open_in_memory().unwrap();
            upgrade_to(&mut connection, &MIGRATIONS[..version]).unwrap();
            connection.execute_batch(rows).unwrap();
            connection.execute_batch(then).unwrap();
            upgrade(&mut connection).unwrap();
            let texts = |sql: &str| -> Vec<String> {
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.collect::<Result<_, _>>().unwrap()
            };
            for (WordIndex { table, trigrams, .. }, id, name) in [
                (words::PARTNERS, "acme", "bank of acme"),
                (words::LICENSE_KEYS, "01890000-0000-7000-8000-000000000000", "front"),
            ] {
                assert_eq!(texts(&format!("SELECT id FROM {table} ('\"{}\"')", &name[..3])), [id]);
                let mut wanted: Vec<_> =
                    words::trigrams(&words::indexed(name)).map(|trigram| trigram.to_string()).collect();
                wanted.sort_unstable();
                assert_eq!(texts(&format!("SELECT term FROM {trigrams} ORDER BY term")), wanted, "{version}");
            }
            assert_eq!(texts("SELECT id FROM license_keys").len(), 1);
        }
    }

    #[test]
    fn a_migration_that_fails_leaves_the_file_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        upgrade(&mut connection).unwrap();
        let before = schema(&connection);
        let mut migrations = MIGRATIONS.to_vec();
        migrations.push("CREATE TABLE half (done TEXT) STRICT; CREATE TABLE half (done TEXT) STRICT;");
        assert!(upgrade_to(&mut connection, &migrations).is_err());
        assert_eq!(schema(&connection), before);
        assert_eq!(version(&mut connection).unwrap(), SCHEMA_VERSION);
    }
}
