//! Reading rows.

use misp_onboarding::store::StoreError;
use misp_onboarding_sql::{Fields, Row};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Params};

use crate::error::failed;

/// One row.
pub(crate) struct SqliteRow<'s>(pub(crate) &'s rusqlite::Row<'s>);

impl SqliteRow<'_> {
    fn value(&self, column: usize) -> Result<ValueRef<'_>, String> {
        self.0.get_ref(column).map_err(|error| error.to_string())
    }
}

impl Row for SqliteRow<'_> {
    fn text(&self, column: usize) -> Result<Option<&str>, String> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => {
                str::from_utf8(bytes).map(Some).map_err(|_| "text that is not UTF-8".to_owned())
            }
            other => Err(wrong_type(other.data_type())),
        }
    }

    fn integer(&self, column: usize) -> Result<Option<i64>, String> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number)),
            other => Err(wrong_type(other.data_type())),
        }
    }

    fn flag(&self, column: usize) -> Result<Option<bool>, String> {
        match self.integer(column)? {
            None => Ok(None),
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            Some(other) => Err(other.to_string()),
        }
    }

    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, String> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes)),
            other => Err(wrong_type(other.data_type())),
        }
    }

    fn name(&self, column: usize) -> Option<&str> {
        self.0.as_ref().column_name(column).ok()
    }
}

fn wrong_type(found: Type) -> String {
    format!("a value of type {found}")
}

/// The first row that the statement finds.
pub(crate) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    table: &'static str,
    read: impl FnOnce(&mut Fields<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let row = rows.next().map_err(failed)?;
    row.map(|row| read(&mut Fields::new(&SqliteRow(row), table))).transpose()
}

/// Every row that the statement finds.
pub(crate) fn many<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    table: &'static str,
    mut read: impl FnMut(&mut Fields<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(&mut Fields::new(&SqliteRow(row), table))?);
    }
    Ok(found)
}
