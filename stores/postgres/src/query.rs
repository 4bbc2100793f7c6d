//! Statements that this store shares with others, run here.

use misp_onboarding::store::StoreError;
use misp_onboarding_sql::Fields;

use crate::connection::Connection;
use crate::row;
use crate::value::Value;

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

impl Statement {
    /// The rows it finds.
    pub(crate) fn rows<T>(
        &self,
        connection: &mut Connection,
        table: &'static str,
        read: impl FnMut(&mut Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        row::many(connection, &self.sql, &self.values, table, read)
    }

    /// The number it counts.
    pub(crate) fn number(&self, connection: &mut Connection) -> Result<u64, StoreError> {
        let count = row::one(connection, &self.sql, &self.values, "count", |fields| fields.count())?;
        Ok(count.unwrap_or(0))
    }
}
