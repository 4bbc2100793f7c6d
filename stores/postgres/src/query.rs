//! Lists: conditions and places become SQL of fixed pieces, and values that are bound.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::list::{Direction, Position, Query, SortValue, TimeRange};
use misp_onboarding::store::StoreError;
use misp_onboarding::text::Substring;

use crate::connection::Connection;
use crate::row::{self, Fields};
use crate::value::Value;

/// What a list is sorted by: the column of the sort value and the one of the id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: &'static str,
    pub(crate) id: &'static str,
}

/// Conditions that all must hold.
#[derive(Default)]
pub(crate) struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn and(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    /// Binds the value and gives the name by which SQL refers to it.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// The column equals the value.
    pub(crate) fn equals(&mut self, column: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            let place = self.bind(value);
            self.and(&format!("{column} = {place}"));
        }
        self
    }

    /// The case-folded column contains the text, in which no character is a wildcard.
    pub(crate) fn contains(&mut self, column: &str, text: Option<&Substring>) -> &mut Self {
        if let Some(text) = text {
            let place = self.bind(pattern(text.folded()));
            self.and(&format!("{column} LIKE {place}"));
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
        let place = self.bind(instant.unix_micros());
        self.and(&format!("{column} {operator} {place}"));
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
            Some(CertificateStatus::None) => self.fixed("FALSE"),
            Some(CertificateStatus::Expired) => self.compare(column, "<", now),
            Some(CertificateStatus::Expiring) => self.compare(column, ">=", now).compare(column, "<=", soon),
            Some(CertificateStatus::Valid) => self.compare(column, ">=", now).compare(column, ">", soon),
        }
    }

    /// Only rows beyond the place.
    fn beyond(&mut self, order: Order, direction: Direction, place: &Position) {
        let Order { column, id } = order;
        let (beyond, until_nul) = match direction {
            Direction::Ascending => (">", ">"),
            Direction::Descending => ("<", "<="),
        };
        // A place that somebody made up may hold U+0000, which no text in PostgreSQL can. What comes before that
        // character says as much: "a" < "a\0b" < "aa".
        let value: Value = match &place.value {
            SortValue::Time(time) => time.unix_micros().into(),
            SortValue::Text(text) => match text.split_once('\0') {
                None => text.as_str().into(),
                Some((before, _)) => {
                    let before = self.bind(before);
                    return self.and(&format!("{column} {until_nul} {before}"));
                }
            },
        };
        let (operator, after) = match place.id.split_once('\0') {
            None => (beyond, place.id.as_str()),
            Some((before, _)) => (until_nul, before),
        };
        let (value, after) = (self.bind(value), self.bind(after));
        self.and(&format!("({column}, {id}) {operator} ({value}, {after})"));
    }

    /// At most `limit` rows of `select` beyond the query's place that meet the conditions.
    pub(crate) fn page<F, S>(mut self, select: &str, order: Order, query: &Query<F, S>) -> Statement {
        if let Some(place) = &query.after {
            self.beyond(order, query.direction, place);
        }
        let direction = match query.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        let Order { column, id } = order;
        // The limit is part of the text: where it is bound, the planner takes it for a tenth of the table.
        let sql = format!(
            "{select}{} ORDER BY {column} {direction}, {id} {direction} LIMIT {}",
            self.sql, query.limit
        );
        Statement { sql, values: self.values }
    }

    /// How many rows of the table meet the conditions.
    pub(crate) fn count(self, from: &str) -> Statement {
        Statement { sql: format!("SELECT count(*) FROM {from}{}", self.sql), values: self.values }
    }
}

/// The pattern of `LIKE` for texts that contain this one.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

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
