//! What the ways to a page have in common: the order, the conditions, the place where the page before ended.

use std::fmt::Write as _;

use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus};
use misp_onboarding::list::{Direction, Query};

use super::collect::Source;
use super::side::Side;
use super::{Attempt, SHOWN, STATES};
use crate::UnsupportedSortKey;
use crate::place::Place;
use crate::statement::{Builder, Dialect};

/// What the list is sorted by, and the index (state, sort value, id, ...) that is in this order.
pub(super) struct Order {
    pub(super) column: &'static str,
    pub(super) index: &'static str,
}

impl Order {
    pub(super) fn of(sort: LicenseKeySort) -> Result<Self, UnsupportedSortKey> {
        let (column, index) = match sort {
            LicenseKeySort::Partner => ("partner_id_folded", "license_keys_in_state_by_partner"),
            LicenseKeySort::Organization => ("organization_folded", "license_keys_in_state_by_organization"),
            LicenseKeySort::PolicyGroup => {
                ("policy_group_name_folded", "license_keys_in_state_by_policy_group")
            }
            LicenseKeySort::Policy => ("policy_name_folded", "license_keys_in_state_by_policy"),
            LicenseKeySort::Name => ("name_folded", "license_keys_in_state_by_name"),
            LicenseKeySort::CreatedAt => ("created_at", "license_keys_in_state"),
            LicenseKeySort::ExpiresAt => ("expires_at", "license_keys_in_state_by_expiry"),
            _ => return Err(UnsupportedSortKey),
        };
        Ok(Self { column, index })
    }
}

pub(super) struct Page<'a> {
    pub(super) dialect: Dialect,
    pub(super) columns: &'a str,
    pub(super) query: &'a Query<LicenseKeyFilter, LicenseKeySort>,
    pub(super) order: Order,
}

impl Page<'_> {
    /// A way to the page: `inner` finds the rows with their places (`r`, `s`, `i`), and then they are shown.
    pub(super) fn attempt(
        &self,
        bounded: bool,
        inner: impl FnOnce(&Self, &mut Builder) -> String,
    ) -> Attempt {
        let mut sql = Builder::new(self.dialect);
        let inner = inner(self, &mut sql);
        let (row, join) = (self.row(), self.dialect.join());
        let order = self.ordered("f.s", "f.i");
        let text = format!(
            "SELECT {}, {SHOWN} FROM ({inner}) f {join} license_keys k ON {row} = f.r {join} partners p ON p.id = k.partner_id \
             LEFT JOIN policies d ON d.id = k.policy_id LEFT JOIN policy_groups g ON g.id = d.group_id ORDER BY {order}",
            self.columns
        );
        Attempt { statement: sql.finish(text), bounded }
    }

    /// What tells a row of `k`.
    pub(super) fn row(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "k.rowid",
            Dialect::Postgres => "k.id",
        }
    }

    /// Names the index to be used, to an engine that would not find it by itself, as it keeps no statistics.
    pub(super) fn through(&self, index: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!(" INDEXED BY {index}"),
            Dialect::Postgres => String::new(),
        }
    }

    pub(super) fn ordered(&self, value: &str, id: &str) -> String {
        let direction = match self.query.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        format!("{value} {direction}, {id} {direction}")
    }

    /// Whether the filter asks for nothing but a state, or an end in the order of ends.
    pub(super) fn is_plain(&self) -> bool {
        let filter = &self.query.filter;
        let ends = self.ends().is_none() || self.query.sort == LicenseKeySort::ExpiresAt;
        ends && filter.name.is_none()
            && !Side::Partner.is_meant_by(filter)
            && !Side::Policy.is_meant_by(filter)
    }

    /// Whether the keys of each partner, or policy, can be had in the order of the list.
    pub(super) fn merges(&self, side: Side) -> bool {
        match side {
            Side::Partner => matches!(
                self.query.sort,
                LicenseKeySort::CreatedAt | LicenseKeySort::Partner | LicenseKeySort::Organization
            ),
            Side::Policy => matches!(
                self.query.sort,
                LicenseKeySort::CreatedAt | LicenseKeySort::Policy | LicenseKeySort::PolicyGroup
            ),
        }
    }

    pub(super) fn states(&self) -> &'static [&'static str] {
        match self.query.filter.status {
            None => &STATES,
            Some(LicenseKeyStatus::Active | LicenseKeyStatus::Expired) => &STATES[..1],
            Some(LicenseKeyStatus::Replaced) => &STATES[1..2],
            Some(LicenseKeyStatus::Deactivated) => &STATES[2..],
        }
    }

    /// The first and the last end that the filter lets through, where it says. "Expired" is a matter of the clock: of
    /// active keys, those whose end has come.
    pub(super) fn ends(&self) -> Option<(i64, i64)> {
        let now = self.query.now.unix_micros();
        let status = match self.query.filter.status {
            Some(LicenseKeyStatus::Active) => Some((now.saturating_add(1), i64::MAX)),
            Some(LicenseKeyStatus::Expired) => Some((i64::MIN, now)),
            _ => None,
        };
        let range = self.query.filter.expires.map(|range| (range.from.unix_micros(), range.to.unix_micros()));
        match (status, range) {
            (Some(one), Some(other)) => Some((one.0.max(other.0), one.1.min(other.1))),
            (one, other) => one.or(other),
        }
    }

    /// The conditions that a key must meet, of a table or subquery called `k`, but for its state and what is left to
    /// `except`.
    pub(super) fn conditions(&self, sql: &mut Builder, except: Option<Source>) -> String {
        let filter = &self.query.filter;
        let mut all: Vec<String> = Vec::new();
        all.extend(filter.id.map(|id| format!("k.id = {}", sql.bind(id.to_string()))));
        if except != Some(Source::Side(Side::Partner)) {
            all.extend(filter.partner.as_ref().map(|id| format!("k.partner_id = {}", sql.bind(id.as_str()))));
            all.extend(filter.organization.as_ref().map(|part| sql.contains("k.organization_folded", part)));
        }
        if except != Some(Source::Side(Side::Policy)) && Side::Policy.is_meant_by(filter) {
            // A set of ids, as the indexes of the list hold the policy's id.
            let conditions = Side::Policy.conditions(sql, filter).join(" AND ");
            all.push(format!("k.policy_id IN (SELECT d.id FROM policies d WHERE {conditions})"));
        }
        all.extend(filter.name.as_ref().map(|part| sql.contains("k.name_folded", part)));
        if let Some((from, to)) = self.ends() {
            all.push(format!("k.expires_at BETWEEN {} AND {}", sql.bind(from), sql.bind(to)));
        }
        all.iter().fold(String::new(), |mut text, condition| {
            // Writing to a string does not fail.
            let _ = write!(text, " AND {condition}");
            text
        })
    }

    /// The condition that the state is one of those asked for.
    pub(super) fn in_states(&self) -> String {
        let states = self.states();
        if states.len() == STATES.len() {
            return String::new();
        }
        let named: Vec<String> = states.iter().map(|state| format!("'{state}'")).collect();
        format!(" AND k.state IN ({})", named.join(", "))
    }

    /// The condition that a row lies beyond the place where the page before ended.
    pub(super) fn beyond(&self, sql: &mut Builder, value: &str, id: &str) -> String {
        let condition = |place: Place| place.beyond(sql, self.query.direction, value, id);
        self.place().map(condition).map_or(String::new(), |condition| format!(" AND {condition}"))
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.query.after.as_ref().map(|place| Place::of(self.dialect, place))
    }
}
