//! The indexes that rows are found in by parts of their names: what a commit puts there.

use std::collections::{BTreeMap, HashSet};

use misp_onboarding::store::StoreError;
use misp_onboarding_sql::tables::{LICENSE_KEYS, PARTNERS, Table};
use misp_onboarding_sql::words::{self, Trigram, WordIndex, trigrams};
use rusqlite::types::ToSqlOutput;

use crate::error::{failed, failed_write};
use crate::writer::Writer;

/// The index that rows of this table are found in.
pub(crate) fn of(table: &Table) -> Option<&'static WordIndex> {
    if *table == PARTNERS {
        Some(&words::PARTNERS)
    } else if *table == LICENSE_KEYS {
        Some(&words::LICENSE_KEYS)
    } else {
        None
    }
}

/// A text by which a row is to be found.
pub(crate) struct Words<'a> {
    pub(crate) index: &'static WordIndex,
    /// The text, as [`words::indexed`] gives it.
    pub(crate) text: String,
    /// The row's key.
    pub(crate) key: ToSqlOutput<'a>,
}

/// Lets rows be found by their words. What they were found by before stays: who searches compares the row itself too.
///
/// No trigger does this: FTS5 writes out what it has gathered whenever a statement with a trigger begins, so that each row
/// would become a segment of its own, at ten times the cost. Called at the end of a commit, it gathers all.
pub(crate) fn index(all: Vec<Words<'_>>, writer: &mut Writer<'_>) -> Result<(), StoreError> {
    let mut found: BTreeMap<&str, HashSet<Trigram>> = BTreeMap::new();
    for Words { index, text, key } in all {
        found.entry(index.trigrams).or_default().extend(trigrams(&text));
        writer.insert(index.table, &[("id", key), ("text", text.into())])?;
    }
    found.into_iter().try_for_each(|(table, found)| list(table, found, writer))
}

/// Lists the trigrams that are not listed yet, in their order, which is that of the table.
fn list(table: &str, found: HashSet<Trigram>, writer: &Writer<'_>) -> Result<(), StoreError> {
    let mut found = Vec::from_iter(found);
    found.sort_unstable();
    let sql = format!("INSERT OR IGNORE INTO {table} VALUES (?1)");
    let mut insert = writer.connection.prepare_cached(&sql).map_err(failed)?;
    for trigram in found {
        insert.execute([trigram.to_string()]).map_err(failed_write)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyName, LicenseKeyRecord, LicenseKeySort};
    use misp_onboarding::list::{Direction, Query, SortKey};
    use misp_onboarding::partner::{OrganizationName, Partner};
    use misp_onboarding::store::{ChangeSet, LicenseKeyRepository, Store};
    use misp_onboarding::text::Substring;
    use misp_onboarding_testkit::conformance::samples::{self, Successor};

    use super::*;
    use crate::SqliteStore;

    const NAMES: [&str; 9] = [
        "a",
        "zz",
        "Abc",
        "say \"Hi\" '%_",
        "日本語キー",
        "🔑🔑🔑🔑",
        "ÄÖÜẞ",
        "\u{fffd}\u{fffe}\u{ffff}x",
        "aaaaaa",
    ];

    /// One commit for each name, so that FTS5 has many segments.
    fn store() -> SqliteStore {
        let store = SqliteStore::open_in_memory().unwrap();
        let (mut first, mut renamed) = (ChangeSet::new(), ChangeSet::new());
        let partner = samples::partner("acme");
        renamed.update(
            Partner { organization: OrganizationName::from_stored("Other ©"), ..partner.clone() }.next(),
        );
        first.insert(partner);
        store.commit(&first).unwrap();
        store.commit(&renamed).unwrap();
        for (number, name) in (0..).zip(NAMES) {
            let mut changes = ChangeSet::new();
            let key = samples::license_key(number, "acme");
            changes.insert(LicenseKeyRecord { name: LicenseKeyName::from_stored(name), ..key });
            store.commit(&changes).unwrap();
        }
        store
    }

    fn texts(store: &SqliteStore, sql: &str) -> Vec<String> {
        let read = |connection: &mut rusqlite::Connection| {
            let mut statement = connection.prepare(sql).map_err(failed)?;
            let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
            rows.collect::<Result<_, _>>().map_err(failed)
        };
        store.read(read).unwrap()
    }

    #[test]
    fn the_trigrams_listed_are_those_that_fts5_has() {
        let store = store();
        for index in [&words::PARTNERS, &words::LICENSE_KEYS] {
            let WordIndex { table, trigrams, .. } = index;
            let view = format!("CREATE VIRTUAL TABLE temp.all_{table} USING fts5vocab (main, {table}, row)");
            texts(&store, &view);
            let listed = texts(&store, &format!("SELECT term FROM {trigrams} ORDER BY term"));
            let had = texts(&store, &format!("SELECT term FROM temp.all_{table} ORDER BY term"));
            assert!(!had.is_empty());
            assert_eq!(listed, had, "{table}");
        }
    }

    #[test]
    fn each_part_of_a_name_finds_it_and_nothing_that_does_not_have_it() {
        let store = store();
        let found = |part: &str| {
            let query = Query {
                filter: LicenseKeyFilter { name: Some(part.parse().unwrap()), ..Default::default() },
                sort: LicenseKeySort::NEWEST,
                direction: Direction::Ascending,
                after: None,
                limit: 99,
                now: samples::NOW,
            };
            let mut names: Vec<String> =
                store.list_license_keys(&query).unwrap().iter().map(|row| row.key.name.to_string()).collect();
            names.sort_unstable();
            names
        };
        let mut parts: BTreeSet<String> =
            ["zzz", "q", "zq", "Abd", "bca", "aaaaaaa"].map(str::to_owned).into();
        for name in NAMES {
            let characters: Vec<char> = name.chars().collect();
            for length in 1..=characters.len() {
                parts.extend(characters.windows(length).map(String::from_iter));
            }
        }
        for part in parts {
            let Ok(text) = Substring::parse(&part) else { continue };
            let mut wanted: Vec<&str> = NAMES
                .into_iter()
                .filter(|name| text.is_in(&misp_onboarding::text::fold_case(name)))
                .collect();
            wanted.sort_unstable();
            assert_eq!(found(&part), wanted, "{part:?}");
        }
    }
}
