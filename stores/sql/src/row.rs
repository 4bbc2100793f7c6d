//! Reading rows: the columns of one are taken one after the other.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::id::Version;
use misp_onboarding::store::StoreError;

/// One row, as a database driver gives it. Columns are counted from 0.
pub trait Row {
    /// The text in a column; none where it holds `NULL`.
    ///
    /// # Errors
    /// What is there instead.
    fn text(&self, column: usize) -> Result<Option<&str>, String>;

    /// The number in a column; none where it holds `NULL`.
    ///
    /// # Errors
    /// What is there instead.
    fn integer(&self, column: usize) -> Result<Option<i64>, String>;

    /// Whether what a column says is true; none where it holds `NULL`.
    ///
    /// # Errors
    /// What is there instead.
    fn flag(&self, column: usize) -> Result<Option<bool>, String>;

    /// The bytes in a column; none where it holds `NULL`.
    ///
    /// # Errors
    /// What is there instead.
    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, String>;

    /// What the column is called.
    fn name(&self, column: usize) -> Option<&str>;
}

/// The columns of one row, taken one after the other.
///
/// What a column holds that is not of the type it is taken for is [`StoreError::Corrupt`].
pub struct Fields<'r> {
    row: &'r dyn Row,
    table: &'static str,
    next: usize,
}

impl<'r> Fields<'r> {
    /// Begins with the first column of a row; `table` is where an error says it comes from.
    pub fn new(row: &'r dyn Row, table: &'static str) -> Self {
        Self { row, table, next: 0 }
    }

    /// Says which table the columns that follow come from.
    pub fn of(&mut self, table: &'static str) -> &mut Self {
        self.table = table;
        self
    }

    fn take<T>(
        &mut self,
        take: impl FnOnce(&'r dyn Row, usize) -> Result<Option<T>, String>,
    ) -> Result<Option<T>, StoreError> {
        let value = take(self.row, self.next);
        self.next += 1;
        value.map_err(|found| self.corrupt(found))
    }

    fn needed<T>(&self, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt("NULL"))
    }

    /// The column just taken does not hold what it should.
    fn corrupt(&self, found: impl fmt::Display) -> StoreError {
        let column = self.next.checked_sub(1).and_then(|index| self.row.name(index));
        StoreError::Corrupt {
            what: format!("{}.{}", self.table, column.unwrap_or("?")),
            found: found.to_string(),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// It is none.
    pub fn text(&mut self) -> Result<&'r str, StoreError> {
        let text = self.optional_text()?;
        self.needed(text)
    }

    /// A text, or nothing.
    ///
    /// # Errors
    /// It is neither.
    pub fn optional_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        self.take(|row, column| row.text(column))
    }

    /// A number.
    ///
    /// # Errors
    /// It is none.
    pub fn integer(&mut self) -> Result<i64, StoreError> {
        let number = self.take(|row, column| row.integer(column))?;
        self.needed(number)
    }

    /// Yes or no.
    ///
    /// # Errors
    /// It is neither.
    pub fn flag(&mut self) -> Result<bool, StoreError> {
        let flag = self.take(|row, column| row.flag(column))?;
        self.needed(flag)
    }

    /// A number that is not negative.
    ///
    /// # Errors
    /// It is none.
    pub fn count(&mut self) -> Result<u64, StoreError> {
        let number = self.integer()?;
        u64::try_from(number).map_err(|_| self.corrupt(number))
    }

    /// The version of a record.
    ///
    /// # Errors
    /// It is none.
    pub fn version(&mut self) -> Result<Version, StoreError> {
        let number = self.integer()?;
        u32::try_from(number).map(Version::new).map_err(|_| self.corrupt(number))
    }

    /// An instant.
    ///
    /// # Errors
    /// It is none.
    pub fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.integer().map(Timestamp::from_unix_micros)
    }

    /// An instant, or nothing.
    ///
    /// # Errors
    /// It is neither.
    pub fn optional_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.take(|row, column| row.integer(column))?.map(Timestamp::from_unix_micros))
    }

    /// Bytes.
    ///
    /// # Errors
    /// They are none.
    pub fn bytes(&mut self) -> Result<Arc<[u8]>, StoreError> {
        self.blob().map(Arc::from)
    }

    /// As many bytes as are asked for.
    ///
    /// # Errors
    /// They are none, or of another number.
    pub fn octets<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes = self.blob()?;
        bytes.try_into().map_err(|_| self.corrupt(format_args!("{} bytes", bytes.len())))
    }

    fn blob(&mut self) -> Result<&'r [u8], StoreError> {
        let bytes = self.take(|row, column| row.bytes(column))?;
        self.needed(bytes)
    }

    /// A state, an id, a language: text that must be parsed to be of its type.
    ///
    /// # Errors
    /// It is not of this type.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&mut self) -> Result<T, StoreError> {
        self.checked(str::parse)
    }

    /// The same, or nothing.
    ///
    /// # Errors
    /// It is neither.
    pub fn optional_parsed<T: FromStr<Err: fmt::Display>>(&mut self) -> Result<Option<T>, StoreError> {
        self.optional_checked(str::parse)
    }

    /// Reads text with `check`, whose problem makes the column corrupt.
    ///
    /// # Errors
    /// It is no text, or has a problem.
    pub fn checked<T, E: fmt::Display>(
        &mut self,
        check: impl FnOnce(&'r str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        let text = self.text()?;
        check(text).map_err(|problem| self.corrupt(problem))
    }

    /// The same, or nothing.
    ///
    /// # Errors
    /// It is neither.
    pub fn optional_checked<T, E: fmt::Display>(
        &mut self,
        check: impl FnOnce(&'r str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError> {
        let text = self.optional_text()?;
        text.map(check).transpose().map_err(|problem| self.corrupt(problem))
    }
}
