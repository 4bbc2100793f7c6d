//! What the narrowest filter's own index finds, collected and sorted.

use super::page::{Order, Page};
use super::side::Side;
use crate::statement::{Builder, Dialect};
use crate::words;

/// Where keys are collected from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Key,
    Side(Side),
    Name,
    End,
}

impl Page<'_> {
    /// The keys that end when the filter says: where they are found, and the condition.
    pub(super) fn ending(&self, sql: &mut Builder) -> (String, String) {
        let states: Vec<String> = self.states().iter().map(|state| format!("'{state}'")).collect();
        let (from, to) = self.ends().unwrap_or((i64::MIN, i64::MAX));
        let (states, from, to) = (states.join(", "), sql.bind(from), sql.bind(to));
        let ends = format!("k.state IN ({states}) AND k.expires_at BETWEEN {from} AND {to}");
        (format!("license_keys k{}", self.through("license_keys_in_state_by_expiry")), ends)
    }

    /// What the source finds, sorted.
    pub(super) fn collect(&self, sql: &mut Builder, source: Source) -> String {
        let Order { column, .. } = self.order;
        let filter = &self.query.filter;
        let (from, only) = match source {
            Source::Key => ("license_keys k".to_owned(), "1 = 1".to_owned()),
            Source::Side(side) => {
                let (reference, index) = side.reference();
                let from =
                    format!("{} {} license_keys k{}", side.table(), self.dialect.join(), self.through(index));
                let from = format!("{from} ON k.{reference} = {}", side.id());
                (from, side.conditions(sql, filter).join(" AND "))
            }
            Source::Name => match (self.dialect, &filter.name) {
                (Dialect::Sqlite, Some(name)) => {
                    ("license_keys k".to_owned(), format!("k.id IN ({})", words::LICENSE_KEYS.ids(sql, name)))
                }
                // "OFFSET 0" keeps the planner from looking for a walk instead, which has been tried already.
                (_, name) => {
                    let named = name.as_ref().map(|name| words::named_in_postgres(sql, name));
                    let named = named.unwrap_or_else(|| "1 = 1".to_owned());
                    let named = format!("SELECT * FROM license_keys k WHERE {named} OFFSET 0");
                    (format!("({named}) k"), "1 = 1".to_owned())
                }
            },
            Source::End => match (self.dialect, self.ending(sql)) {
                (Dialect::Sqlite, ending) => ending,
                (Dialect::Postgres, (from, ends)) => {
                    (format!("(SELECT * FROM {from} WHERE {ends} OFFSET 0) k"), "1 = 1".to_owned())
                }
            },
        };
        let except = matches!(source, Source::Side(_)).then_some(source);
        let rest = self.beyond(sql, &format!("k.{column}"), "k.id")
            + &self.in_states()
            + &self.conditions(sql, except);
        let order = self.ordered("s", "i");
        format!(
            "SELECT {} AS r, k.{column} AS s, k.id AS i FROM {from} WHERE {only}{rest} ORDER BY {order} LIMIT {}",
            self.row(),
            self.query.limit
        )
    }
}
