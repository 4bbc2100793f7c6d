//! Reading rows.

use std::error::Error as _;

use misp_onboarding::store::StoreError;
use misp_onboarding_sql::{Fields, Row};
use postgres::types::FromSql;

use crate::connection::Connection;
use crate::value::Value;

/// One row.
struct PostgresRow<'r>(&'r postgres::Row);

impl PostgresRow<'_> {
    fn value<'v, T: FromSql<'v>>(&'v self, column: usize) -> Result<Option<T>, String> {
        self.0.try_get(column).map_err(|error| {
            let source = error.source().map(ToString::to_string);
            source.unwrap_or_else(|| error.to_string())
        })
    }
}

impl Row for PostgresRow<'_> {
    fn text(&self, column: usize) -> Result<Option<&str>, String> {
        self.value(column)
    }

    fn integer(&self, column: usize) -> Result<Option<i64>, String> {
        self.value(column)
    }

    fn flag(&self, column: usize) -> Result<Option<bool>, String> {
        self.value(column)
    }

    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, String> {
        self.value(column)
    }

    fn name(&self, column: usize) -> Option<&str> {
        self.0.columns().get(column).map(|column| column.name())
    }
}

/// The first row that the statement finds.
pub(crate) fn one<T>(
    connection: &mut Connection,
    sql: &str,
    values: &[Value],
    table: &'static str,
    read: impl FnOnce(&mut Fields<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let rows = connection.query(sql, values)?;
    rows.first().map(|row| read(&mut Fields::new(&PostgresRow(row), table))).transpose()
}

/// Every row that the statement finds.
pub(crate) fn many<T>(
    connection: &mut Connection,
    sql: &str,
    values: &[Value],
    table: &'static str,
    mut read: impl FnMut(&mut Fields<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let rows = connection.query(sql, values)?;
    rows.iter().map(|row| read(&mut Fields::new(&PostgresRow(row), table))).collect()
}
