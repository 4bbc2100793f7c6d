//! The list walked in its order.

use misp_onboarding::license_key::LicenseKeySort;

use super::STRETCH;
use super::page::{Order, Page};
use crate::statement::{Builder, Dialect};

impl Page<'_> {
    /// The keys of each state in the order of the list, merged; the whole lists or a stretch of each.
    pub(super) fn walk(&self, sql: &mut Builder, bounded: bool) -> String {
        let Order { column, index } = self.order;
        let beyond = self.beyond(sql, &format!("k.{column}"), "k.id");
        let conditions = self.conditions(sql, None);
        let shown = format!("{} AS r, k.{column} AS s, k.id AS i", self.row());
        let order = self.ordered("s", "i");
        let limit = self.query.limit;
        let lane = |select: &str, state: &str, within: &str| {
            let through = self.through(index);
            format!("SELECT {select} FROM license_keys k{through} WHERE k.state = '{state}'{beyond}{within}")
        };
        let lanes = |lane: &dyn Fn(&str) -> String| {
            self.states().iter().map(|state| lane(state)).collect::<Vec<_>>().join(" UNION ALL ")
        };
        match self.dialect {
            Dialect::Sqlite => {
                let lanes = lanes(&|state| lane(&shown, state, &conditions));
                format!("{lanes} ORDER BY {order} LIMIT {limit}")
            }
            Dialect::Postgres if bounded => {
                // The stretch is one of the merged list: with one of each state, a state whose rows are far apart would
                // give rows that lie beyond the stretch of another one.
                let ends = self.ends().filter(|_| self.query.sort == LicenseKeySort::ExpiresAt);
                let ends = ends.map_or(String::new(), |(from, to)| {
                    format!(" AND k.expires_at BETWEEN {} AND {}", sql.bind(from), sql.bind(to))
                });
                // A limit for each, too: the planner then takes each lane from its index, and merges them.
                let in_order = self.ordered(&format!("k.{column}"), "k.id");
                let lanes = lanes(&|state| {
                    format!(
                        "SELECT * FROM ({} ORDER BY {in_order} LIMIT {STRETCH}) lane",
                        lane("k.*", state, &ends)
                    )
                });
                let stretch = format!("{lanes} ORDER BY {} LIMIT {STRETCH}", self.ordered(column, "id"));
                format!(
                    "SELECT {shown} FROM ({stretch}) k WHERE 1 = 1{conditions} ORDER BY {order} LIMIT {limit}"
                )
            }
            Dialect::Postgres => {
                let in_order = self.ordered(&format!("k.{column}"), "k.id");
                let lanes = lanes(&|state| {
                    format!(
                        "SELECT * FROM ({} ORDER BY {in_order} LIMIT {limit}) lane",
                        lane(&shown, state, &conditions)
                    )
                });
                format!("{lanes} ORDER BY {order} LIMIT {limit}")
            }
        }
    }
}
