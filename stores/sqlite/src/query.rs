//! Statements that this store shares with others, run here.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use misp_onboarding::store::StoreError;
use misp_onboarding_sql::Fields;
use misp_onboarding_sql::license_keys::STRETCH;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::error::failed;
use crate::row;

/// A query with its values.
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

impl From<misp_onboarding_sql::Statement> for Statement {
    fn from(statement: misp_onboarding_sql::Statement) -> Self {
        let values = statement.values.into_iter().map(|value| match value {
            misp_onboarding_sql::Value::Integer(number) => number.into(),
            misp_onboarding_sql::Value::Text(text) => text.into(),
            misp_onboarding_sql::Value::Bytes(bytes) => bytes.into(),
        });
        Self { sql: statement.sql, values: values.collect() }
    }
}

/// After so many steps of SQLite's machine it is asked whether to go on.
const STEPS: c_int = 1_000;
/// What is given up after a stretch is given up after so many questions: a row that is passed over takes 10 to 20 steps.
const QUESTIONS: u32 = STRETCH * 20 / STEPS.unsigned_abs();

impl Statement {
    /// The rows it finds, none where it takes too many steps.
    pub(crate) fn rows_at_once<T>(
        self,
        connection: &mut Connection,
        table: &'static str,
        read: impl FnMut(&mut Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<Vec<T>>, StoreError> {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let is_enough = move || count.fetch_add(1, Ordering::Relaxed) >= QUESTIONS;
        connection.progress_handler(STEPS, Some(is_enough)).map_err(failed)?;
        let rows = self.rows(connection, table, read);
        connection.progress_handler(0, None::<fn() -> bool>).map_err(failed)?;
        // Only the one question too many interrupts it.
        let given_up = asked.load(Ordering::Relaxed) > QUESTIONS;
        if rows.is_err() && given_up { Ok(None) } else { rows.map(Some) }
    }

    /// The rows it finds.
    pub(crate) fn rows<T>(
        self,
        connection: &Connection,
        table: &'static str,
        read: impl FnMut(&mut Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        row::many(connection, &self.sql, params_from_iter(self.values), table, read)
    }

    /// The number it counts.
    pub(crate) fn number(self, connection: &Connection) -> Result<u64, StoreError> {
        let values = params_from_iter(self.values);
        let count = row::one(connection, &self.sql, values, "count", |fields| fields.count())?;
        Ok(count.unwrap_or(0))
    }
}
