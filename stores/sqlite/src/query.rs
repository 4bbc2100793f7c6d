//! Lists: conditions and places become SQL of fixed pieces, and values that are bound.
//!
//! A page is a stretch of an index that is already in the list's order and begins at the page's place, so that it
//! costs the same wherever that place is; nothing is ever sorted. Which index that is, is decided here, since SQLite
//! keeps no statistics:
//!
//! * A condition that only few of very many rows meet ([`few`](Conditions::few): the rows of a partner) has an index
//!   (column, sort value, id) for each sort key. Walking the list for these rows would mean walking all of it.
//! * A condition that very many rows may meet ([`many`](Conditions::many): a state, a policy, a group) has such an
//!   index for the default order only. In any other order the index of the sort key is walked and rows that do not
//!   meet the condition are passed over. The more rows meet it, the fewer those are; an index for each order would
//!   make every write dearer to spare reads of a condition that is rarely met.
//! * A condition that leaves the sort key only one value (a group's rows by group name) bounds the walk of the sort
//!   key's index from both sides.
//!
//! The first condition that chooses an index decides, so the narrowest one comes first. Any other condition is kept
//! from suggesting its index by a `+` before the column.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::list::{Direction, Position, Query, SortValue, TimeRange};
use misp_onboarding::store::StoreError;
use misp_onboarding::text::Substring;
use misp_onboarding_sql::license_keys::STRETCH;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::error::failed;
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
    /// What the rows are listed by, none for a count.
    walk: Option<Walk>,
}

/// How the rows of a list are walked.
struct Walk {
    /// The column that is sorted by.
    sort: &'static str,
    /// The comparison of the sort column that the page's place makes, where it has one.
    beyond: Option<&'static str>,
    /// Whether a condition has chosen the index.
    chosen: bool,
}

/// A sort column of which all rows that meet a condition have the same value, and that value: an SQL expression in
/// which the one `?` is the value of the condition.
pub(crate) type Pin = (&'static str, &'static str);

impl Conditions {
    /// No condition yet, for a list in this order.
    pub(crate) fn sorted<F, S>(order: Order, query: &Query<F, S>) -> Self {
        let beyond = query.after.as_ref().map(|_| beyond(query.direction));
        let walk = Walk { sort: order.column, beyond, chosen: false };
        Self { sql: String::new(), values: Vec::new(), walk: Some(walk) }
    }

    /// No condition yet, for a count.
    pub(crate) fn counted() -> Self {
        Self { sql: String::new(), values: Vec::new(), walk: None }
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    /// The unique column equals the value.
    pub(crate) fn one(&mut self, column: &str, value: Option<impl Into<Value>>) -> &mut Self {
        self.equal(column, value, &[], |_| true)
    }

    /// The column equals the value, which few rows do. For each sort column that is not in `pins` there is an index
    /// of this column, the sort column and the id.
    pub(crate) fn few(&mut self, column: &str, value: Option<impl Into<Value>>, pins: &[Pin]) -> &mut Self {
        self.equal(column, value, pins, |_| true)
    }

    /// The column equals the value, which many rows may. Only for the sort column `then` there is an index of this
    /// column, the sort column and the id.
    pub(crate) fn many(
        &mut self,
        column: &str,
        value: Option<impl Into<Value>>,
        then: Option<&'static str>,
        pins: &[Pin],
    ) -> &mut Self {
        self.equal(column, value, pins, |sort| then == Some(sort))
    }

    fn equal(
        &mut self,
        column: &str,
        value: Option<impl Into<Value>>,
        pins: &[Pin],
        is_indexed_with: impl FnOnce(&'static str) -> bool,
    ) -> &mut Self {
        let Some(value) = value.map(Into::into) else { return self };
        let mut hidden = false;
        let mut pin = None;
        if let Some(walk) = &mut self.walk {
            if !walk.chosen {
                pin = pins.iter().find(|(sort, _)| *sort == walk.sort);
                walk.chosen = pin.is_some() || is_indexed_with(walk.sort);
                hidden = pin.is_some() || !walk.chosen;
            } else {
                hidden = true;
            }
        }
        if let Some((sort, only)) = pin {
            self.bound(sort, ">=", only, value.clone()).bound(sort, "<=", only, value.clone());
        }
        // A pinned sort column may be this very one, and then the bounds are the whole condition.
        if pin.is_none_or(|(sort, _)| *sort != column) {
            self.and(&format!("{}{column} = ?", if hidden { "+" } else { "" }));
            self.values.push(value);
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
        self.bound(column, operator, "?", instant.unix_micros().into())
    }

    /// The column compares so with an expression in which the one `?` is the value.
    fn bound(&mut self, column: &str, operator: &'static str, expression: &str, value: Value) -> &mut Self {
        // Where the walk begins at a place, a bound on the same side must not make it begin earlier.
        let hidden = self.walk.as_ref().is_some_and(|walk| {
            walk.sort != column || walk.beyond.is_some_and(|beyond| operator.starts_with(beyond))
        });
        self.and(&format!("{}{column} {operator} {expression}", if hidden { "+" } else { "" }));
        self.values.push(value);
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

    /// At most `limit` rows of `select` beyond the query's place that meet the conditions.
    pub(crate) fn page<F, S>(mut self, select: &str, order: Order, query: &Query<F, S>) -> Statement {
        let Order { column, id } = order;
        let beyond = beyond(query.direction);
        let direction = match query.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
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

/// How what comes later in this direction compares.
fn beyond(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    }
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
