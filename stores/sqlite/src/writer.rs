//! What the rows of one commit share.

use std::collections::HashMap;

use misp_onboarding::store::StoreError;
use misp_onboarding_sql::Copied;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::error::{failed, failed_write};
use crate::write::Stored;

/// The statements that add rows and what those repeat of other rows, each found once in a commit. With thousands of rows, even
/// looking a prepared statement up by its text counts.
pub(crate) struct Writer<'c> {
    pub(crate) connection: &'c Connection,
    inserts: Vec<Insert<'c>>,
    originals: Vec<Originals>,
}

/// The statement that adds a row to a table, and the columns it fills.
struct Insert<'c> {
    table: &'static str,
    columns: Vec<&'static str>,
    statement: CachedStatement<'c>,
}

/// What rows of one table repeat of the rows of another one that they refer to by the same column.
struct Originals {
    table: &'static str,
    by: &'static str,
    /// By the key of the original.
    known: HashMap<String, Vec<Value>>,
}

/// How many originals are remembered; then the commit begins to learn anew.
const MAX_ORIGINALS: usize = 4_096;

impl<'c> Writer<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { connection, inserts: Vec::new(), originals: Vec::new() }
    }

    /// Adds a row with these cells.
    pub(crate) fn insert(&mut self, table: &'static str, cells: &[Stored<'_>]) -> Result<(), StoreError> {
        let fills = |insert: &Insert<'_>| {
            insert.table == table && insert.columns.iter().eq(cells.iter().map(|(column, _)| column))
        };
        let place = match self.inserts.iter().position(fills) {
            Some(place) => place,
            None => {
                let columns: Vec<_> = cells.iter().map(|(column, _)| *column).collect();
                let places = vec!["?"; columns.len()].join(", ");
                let sql = format!("INSERT INTO {table} ({}) VALUES ({places})", columns.join(", "));
                let statement = self.connection.prepare_cached(&sql).map_err(failed)?;
                self.inserts.push(Insert { table, columns, statement });
                self.inserts.len() - 1
            }
        };
        let values = params_from_iter(cells.iter().map(|(_, value)| value));
        self.inserts[place].statement.execute(values).map_err(failed_write)?;
        Ok(())
    }

    /// What the copies of one row, all by the same column, repeat of the row with this key; none where there is no such row.
    pub(crate) fn originals(
        &mut self,
        table: &'static str,
        copies: &[Copied],
        key: &str,
    ) -> Result<Option<Vec<Value>>, StoreError> {
        let Some(Copied { table: original, by, .. }) = copies.first() else { return Ok(None) };
        let same = |known: &Originals| (known.table, known.by) == (table, *by);
        let place = self.originals.iter().position(same).unwrap_or_else(|| {
            self.originals.push(Originals { table, by, known: HashMap::new() });
            self.originals.len() - 1
        });
        let known = &mut self.originals[place].known;
        if let Some(values) = known.get(key) {
            return Ok(Some(values.clone()));
        }
        let columns: Vec<&str> = copies.iter().map(|copied| copied.original).collect();
        let sql = format!("SELECT {} FROM {} WHERE {} = ?1", columns.join(", "), original.name, original.key);
        let mut find = self.connection.prepare_cached(&sql).map_err(failed)?;
        let mut found = find.query([key]).map_err(failed)?;
        let Some(row) = found.next().map_err(failed)? else { return Ok(None) };
        let values = (0..columns.len()).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>();
        let values = values.map_err(failed)?;
        if known.len() == MAX_ORIGINALS {
            known.clear();
        }
        known.insert(key.to_owned(), values.clone());
        Ok(Some(values))
    }

    /// To be called when a row was updated: what others repeat of it, or of a row that a trigger updated with it, may be
    /// another thing now.
    pub(crate) fn forget_originals(&mut self) {
        self.originals.clear();
    }
}
