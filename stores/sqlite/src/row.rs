//! Reading rows.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::id::Version;
use misp_onboarding::store::StoreError;
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Params, Row};

use crate::error::failed;

/// The columns of one row, taken one after the other.
pub(crate) struct Fields<'r> {
    row: &'r Row<'r>,
    table: &'static str,
    next: usize,
}

impl<'r> Fields<'r> {
    fn new(row: &'r Row<'r>, table: &'static str) -> Self {
        Self { row, table, next: 0 }
    }

    /// Says which table the columns that follow come from.
    pub(crate) fn of(&mut self, table: &'static str) -> &mut Self {
        self.table = table;
        self
    }

    /// The column's value, whatever its type.
    pub(crate) fn value(&mut self) -> Result<ValueRef<'r>, StoreError> {
        let value = self.row.get_ref(self.next).map_err(failed)?;
        self.next += 1;
        Ok(value)
    }

    /// The column just taken does not hold what it should.
    fn corrupt(&self, found: impl fmt::Display) -> StoreError {
        let column = self.next.checked_sub(1).and_then(|index| self.row.as_ref().column_name(index).ok());
        StoreError::Corrupt {
            what: format!("{}.{}", self.table, column.unwrap_or("?")),
            found: found.to_string(),
        }
    }

    fn wrong_type(&self, found: Type) -> StoreError {
        self.corrupt(format_args!("a value of type {found}"))
    }

    pub(crate) fn text(&mut self) -> Result<&'r str, StoreError> {
        match self.value()? {
            ValueRef::Text(bytes) => {
                std::str::from_utf8(bytes).map_err(|_| self.corrupt("text that is not UTF-8"))
            }
            other => Err(self.wrong_type(other.data_type())),
        }
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            _ => self.again().text().map(Some),
        }
    }

    fn again(&mut self) -> &mut Self {
        self.next = self.next.saturating_sub(1);
        self
    }

    pub(crate) fn integer(&mut self) -> Result<i64, StoreError> {
        match self.value()? {
            ValueRef::Integer(number) => Ok(number),
            other => Err(self.wrong_type(other.data_type())),
        }
    }

    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        match self.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.corrupt(other)),
        }
    }

    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        let number = self.integer()?;
        u64::try_from(number).map_err(|_| self.corrupt(number))
    }

    pub(crate) fn version(&mut self) -> Result<Version, StoreError> {
        let number = self.integer()?;
        u32::try_from(number).map(Version::new).map_err(|_| self.corrupt(number))
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.integer().map(Timestamp::from_unix_micros)
    }

    pub(crate) fn optional_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            _ => self.again().time().map(Some),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Arc<[u8]>, StoreError> {
        self.blob().map(Arc::from)
    }

    pub(crate) fn octets<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes = self.blob()?;
        bytes.try_into().map_err(|_| self.corrupt(format_args!("{} bytes", bytes.len())))
    }

    fn blob(&mut self) -> Result<&'r [u8], StoreError> {
        match self.value()? {
            ValueRef::Blob(bytes) => Ok(bytes),
            other => Err(self.wrong_type(other.data_type())),
        }
    }

    /// A state, an id, a language: text that must be parsed to be of its type.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(&mut self) -> Result<T, StoreError> {
        let text = self.text()?;
        text.parse().map_err(|problem| self.corrupt(problem))
    }

    pub(crate) fn optional_parsed<T: FromStr<Err: fmt::Display>>(&mut self) -> Result<Option<T>, StoreError> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            _ => self.again().parsed().map(Some),
        }
    }

    pub(crate) fn optional_checked<T, E: fmt::Display>(
        &mut self,
        check: impl FnOnce(&'r str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            _ => self.again().checked(check).map(Some),
        }
    }

    /// Reads with `check`, whose problem makes the column corrupt.
    pub(crate) fn checked<T, E: fmt::Display>(
        &mut self,
        check: impl FnOnce(&'r str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        let text = self.text()?;
        check(text).map_err(|problem| self.corrupt(problem))
    }
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
    row.map(|row| read(&mut Fields::new(row, table))).transpose()
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
        found.push(read(&mut Fields::new(row, table))?);
    }
    Ok(found)
}
