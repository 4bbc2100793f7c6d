//! Writing rows: one statement for all tables writes them.

use std::borrow::Cow;

use misp_onboarding::Timestamp;
use misp_onboarding::id::Version;
use misp_onboarding::store::{Record, RecordId, StoreError};
use misp_onboarding_sql::tables::Table;
use misp_onboarding_sql::words::indexed;
use misp_onboarding_sql::{Cell, Copied, Fields, Otherwise, TableRow};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

use crate::error::{failed, failed_write};
use crate::row::{self, SqliteRow};
use crate::words::{self, Words};
use crate::writer::Writer;

/// A column and what it holds.
pub(crate) type Stored<'a> = (&'static str, ToSqlOutput<'a>);

/// A record's row with what it repeats of others, the key first and the version last.
pub(crate) struct StoredRow<'a> {
    table: &'static Table,
    cells: Vec<Stored<'a>>,
    /// Whether every row that something was to be copied from was there.
    complete: bool,
}

impl<'a> StoredRow<'a> {
    /// The record's row. What it repeats of other tables is looked up.
    pub(crate) fn of(record: &'a Record, writer: &mut Writer<'_>) -> Result<Self, StoreError> {
        let TableRow { table, cells, copies, .. } = TableRow::of(record)?;
        let mut row = Self { table, cells: Vec::with_capacity(cells.len() + copies.len()), complete: true };
        row.cells.extend(cells.into_iter().map(|(column, cell)| (column, stored(cell))));
        for copies in copies.chunk_by(|one, other| one.by == other.by) {
            row.copy(copies, writer)?;
        }
        Ok(row)
    }

    /// Adds what the row repeats of one row of another table.
    fn copy(&mut self, copies: &[Copied], writer: &mut Writer<'_>) -> Result<(), StoreError> {
        let Some(Copied { by, .. }) = copies.first() else { return Ok(()) };
        let key = match self.cell(by).map(value_of) {
            Some(ValueRef::Text(key)) => str::from_utf8(key).ok(),
            _ => None,
        };
        let originals = match key {
            Some(key) => writer.originals(self.table.name, copies, key)?,
            None => None,
        };
        self.complete &= key.is_none() || originals.is_some();
        match originals {
            Some(values) => {
                let copied = copies.iter().zip(values);
                self.cells.extend(copied.map(|(copied, value)| (copied.column, ToSqlOutput::Owned(value))));
            }
            None => {
                let copied = copies.iter().map(|copied| (copied.column, instead(copied.otherwise)));
                self.cells.extend(copied);
            }
        }
        Ok(())
    }

    fn cell(&self, column: &str) -> Option<&ToSqlOutput<'a>> {
        self.cells.iter().find(|(name, _)| *name == column).map(|(_, value)| value)
    }

    /// Whether every row that something was to be copied from was there.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Adds the row.
    pub(crate) fn insert(&self, writer: &mut Writer<'_>) -> Result<(), StoreError> {
        writer.insert(self.table.name, &self.cells)
    }

    /// Puts the row in place of its predecessor, which must be at version `required`: whether it is to be found by
    /// other words now. Gives the version found where that is another one, or none.
    pub(crate) fn update(
        &self,
        writer: &mut Writer<'_>,
        required: Version,
    ) -> Result<Result<bool, Option<Version>>, StoreError> {
        match self.differing(writer.connection, required)? {
            Err(found) => Ok(Err(found)),
            Ok(differing) => {
                self.write(writer.connection, &differing)?;
                writer.forget_originals();
                let words = words::of(self.table).map(|words| words.column);
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

    /// What the row is to be found by, where its table has an index of words.
    pub(crate) fn into_words(mut self) -> Option<Words<'a>> {
        let index = words::of(self.table)?;
        let ValueRef::Text(text) = value_of(self.cell(index.column)?) else { return None };
        let text = indexed(str::from_utf8(text).ok()?);
        let key = self.cells.iter().position(|(column, _)| *column == self.table.key)?;
        Some(Words { index, text, key: self.cells.swap_remove(key).1 })
    }

    /// Looks up again what the row repeats of other tables, and writes what has changed of it.
    pub(crate) fn refresh(&self, writer: &mut Writer<'_>, version: Version) -> Result<(), StoreError> {
        self.update(writer, version).map(|_| ())
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
    for (table, key) in TableRow::of(record)?.references() {
        if stored_version(connection, table, key)?.is_none() {
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
