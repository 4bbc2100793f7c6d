//! Lists that are walked in their order: conditions and places become SQL of fixed pieces, and values that are bound.
//!
//! A page is a stretch of an index that is already in the list's order and begins at the page's place, so that it
//! costs the same wherever that place is; nothing is ever sorted. PostgreSQL keeps statistics and finds that index by
//! itself. SQLite keeps none, so for it the index is decided here:
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

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::list::{Direction, Query, TimeRange};
use misp_onboarding::text::Substring;

use crate::place::Place;
use crate::statement::{Builder, Dialect, Statement, Value};
use crate::words;

/// What a list is sorted by: the column of the sort value and the one of the id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: &'static str,
    pub(crate) id: &'static str,
}

/// Conditions that all must hold.
pub(crate) struct Conditions {
    text: String,
    builder: Builder,
    /// How the rows of a list are walked; none for a count, and where the database decides.
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
/// which each `?` is the value of the condition.
pub(crate) type Pin = (&'static str, &'static str);

impl Conditions {
    /// No condition yet, for a list in this order.
    pub(crate) fn sorted<F, S>(dialect: Dialect, order: Order, query: &Query<F, S>) -> Self {
        let beyond = query.after.as_ref().map(|_| beyond(query.direction));
        let walk = Walk { sort: order.column, beyond, chosen: false };
        Self { walk: (dialect == Dialect::Sqlite).then_some(walk), ..Self::counted(dialect) }
    }

    /// No condition yet, for a count.
    pub(crate) fn counted(dialect: Dialect) -> Self {
        Self { text: String::new(), builder: Builder::new(dialect), walk: None }
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(if self.text.is_empty() { " WHERE " } else { " AND " });
        self.text.push_str(condition);
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
        let Some(value) = value else { return self };
        let place = self.builder.bind(value);
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
            let only = only.replace('?', &place);
            self.bound(sort, ">=", &only).bound(sort, "<=", &only);
        }
        // A pinned sort column may be this very one, and then the bounds are the whole condition.
        if pin.is_none_or(|(sort, _)| *sort != column) {
            self.and(&format!("{}{column} = {place}", if hidden { "+" } else { "" }));
        }
        self
    }

    /// The case-folded column contains the text, in which no character is a wildcard.
    pub(crate) fn contains(&mut self, column: &str, text: Option<&Substring>) -> &mut Self {
        if let Some(text) = text {
            let condition = match self.builder.dialect {
                Dialect::Sqlite => self.builder.contains(column, text),
                Dialect::Postgres => words::compared_in_postgres(&mut self.builder, column, text),
            };
            self.and(&condition);
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
        let place = self.builder.bind(instant.unix_micros());
        self.bound(column, operator, &place)
    }

    /// The column compares so with an expression.
    fn bound(&mut self, column: &str, operator: &'static str, expression: &str) -> &mut Self {
        // Where the walk begins at a place, a bound on the same side must not make it begin earlier.
        let hidden = self.walk.as_ref().is_some_and(|walk| {
            walk.sort != column || walk.beyond.is_some_and(|beyond| operator.starts_with(beyond))
        });
        self.and(&format!("{}{column} {operator} {expression}", if hidden { "+" } else { "" }));
        self
    }

    /// Whether there is something in the column.
    pub(crate) fn has(&mut self, column: &str, something: bool) -> &mut Self {
        let hidden = if self.walk.is_some() { "+" } else { "" };
        self.and(&format!("{hidden}{column} IS {}NULL", if something { "NOT " } else { "" }));
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
            None => {}
            Some(CertificateStatus::None) => self.and("FALSE"),
            Some(CertificateStatus::Expired) => drop(self.compare(column, "<", now)),
            Some(CertificateStatus::Expiring) => {
                self.compare(column, ">=", now).compare(column, "<=", soon);
            }
            Some(CertificateStatus::Valid) => {
                self.compare(column, ">=", now).compare(column, ">", soon);
            }
        }
        self
    }

    /// At most `limit` rows of `select` beyond the query's place that meet the conditions.
    pub(crate) fn page<F, S>(mut self, select: &str, order: Order, query: &Query<F, S>) -> Statement {
        let Order { column, id } = order;
        if let Some(place) = &query.after {
            let place = Place::of(self.builder.dialect, place);
            let condition = place.beyond(&mut self.builder, query.direction, column, id);
            self.and(&condition);
        }
        let direction = match query.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        let limit = match self.builder.dialect {
            Dialect::Sqlite => self.builder.bind(i64::from(query.limit)),
            // Part of the text: where it is bound, the planner takes it for a tenth of the table.
            Dialect::Postgres => query.limit.to_string(),
        };
        let conditions = self.text;
        self.builder.finish(format!(
            "{select}{conditions} ORDER BY {column} {direction}, {id} {direction} LIMIT {limit}"
        ))
    }

    /// How many rows of the table meet the conditions.
    pub(crate) fn count(self, from: &str) -> Statement {
        let text = format!("SELECT count(*) FROM {from}{}", self.text);
        self.builder.finish(text)
    }
}

/// How what comes later in this direction compares.
fn beyond(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => ">",
        Direction::Descending => "<",
    }
}
