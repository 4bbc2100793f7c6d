//! Writing rows: one statement for all tables writes them.

use std::borrow::Cow;

use misp_onboarding::Timestamp;
use misp_onboarding::id::Version;
use misp_onboarding::store::{Record, RecordId, StoreError};
use misp_onboarding_sql::tables::{LICENSE_KEYS, PARTNERS, Table};
use misp_onboarding_sql::{Cell, Copied, END, Fields, Otherwise, TableRow};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

use crate::error::{failed, failed_write};
use crate::row::{self, SqliteRow};

/// The index of trigrams of a table, and the column whose texts are found by it.
fn words(table: &Table) -> Option<(&'static str, &'static str)> {
    if *table == PARTNERS {
        Some(("partner_words", "organization_folded"))
    } else if *table == LICENSE_KEYS {
        Some(("license_key_words", "name_folded"))
    } else {
        None
    }
}

/// A column and what it holds.
type Stored<'a> = (&'static str, ToSqlOutput<'a>);

/// A record's row with what it repeats of others, the key first and the version last.
pub(crate) struct StoredRow<'a> {
    table: &'static Table,
    cells: Vec<Stored<'a>>,
    /// Whether every row that something was to be copied from was there.
    complete: bool,
}

impl<'a> StoredRow<'a> {
    /// The record's row. What it repeats of other tables is looked up.
    pub(crate) fn of(record: &'a Record, connection: &Connection) -> Result<Self, StoreError> {
        let row = TableRow::of(record)?;
        let (mut complete, mut copied) = (true, Vec::with_capacity(row.copies.len()));
        for copies in row.copies.chunk_by(|one, other| one.by == other.by) {
            complete &= copy(&row, copies, connection, &mut copied)?;
        }
        let cells =
            row.cells.into_iter().map(|(column, cell)| (column, stored(cell))).chain(copied).collect();
        Ok(Self { table: row.table, cells, complete })
    }

    /// Whether every row that something was to be copied from was there.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Adds the row.
    pub(crate) fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        let places = vec!["?"; self.cells.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({places})", self.table.name, self.columns());
        let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
        statement
            .execute(params_from_iter(self.cells.iter().map(|(_, value)| value)))
            .map_err(failed_write)?;
        Ok(())
    }

    /// Puts the row in place of its predecessor, which must be at version `required`: whether it is to be found by
    /// other words now. Gives the version found where that is another one, or none.
    pub(crate) fn update(
        &self,
        connection: &Connection,
        required: Version,
    ) -> Result<Result<bool, Option<Version>>, StoreError> {
        match self.differing(connection, required)? {
            Err(found) => Ok(Err(found)),
            Ok(differing) => {
                self.write(connection, &differing)?;
                let words = words(self.table).map(|(_, column)| column);
                Ok(Ok(differing.iter().any(|(column, _)| Some(*column) == words)))
            }
        }
    }

    /// The cells that differ from those of the predecessor: only they are written, so that an index on what does not is
    /// left alone. Gives the version found where that is not `required`, or none.
    fn differing(
        &self,
        connection: &Connection,
        required: Version,
    ) -> Result<Result<Vec<&Stored<'a>>, Option<Version>>, StoreError> {
        let Some((key, _)) = self.cells.split_first() else { return Ok(Err(None)) };
        let sql = format!("SELECT version, {} FROM {} WHERE {} = ?1", self.columns(), self.table.name, key.0);
        let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query([&key.1]).map_err(failed)?;
        let Some(row) = rows.next().map_err(failed)? else { return Ok(Err(None)) };
        let found = Fields::new(&SqliteRow(row), self.table.name).version()?;
        if found != required {
            return Ok(Err(Some(found)));
        }
        let mut differing = Vec::new();
        for (column, cell) in (1..).zip(&self.cells) {
            if row.get_ref(column).map_err(failed)? != value_of(&cell.1) {
                differing.push(cell);
            }
        }
        Ok(Ok(differing))
    }

    /// Lets the row be found by its words, where its table has an index of them. What it was found by before stays:
    /// who searches compares the row itself too.
    ///
    /// No trigger does this: FTS5 writes out what it has gathered whenever a statement with a trigger begins, so that
    /// each row would become a segment of its own, at ten times the cost. Called at the end of a commit, it gathers all.
    pub(crate) fn index_words(&self, connection: &Connection) -> Result<(), StoreError> {
        let Some((words, column)) = words(self.table) else { return Ok(()) };
        let value = |column| self.cells.iter().find(|(name, _)| *name == column).map(|(_, value)| value);
        let sql = format!("INSERT INTO {words} (id, text) VALUES (?1, ?2 || ?3 || ?3)");
        let mut insert = connection.prepare_cached(&sql).map_err(failed)?;
        let end = ToSqlOutput::from(END.to_string());
        let values = [value(self.table.key), value(column), Some(&end)];
        insert.execute(params_from_iter(values)).map_err(failed_write)?;
        Ok(())
    }

    /// Looks up again what the row repeats of other tables, and writes what has changed of it.
    pub(crate) fn refresh(&self, connection: &Connection, version: Version) -> Result<(), StoreError> {
        self.update(connection, version).map(|_| ())
    }

    fn write(&self, connection: &Connection, differing: &[&Stored<'a>]) -> Result<(), StoreError> {
        let Some((key, _)) = self.cells.split_first().filter(|_| !differing.is_empty()) else {
            return Ok(());
        };
        let assignments: Vec<String> = differing.iter().map(|(column, _)| format!("{column} = ?")).collect();
        let sql = format!("UPDATE {} SET {} WHERE {} = ?", self.table.name, assignments.join(", "), key.0);
        let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
        let values = differing.iter().map(|(_, value)| value).chain([&key.1]);
        statement.execute(params_from_iter(values)).map_err(failed_write)?;
        Ok(())
    }

    fn columns(&self) -> String {
        self.cells.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ")
    }
}

/// Looks up what a row repeats of one row of another table: whether that one is there, where there is to be one.
fn copy(
    row: &TableRow<'_>,
    copies: &[Copied],
    connection: &Connection,
    copied: &mut Vec<Stored<'_>>,
) -> Result<bool, StoreError> {
    let Some(Copied { table, by, .. }) = copies.first() else { return Ok(true) };
    let key = row.cells.iter().find_map(|(column, cell)| match cell {
        Cell::Text(key) if column == by => Some(key),
        _ => None,
    });
    if let Some(key) = key {
        let originals: Vec<&str> = copies.iter().map(|copied| copied.original).collect();
        let sql = format!("SELECT {} FROM {} WHERE {} = ?1", originals.join(", "), table.name, table.key);
        let mut original = connection.prepare_cached(&sql).map_err(failed)?;
        let mut original = original.query([key.as_ref()]).map_err(failed)?;
        if let Some(original) = original.next().map_err(failed)? {
            for (number, Copied { column, .. }) in copies.iter().enumerate() {
                let value: Value = original.get(number).map_err(failed)?;
                copied.push((column, ToSqlOutput::Owned(value)));
            }
            return Ok(true);
        }
    }
    copied.extend(copies.iter().map(|copied| (copied.column, instead(copied.otherwise))));
    Ok(key.is_none())
}

/// What a column holds where there is nothing to repeat.
fn instead(otherwise: Otherwise) -> ToSqlOutput<'static> {
    match otherwise {
        Otherwise::Null => ToSqlOutput::Owned(Value::Null),
        Otherwise::Empty => "".into(),
        Otherwise::Latest => Timestamp::MAX.unix_micros().into(),
    }
}

/// The cell as SQLite takes it.
fn stored(cell: Cell<'_>) -> ToSqlOutput<'_> {
    match cell {
        Cell::Null => ToSqlOutput::Owned(Value::Null),
        Cell::Flag(flag) => flag.into(),
        Cell::Integer(number) => number.into(),
        Cell::Text(Cow::Borrowed(text)) => text.into(),
        Cell::Text(Cow::Owned(text)) => text.into(),
        Cell::Bytes(bytes) => bytes.into(),
    }
}

/// The first record that this one names and that is not there, by kind and id.
pub(crate) fn missing_reference(
    connection: &Connection,
    record: &Record,
) -> Result<Option<String>, StoreError> {
    for (table, key) in TableRow::of(record)?.references {
        if stored_version(connection, table, &key)?.is_none() {
            return Ok(Some(format!("{} {key}", table.kind)));
        }
    }
    Ok(None)
}

/// The version that a record has in the store.
pub(crate) fn version_of(connection: &Connection, record: &RecordId) -> Result<Option<Version>, StoreError> {
    stored_version(connection, Table::of(record)?, &record.id())
}

fn stored_version(connection: &Connection, table: &Table, key: &str) -> Result<Option<Version>, StoreError> {
    let sql = format!("SELECT version FROM {} WHERE {} = ?1", table.name, table.key);
    row::one(connection, &sql, [key], table.name, |fields| fields.version())
}

fn value_of<'v>(output: &'v ToSqlOutput<'_>) -> ValueRef<'v> {
    match output {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => value.into(),
        _ => ValueRef::Null,
    }
}
