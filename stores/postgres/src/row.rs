//! Reading rows.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::id::Version;
use misp_onboarding::store::StoreError;
use postgres::Row;
use postgres::types::FromSql;

use crate::connection::Connection;
use crate::value::Value;

/// The columns of one row, taken one after the other.
pub(crate) struct Fields<'r> {
    row: &'r Row,
    table: &'static str,
    next: usize,
}

impl<'r> Fields<'r> {
    fn new(row: &'r Row, table: &'static str) -> Self {
        Self { row, table, next: 0 }
    }

    /// Says which table the columns that follow come from.
    pub(crate) fn of(&mut self, table: &'static str) -> &mut Self {
        self.table = table;
        self
    }

    fn value<T: FromSql<'r>>(&mut self) -> Result<T, StoreError> {
        let value = self.row.try_get(self.next);
        self.next += 1;
        value.map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            self.corrupt(source.unwrap_or_else(|| error.to_string()))
        })
    }

    /// The column just taken does not hold what it should.
    fn corrupt(&self, found: impl fmt::Display) -> StoreError {
        let column = self.next.checked_sub(1).and_then(|index| self.row.columns().get(index));
        StoreError::Corrupt {
            what: format!("{}.{}", self.table, column.map_or("?", |column| column.name())),
            found: found.to_string(),
        }
    }

    pub(crate) fn text(&mut self) -> Result<&'r str, StoreError> {
        self.value()
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        self.value()
    }

    pub(crate) fn integer(&mut self) -> Result<i64, StoreError> {
        self.value()
    }

    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        self.value()
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
        self.value::<Option<i64>>().map(|micros| micros.map(Timestamp::from_unix_micros))
    }

    pub(crate) fn bytes(&mut self) -> Result<Arc<[u8]>, StoreError> {
        self.value::<&[u8]>().map(Arc::from)
    }

    pub(crate) fn octets<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.value()?;
        bytes.try_into().map_err(|_| self.corrupt(format_args!("{} bytes", bytes.len())))
    }

    /// A state, an id, a language: text that must be parsed to be of its type.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(&mut self) -> Result<T, StoreError> {
        self.checked(str::parse)
    }

    pub(crate) fn optional_parsed<T: FromStr<Err: fmt::Display>>(&mut self) -> Result<Option<T>, StoreError> {
        self.optional_checked(str::parse)
    }

    pub(crate) fn optional_checked<T, E: fmt::Display>(
        &mut self,
        check: impl FnOnce(&'r str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError> {
        let text = self.optional_text()?;
        text.map(check).transpose().map_err(|problem| self.corrupt(problem))
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
    connection: &mut Connection,
    sql: &str,
    values: &[Value],
    table: &'static str,
    read: impl FnOnce(&mut Fields<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let rows = connection.query(sql, values)?;
    rows.first().map(|row| read(&mut Fields::new(row, table))).transpose()
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
    rows.iter().map(|row| read(&mut Fields::new(row, table))).collect()
}
