//! Lists: conditions and places become SQL of fixed pieces, and values that are bound.
//!
//! Which index SQLite walks is decided here, since it keeps no statistics: the one of the sort key, unless a
//! condition singles out few rows and has an index of its own. A condition is kept from suggesting its index by a
//! `+` before the column.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::list::{Direction, Position, Query, SortValue, TimeRange};
use misp_onboarding::store::StoreError;
use misp_onboarding::text::Substring;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::row::{self, Fields};

/// What a list is sorted by: the column of the sort value and the one of the id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: &'static str,
    pub(crate) id: &'static str,
}

/// Conditions that all must hold.
pub(crate) struct Conditions {
    sql: String,
    values: Vec<Value>,
    /// The column that is sorted by, none for a count.
    sort: Option<&'static str>,
}

impl Conditions {
    /// No condition yet, for a list in this order.
    pub(crate) fn sorted(order: Order) -> Self {
        Self { sql: String::new(), values: Vec::new(), sort: Some(order.column) }
    }

    /// No condition yet, for a count.
    pub(crate) fn counted() -> Self {
        Self { sql: String::new(), values: Vec::new(), sort: None }
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    /// The column equals the value, which few rows do; its index may be used.
    pub(crate) fn few(&mut self, column: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.and(&format!("{column} = ?"));
            self.values.push(value.into());
        }
        self
    }

    /// The column equals the value, which many rows may; there is an index of this column followed by `then`.
    pub(crate) fn many(&mut self, column: &str, value: Option<impl Into<Value>>, then: &str) -> &mut Self {
        if let Some(value) = value {
            let column = if self.sort == Some(then) { column.to_owned() } else { self.walked(column) };
            self.and(&format!("{column} = ?"));
            self.values.push(value.into());
        }
        self
    }

    /// The case-folded column contains the text, in which no character is a wildcard.
    pub(crate) fn contains(&mut self, column: &str, text: Option<&Substring>) -> &mut Self {
        if let Some(text) = text {
            self.and(&format!("instr({column}, ?) > 0"));
            self.values.push(text.folded().to_owned().into());
        }
        self
    }

    /// The instant in the column lies in the range.
    pub(crate) fn within(&mut self, column: &str, range: Option<TimeRange>) -> &mut Self {
        if let Some(TimeRange { from, to }) = range {
            self.compare(column, ">=", from).compare(column, "<=", to);
        }
        self
    }

    /// The instant in the column compares so with another.
    pub(crate) fn compare(&mut self, column: &str, operator: &'static str, instant: Timestamp) -> &mut Self {
        self.and(&format!("{} {operator} ?", self.walked(column)));
        self.values.push(instant.unix_micros().into());
        self
    }

    /// Something that needs no value.
    pub(crate) fn fixed(&mut self, condition: &'static str) -> &mut Self {
        self.and(condition);
        self
    }

    /// A certificate whose last valid instant is in the column has this status at `now`. There is a certificate.
    pub(crate) fn certificate_status(
        &mut self,
        column: &str,
        status: Option<CertificateStatus>,
        now: Timestamp,
    ) -> &mut Self {
        let soon = now.plus_days(CertificateStatus::EXPIRING_DAYS);
        match status {
            None => self,
            Some(CertificateStatus::None) => self.fixed("0"),
            Some(CertificateStatus::Expired) => self.compare(column, "<", now),
            Some(CertificateStatus::Expiring) => self.compare(column, ">=", now).compare(column, "<=", soon),
            Some(CertificateStatus::Valid) => self.compare(column, ">=", now).compare(column, ">", soon),
        }
    }

    /// The column, with its index kept out of sight unless that is the one walked.
    fn walked(&self, column: &str) -> String {
        match self.sort {
            Some(sort) if sort != column => format!("+{column}"),
            _ => column.to_owned(),
        }
    }

    /// At most `limit` rows of `select` beyond the query's place that meet the conditions.
    pub(crate) fn page<F, S>(mut self, select: &str, order: Order, query: &Query<F, S>) -> Statement {
        let Order { column, id } = order;
        let (beyond, direction) = match query.direction {
            Direction::Ascending => (">", "ASC"),
            Direction::Descending => ("<", "DESC"),
        };
        if let Some(Position { value, id: after }) = &query.after {
            self.and(&format!("({column}, {id}) {beyond} (?, ?)"));
            self.values.push(match value {
                SortValue::Text(text) => text.clone().into(),
                SortValue::Time(time) => time.unix_micros().into(),
            });
            self.values.push(after.clone().into());
        }
        self.values.push(i64::from(query.limit).into());
        let sql = format!("{select}{} ORDER BY {column} {direction}, {id} {direction} LIMIT ?", self.sql);
        Statement { sql, values: self.values }
    }

    /// How many rows of the table meet the conditions.
    pub(crate) fn count(self, from: &str) -> Statement {
        Statement { sql: format!("SELECT count(*) FROM {from}{}", self.sql), values: self.values }
    }
}

/// A query with its values.
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

impl Statement {
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
