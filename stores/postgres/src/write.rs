//! Writing rows: one statement for all tables adds them, one puts a row in place of its predecessor.

use misp_onboarding::Timestamp;
use misp_onboarding::id::Version;
use misp_onboarding::store::{RecordId, StoreError};
use misp_onboarding_sql::tables::Table;
use misp_onboarding_sql::{Copied, Otherwise, TableRow};

use crate::connection::Connection;
use crate::value::Value;
use crate::{copies, row};

/// Rows added by one statement at most: enough for the way to the server and back to cost next to nothing for each.
const INSERTED_AT_ONCE: usize = 64;

/// One row of a table, by its key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowId {
    pub(crate) table: &'static Table,
    pub(crate) key: String,
}

impl RowId {
    pub(crate) fn of(record: &RecordId) -> Result<Self, StoreError> {
        Ok(Self { table: Table::of(record)?, key: record.id() })
    }
}

/// The rows of other tables that this one names.
pub(crate) fn references(row: &TableRow<'_>) -> impl Iterator<Item = RowId> {
    row.references().map(|(table, key)| RowId { table, key: key.to_owned() })
}

/// Adds the rows, all of one table, in their order.
pub(crate) fn insert(rows: &[&TableRow<'_>], connection: &mut Connection) -> Result<(), StoreError> {
    let mut left = rows;
    while let Some(first) = left.first() {
        // Powers of two, so that a handful of prepared statements serves every number.
        let many = left.len().min(INSERTED_AT_ONCE);
        let (some, rest) = left.split_at(1 << many.ilog2());
        let columns: Vec<&str> = assignments(first, 0).into_iter().map(|(column, _)| column).collect();
        let tuples: Vec<String> = some.iter().enumerate().map(|(number, row)| tuple(row, number)).collect();
        let sql =
            format!("INSERT INTO {} ({}) VALUES {}", first.table.name, columns.join(", "), tuples.join(", "));
        let values: Vec<Value> = some.iter().flat_map(|row| values(row)).collect();
        connection.execute(&sql, &values)?;
        left = rest;
    }
    Ok(())
}

/// The row as the one of this number in a statement that adds many.
fn tuple(row: &TableRow<'_>, number: usize) -> String {
    let assignments = assignments(row, number * row.cells.len()).into_iter();
    format!("({})", assignments.map(|(_, expression)| expression).collect::<Vec<_>>().join(", "))
}

/// Puts the row in place of its predecessor, which must be at version `required` and locked. None where it is not there;
/// else whether something changed that other tables repeat.
pub(crate) fn update(
    row: &TableRow<'_>,
    connection: &mut Connection,
    required: Version,
) -> Result<Option<bool>, StoreError> {
    let Table { name, key, .. } = row.table;
    let assignments: Vec<String> = assignments(row, 0)
        .into_iter()
        .map(|(column, expression)| format!("{column} = {expression}"))
        .collect();
    let repeated = copies::repeated(row.table);
    let differs: Vec<String> =
        repeated.iter().map(|column| format!("old.{column} <> new.{column}")).collect();
    let differs = if differs.is_empty() { "FALSE".to_owned() } else { differs.join(" OR ") };
    let sql = format!(
        "UPDATE {name} AS new SET {} FROM (SELECT {} FROM {name} WHERE {key} = $1) AS old \
         WHERE new.{key} = $1 AND new.version = ${} RETURNING {differs}",
        assignments.join(", "),
        [&[*key], repeated].concat().join(", "),
        row.cells.len() + 1,
    );
    let mut values: Vec<Value> = values(row).collect();
    values.push(required.number().into());
    row::one(connection, &sql, &values, name, |fields| fields.flag())
}

/// What each column is set to, as SQL; the cells are bound in their order, after so many `others`.
fn assignments(row: &TableRow<'_>, others: usize) -> Vec<(&'static str, String)> {
    let position = |column: &str| row.cells.iter().position(|cell| cell.0 == column);
    let place = |column: &str| position(column).map_or(0, |at| others + at + 1);
    let cells = row.cells.iter().map(|(column, _)| (*column, format!("${}", place(column))));
    let copies = row.copies.iter().map(|copied| {
        let Copied { column, original, table: Table { name, key, .. }, by, otherwise } = copied;
        let by = place(by);
        let otherwise = match otherwise {
            Otherwise::Null => "NULL".to_owned(),
            Otherwise::Empty => "''".to_owned(),
            Otherwise::Latest => Timestamp::MAX.unix_micros().to_string(),
        };
        (*column, format!("coalesce((SELECT {original} FROM {name} WHERE {key} = ${by}), {otherwise})"))
    });
    cells.chain(copies).collect()
}

fn values(row: &TableRow<'_>) -> impl Iterator<Item = Value> {
    row.cells.iter().map(|(_, cell)| cell.into())
}
