//! Where the page before ended.

use misp_onboarding::list::{Direction, Position, SortValue};

use crate::statement::{Builder, Dialect, Value};

/// Where the page before ended.
pub(crate) enum Place {
    /// At a row of this value and id, and with it where `inclusive`.
    Whole { value: Value, id: Value, inclusive: bool },
    /// Beyond all rows of this value, or up to and with them.
    Value { at: Value, inclusive: bool },
}

impl Place {
    pub(crate) fn of(dialect: Dialect, place: &Position) -> Self {
        let postgres = dialect == Dialect::Postgres;
        // A place that somebody made up may hold U+0000, which no text in PostgreSQL can. What comes before that
        // character says as much: "a" < "a\0b" < "aa".
        let at = match &place.value {
            SortValue::Time(time) => time.unix_micros().into(),
            SortValue::Text(text) => match text.split_once('\0').filter(|_| postgres) {
                None => text.as_str().into(),
                Some((before, _)) => return Self::Value { at: before.into(), inclusive: true },
            },
        };
        let (after, inclusive) = match place.id.split_once('\0').filter(|_| postgres) {
            None => (place.id.as_str(), false),
            Some((before, _)) => (before, true),
        };
        Self::Whole { value: at, id: after.into(), inclusive }
    }

    /// The condition that a row lies beyond it.
    pub(crate) fn beyond(self, sql: &mut Builder, direction: Direction, value: &str, id: &str) -> String {
        let operator = |inclusive| match (direction, inclusive) {
            (Direction::Ascending, _) => ">",
            (Direction::Descending, false) => "<",
            (Direction::Descending, true) => "<=",
        };
        match self {
            Self::Whole { value: at, id: after, inclusive } => {
                format!("({value}, {id}) {} ({}, {})", operator(inclusive), sql.bind(at), sql.bind(after))
            }
            Self::Value { at, inclusive } => format!("{value} {} {}", operator(inclusive), sql.bind(at)),
        }
    }
}
