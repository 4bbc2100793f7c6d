//! The first keys of each partner, policy or length of validity, merged.

use misp_onboarding::license_key::{LicenseKeySort, LicenseKeyStatus};
use misp_onboarding::list::Direction;

use super::collect::Source;
use super::page::Page;
use super::side::Side;
use crate::place::Place;
use crate::statement::{Builder, Dialect};

impl Page<'_> {
    /// The keys of few partners or policies.
    pub(super) fn of(&self, sql: &mut Builder, side: Side) -> String {
        if !self.merges(side) {
            self.collect(sql, Source::Side(side))
        } else if self.query.sort == LicenseKeySort::CreatedAt {
            self.merge_by_creation(sql, side)
        } else {
            self.merge_by_parent(sql, side, side.table())
        }
    }

    /// The keys of many partners or policies. In their own order it ends with the first ones that fill a page.
    pub(super) fn of_many(&self, sql: &mut Builder, side: Side) -> String {
        let in_order = match self.query.sort {
            LicenseKeySort::Organization => "partners p INDEXED BY partners_by_organization",
            LicenseKeySort::Policy => "policies d INDEXED BY policies_by_name",
            LicenseKeySort::PolicyGroup => "policies d INDEXED BY policies_by_group_name",
            _ => return self.of(sql, side),
        };
        match self.dialect {
            Dialect::Sqlite if self.merges(side) => self.merge_by_parent(sql, side, in_order),
            _ => self.of(sql, side),
        }
    }

    /// The newest, or oldest, keys of each partner or policy, merged.
    pub(super) fn merge_by_creation(&self, sql: &mut Builder, side: Side) -> String {
        let (reference, index) = side.reference();
        let own = format!("k.{reference} = {}", side.id());
        let rest = self.beyond(sql, "k.created_at", "k.id")
            + &self.in_states()
            + &self.conditions(sql, Some(Source::Side(side)));
        let in_order = self.ordered("k.created_at", "k.id");
        let meant = side.conditions(sql, &self.query.filter).join(" AND ");
        self.first_of_each(side.table(), &meant, index, &(own + &rest), &in_order, "k.created_at")
    }

    /// The keys of each partner or policy and each state by id, as all of them have one sort value: their parent's.
    pub(super) fn merge_by_parent(&self, sql: &mut Builder, side: Side, parents: &str) -> String {
        let (value, own, index) = match (side, self.query.sort) {
            (Side::Partner, LicenseKeySort::Partner) => {
                ("p.id_folded", "k.partner_id_folded = p.id_folded", "license_keys_in_state_by_partner")
            }
            (Side::Partner, _) => (
                "p.organization_folded",
                "k.partner_id_folded = p.id_folded",
                "license_keys_in_state_by_partner",
            ),
            (Side::Policy, LicenseKeySort::Policy) => (
                "d.name_folded",
                "k.policy_name_folded = d.name_folded AND k.policy_id = d.id",
                "license_keys_in_state_by_policy",
            ),
            (Side::Policy, _) => (
                "d.group_name_folded",
                "k.policy_name_folded = d.name_folded AND k.policy_id = d.id",
                "license_keys_in_state_by_policy",
            ),
        };
        // Ids are hexadecimal digits and hyphens: '' comes before all of them, '~' after.
        let (beyond, meant) = self.place().map_or((String::new(), String::new()), |place| {
            let (at, after, inclusive) = match place {
                Place::Whole { value, id, inclusive } => (value, id, inclusive),
                Place::Value { at, .. } => (at, "~".into(), false),
            };
            let (at, after) = (sql.bind(at), sql.bind(after));
            let (operator, ahead) = match (self.query.direction, inclusive) {
                (Direction::Ascending, _) => (">", "''"),
                (Direction::Descending, false) => ("<", "'~'"),
                (Direction::Descending, true) => ("<=", "'~'"),
            };
            let not_behind = if self.query.direction == Direction::Ascending { ">=" } else { "<=" };
            let beyond =
                format!(" AND k.id {operator} CASE WHEN {value} = {at} THEN {after} ELSE {ahead} END");
            (beyond, format!(" AND {value} {not_behind} {at}"))
        });
        let rest = beyond + &self.conditions(sql, Some(Source::Side(side)));
        let states: Vec<String> =
            self.states().iter().map(|state| format!("SELECT '{state}' AS state")).collect();
        let table = format!("{parents} CROSS JOIN ({}) t", states.join(" UNION ALL "));
        let in_order = self.ordered("k.id", "k.id");
        let own = format!("k.state = t.state AND {own}");
        let meant = side.conditions(sql, &self.query.filter).join(" AND ") + &meant;
        self.first_of_each(&table, &meant, index, &(own + &rest), &in_order, value)
    }

    /// The first keys of each length of validity, merged. Of keys that are good for equally many days the clock parts the
    /// older from the newer ones: those of more than so many days ago have expired, later ones have not, and only keys
    /// of that very day are looked at. There are as many lengths as hosts ask for: one or a handful, 1,826 at most.
    pub(super) fn merge_by_validity(&self, sql: &mut Builder) -> String {
        const DAYS: &str = "(expires_at - created_at) / 86400000000";
        let state = "k.state = 'active'";
        let day = 86_400_000_000_i64;
        let now = self.query.now.unix_micros();
        // Whole days are rounded towards zero: a key of d days ends after d days and before d + 1, one of no days or fewer
        // after d - 1.
        let after = format!("{} - (v.days + 1) * {day}", sql.bind(now));
        let before =
            format!("{} - (CASE WHEN v.days > 0 THEN v.days ELSE v.days - 1 END) * {day}", sql.bind(now));
        let place = match self.place() {
            Some(Place::Whole { value, .. } | Place::Value { at: value, .. }) => Some(sql.bind(value)),
            None => None,
        };
        let (least, greatest) = match self.dialect {
            Dialect::Sqlite => ("min", "max"),
            Dialect::Postgres => ("least", "greatest"),
        };
        // Where the page's place bounds the same side, the narrower bound is where a search begins.
        let (part, hidden) = match (self.query.filter.status, self.query.direction, place) {
            (Some(LicenseKeyStatus::Active), Direction::Ascending, Some(place)) => {
                (format!("k.created_at >= {greatest}({after}, {place})"), true)
            }
            (Some(LicenseKeyStatus::Active), ..) => (format!("k.created_at >= {after}"), false),
            (_, Direction::Descending, Some(place)) => {
                (format!("k.created_at <= {least}({before}, {place})"), true)
            }
            _ => (format!("k.created_at <= {before}"), false),
        };
        let lengths = format!(
            "(WITH RECURSIVE lengths (days) AS (SELECT min({DAYS}) FROM license_keys WHERE state = 'active' UNION ALL \
             SELECT (SELECT min({DAYS}) FROM license_keys WHERE state = 'active' AND {DAYS} > lengths.days) \
             FROM lengths WHERE lengths.days IS NOT NULL) SELECT days FROM lengths WHERE days IS NOT NULL) v"
        );
        let days = DAYS.replace("expires_at", "k.expires_at").replace("created_at", "k.created_at");
        let hidden = hidden && self.dialect == Dialect::Sqlite;
        let beyond = self.beyond(sql, if hidden { "+k.created_at" } else { "k.created_at" }, "k.id");
        let conditions =
            format!("{state} AND {days} = v.days AND {part}{beyond}{}", self.conditions(sql, None));
        let in_order = self.ordered("k.created_at", "k.id");
        let index = "license_keys_in_state_by_validity";
        self.first_of_each(&lengths, "1 = 1", index, &conditions, &in_order, "k.created_at")
    }

    /// The first rows of each of the parents that the filter means, then the first of all of them.
    pub(super) fn first_of_each(
        &self,
        parents: &str,
        meant: &str,
        index: &str,
        conditions: &str,
        in_order: &str,
        value: &str,
    ) -> String {
        let limit = self.query.limit;
        let order = self.ordered("s", "i");
        match self.dialect {
            Dialect::Sqlite => {
                let value = value.replace("k.", "o.");
                format!(
                    "SELECT o.rowid AS r, {value} AS s, o.id AS i FROM {parents} CROSS JOIN license_keys o WHERE {meant} \
                     AND o.rowid IN (SELECT k.rowid FROM license_keys k{} WHERE {conditions} ORDER BY {in_order} LIMIT {limit}) \
                     ORDER BY {order} LIMIT {limit}",
                    self.through(index)
                )
            }
            Dialect::Postgres => format!(
                "SELECT o.r, o.s, o.i FROM {parents} CROSS JOIN LATERAL (SELECT k.id AS r, {value} AS s, k.id AS i \
                 FROM license_keys k WHERE {conditions} ORDER BY {in_order} LIMIT {limit}) o WHERE {meant} \
                 ORDER BY {order} LIMIT {limit}"
            ),
        }
    }
}
