//! Statements: text of fixed pieces, and values that are bound.

use std::fmt;

use misp_onboarding::text::Substring;

/// Whose SQL is spoken, where the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite with FTS5.
    Sqlite,
    /// PostgreSQL, and what speaks like it.
    Postgres,
}

impl Dialect {
    /// The name of a value by its number, the first being 1.
    pub fn place(self, number: usize) -> String {
        match self {
            Self::Sqlite => format!("?{number}"),
            Self::Postgres => format!("${number}"),
        }
    }

    /// Joins to a row the one that belongs to it. SQLite never reorders a cross join, so that the list's own table comes
    /// first; PostgreSQL knows best.
    pub(crate) fn join(self) -> &'static str {
        match self {
            Self::Sqlite => "CROSS JOIN",
            Self::Postgres => "JOIN",
        }
    }
}

/// A value that is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, or an instant in microseconds.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// A query with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text, with numbered places for the values.
    pub sql: String,
    /// The values, in the order of their numbers.
    pub values: Vec<Value>,
}

/// Collects the values of a statement while its text is put together.
#[derive(Debug)]
pub struct Builder {
    /// Whose SQL it is.
    pub dialect: Dialect,
    values: Vec<Value>,
}

impl Builder {
    /// For a statement without values yet.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, values: Vec::new() }
    }

    /// Binds the value and gives the name by which the text refers to it.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        let value = value.into();
        let known = self.values.iter().position(|bound| *bound == value);
        let place = known.unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        });
        self.dialect.place(place + 1)
    }

    /// The case-folded column contains the text, in which no character is a wildcard. No index is suggested by it.
    pub fn contains(&mut self, column: impl fmt::Display, text: &Substring) -> String {
        let place = self.bind(text.folded());
        match self.dialect {
            Dialect::Sqlite => format!("instr({column}, {place}) > 0"),
            Dialect::Postgres => format!("strpos({column}, {place}) > 0"),
        }
    }

    /// The statement with this text.
    pub fn finish(self, sql: String) -> Statement {
        Statement { sql, values: self.values }
    }
}

/// The pattern of `LIKE` for texts that contain this one.
pub(crate) fn pattern(text: &Substring) -> String {
    let mut pattern = String::with_capacity(text.folded().len() + 2);
    pattern.push('%');
    for character in text.folded().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
