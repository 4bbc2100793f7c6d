//! The list of license keys: which statements give a page of it, and in which order they are tried.
//!
//! There may be millions of keys, and no index serves every filter in every order. So a page is looked for in up to
//! three ways, each the cheap one for some filters, and all but the last one given up early (ADR-0014):
//!
//! * **Merge**: where few partners or policies can be meant and the order is that of an index of each one's keys, the
//!   first rows of each are merged. Costs in proportion to the parents, whatever the number of keys.
//! * **Walk**: the list is walked in its order, the keys of each state merged, and rows that a filter does not let
//!   through are passed over. Cheap where many pass; given up after [`STRETCH`] rows.
//! * **Collect**: what the narrowest filter's own index finds is collected, and sorted. Cheap where few pass.
//!
//! Every statement is the whole answer by itself, so that which of them is asked never changes what is answered.

pub mod record;

use std::fmt::Write as _;

use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus};
use misp_onboarding::list::{Direction, Query};

use crate::UnsupportedSortKey;
use crate::place::Place;
use crate::statement::{Builder, Dialect, Statement, has_trigrams, pattern, trigrams};

/// How many rows a walk passes before it is given up. A store of as many keys is walked whole.
pub const STRETCH: u32 = 1_000;
/// So many partners or policies are few enough to merge the keys of each.
const FEW_PARENTS: u32 = 50;
/// So many keys are few enough to be sorted for a page.
const FEW_KEYS: u32 = 300;

/// The states that keys are listed by: each index of the list begins with it.
const STATES: [&str; 3] = ["active", "replaced", "deactivated"];

/// The columns of a row of the list, from the tables that [`page`] joins: `k` the key, `p` its partner, `d` its
/// policy, `g` the policy's group.
const SHOWN: &str = "p.organization, p.state, d.name, d.group_id, g.name";

/// The characters of a key's name and each two that follow one another, in the words of PostgreSQL's index
/// `license_keys_short_parts`.
const SHORT_PARTS: &str = r"(string_to_array(regexp_replace(k.name_folded, '(..)', E'\\1\x01', 'g') || E'\x01'
    || regexp_replace(substr(k.name_folded, 2), '(..)', E'\\1\x01', 'g'), E'\x01')
    || string_to_array(k.name_folded, NULL))";

/// One way to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What is asked.
    pub statement: Statement,
    /// Whether it is given up when it takes long, and the next one tried. SQLite counts the steps of the statement;
    /// for PostgreSQL the statement itself looks at a stretch only, and fewer rows than asked for are no answer.
    pub bounded: bool,
}

/// What is asked before a page, where it is worth a question: is little enough meant to begin there?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Counts, and stops counting early.
    pub statement: Statement,
    /// Up to so many are few.
    pub few: u64,
}

/// How many partners the filter means, where that must be asked.
pub fn partners_probe(dialect: Dialect, filter: &LicenseKeyFilter) -> Option<Probe> {
    if filter.partner.is_some() || filter.organization.is_none() {
        return None;
    }
    let mut sql = Builder::new(dialect);
    let conditions = Side::Partner.conditions(&mut sql, filter);
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 FROM partners p WHERE {} LIMIT {}) few",
        conditions.join(" AND "),
        FEW_PARENTS + 1
    );
    Some(Probe { statement: sql.finish(text), few: FEW_PARENTS.into() })
}

/// How many keys have such a name, where that can be asked for little: FTS5 stops as soon as it has found enough,
/// PostgreSQL's trigram index always finds them all.
pub fn names_probe(dialect: Dialect, filter: &LicenseKeyFilter) -> Option<Probe> {
    let name = filter.name.as_ref().filter(|name| has_trigrams(name))?;
    if dialect != Dialect::Sqlite {
        return None;
    }
    let mut sql = Builder::new(dialect);
    let place = sql.bind(trigrams(name));
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 FROM license_key_words WHERE license_key_words MATCH {place} LIMIT {})",
        FEW_KEYS + 1
    );
    Some(Probe { statement: sql.finish(text), few: FEW_KEYS.into() })
}

/// What the probes found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// That few partners are meant.
    pub few_partners: bool,
    /// That few keys have such a name.
    pub few_names: bool,
}

/// The ways to a page, to be tried in this order; `columns` are the key's own, of table `k`.
///
/// # Errors
/// The sort key is not one that this crate knows.
pub fn page(
    dialect: Dialect,
    columns: &str,
    query: &Query<LicenseKeyFilter, LicenseKeySort>,
    found: Found,
) -> Result<Vec<Attempt>, UnsupportedSortKey> {
    let page = Page { dialect, columns, query, order: Order::of(query.sort)? };
    let filter = &query.filter;
    if filter.id.is_some() {
        return Ok(vec![page.attempt(false, |page, sql| page.collect(sql, Source::Key))]);
    }
    if page.is_plain() {
        return Ok(vec![page.attempt(false, |page, sql| page.walk(sql, false))]);
    }
    let partner = (filter.partner.is_some() || filter.organization.is_some()).then_some(Side::Partner);
    let policy = Side::Policy.is_meant_by(filter).then_some(Side::Policy);
    let few_partners = partner.filter(|_| filter.partner.is_some() || found.few_partners);
    // PostgreSQL has an index of short parts too.
    let named = filter.name.as_ref().is_some_and(|name| dialect == Dialect::Postgres || has_trigrams(name));
    let mut attempts = Vec::new();
    let by_validity = narrow_by_clock(query) && partner.is_none() && policy.is_none() && !named;
    // PostgreSQL cannot give these up, and has then nothing better to try.
    let bounded = dialect == Dialect::Sqlite;
    if let Some(side) = few_partners.or(policy.filter(|side| page.merges(*side))) {
        attempts.push(page.attempt(bounded, |page, sql| page.of(sql, side)));
    } else if found.few_names && named {
        attempts.push(page.attempt(bounded, |page, sql| page.collect(sql, Source::Name)));
    }
    if by_validity && bounded {
        attempts.push(page.attempt(true, Page::merge_by_validity));
    }
    if attempts.iter().any(|attempt| !attempt.bounded) {
        return Ok(attempts);
    }
    attempts.push(page.attempt(true, |page, sql| page.walk(sql, true)));
    let narrowest = few_partners
        .map(Source::Side)
        .or(named.then_some(Source::Name))
        .or(policy.or(partner).map(Source::Side))
        .or((query.sort != LicenseKeySort::ExpiresAt && page.ends().is_some()).then_some(Source::End));
    attempts.push(match narrowest {
        _ if by_validity => page.attempt(false, Page::merge_by_validity),
        Some(Source::Side(side)) if few_partners == Some(side) => {
            page.attempt(false, |page, sql| page.of(sql, side))
        }
        Some(Source::Side(side)) => page.attempt(false, |page, sql| page.of_many(sql, side)),
        Some(source) => page.attempt(false, |page, sql| page.collect(sql, source)),
        None => page.attempt(false, |page, sql| page.walk(sql, false)),
    });
    Ok(attempts)
}

/// Whether the clock decides, in the order of creation. Most keys that expired are old and most that have not are new,
/// so that in one direction a walk passes over all of the others first.
fn narrow_by_clock(query: &Query<LicenseKeyFilter, LicenseKeySort>) -> bool {
    query.sort == LicenseKeySort::CreatedAt
        && query.filter.expires.is_none()
        && matches!(query.filter.status, Some(LicenseKeyStatus::Active | LicenseKeyStatus::Expired))
}

/// What keys belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Partner,
    Policy,
}

impl Side {
    fn is_meant_by(self, filter: &LicenseKeyFilter) -> bool {
        match self {
            Self::Partner => filter.partner.is_some() || filter.organization.is_some(),
            Self::Policy => {
                filter.policy.is_some()
                    || filter.policy_name.is_some()
                    || filter.policy_group.is_some()
                    || filter.policy_group_name.is_some()
            }
        }
    }

    /// The table, with the name that [`conditions`](Self::conditions) use.
    fn table(self) -> &'static str {
        match self {
            Self::Partner => "partners p",
            Self::Policy => "policies d",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Partner => "p.id",
            Self::Policy => "d.id",
        }
    }

    /// The column of a key that refers to it, and the index (this column, created_at, id).
    fn reference(self) -> (&'static str, &'static str) {
        match self {
            Self::Partner => ("partner_id", "license_keys_of_partner"),
            Self::Policy => ("policy_id", "license_keys_of_policy"),
        }
    }

    /// What the filter asks of it.
    fn conditions(self, sql: &mut Builder, filter: &LicenseKeyFilter) -> Vec<String> {
        let mut all = Vec::new();
        match self {
            Self::Partner => {
                all.extend(filter.partner.as_ref().map(|id| format!("p.id = {}", sql.bind(id.as_str()))));
                if let Some(part) = &filter.organization {
                    match sql.dialect {
                        // What has the trigrams in another order is found too, and what stood there before.
                        Dialect::Sqlite if has_trigrams(part) => {
                            let place = sql.bind(trigrams(part));
                            all.push(format!(
                                "p.id IN (SELECT id FROM partner_words WHERE partner_words MATCH {place})"
                            ));
                            all.push(sql.contains("p.organization_folded", part));
                        }
                        Dialect::Postgres if has_trigrams(part) => {
                            all.push(format!("p.organization_folded LIKE {}", sql.bind(pattern(part))));
                        }
                        Dialect::Sqlite | Dialect::Postgres => {
                            all.push(sql.contains("p.organization_folded", part));
                        }
                    }
                }
            }
            Self::Policy => {
                all.extend(filter.policy.map(|id| format!("d.id = {}", sql.bind(id.to_string()))));
                all.extend(
                    filter.policy_group.map(|id| format!("d.group_id = {}", sql.bind(id.to_string()))),
                );
                all.extend(filter.policy_name.as_ref().map(|part| sql.contains("d.name_folded", part)));
                all.extend(
                    filter.policy_group_name.as_ref().map(|part| sql.contains("d.group_name_folded", part)),
                );
            }
        }
        all
    }
}

/// Where keys are collected from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Key,
    Side(Side),
    Name,
    End,
}

/// What the list is sorted by, and the index (state, sort value, id, ...) that is in this order.
struct Order {
    column: &'static str,
    index: &'static str,
}

impl Order {
    fn of(sort: LicenseKeySort) -> Result<Self, UnsupportedSortKey> {
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

struct Page<'a> {
    dialect: Dialect,
    columns: &'a str,
    query: &'a Query<LicenseKeyFilter, LicenseKeySort>,
    order: Order,
}

impl Page<'_> {
    /// A way to the page: `inner` finds the rows with their places (`r`, `s`, `i`), and then they are shown.
    fn attempt(&self, bounded: bool, inner: impl FnOnce(&Self, &mut Builder) -> String) -> Attempt {
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
    fn row(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "k.rowid",
            Dialect::Postgres => "k.id",
        }
    }

    /// Names the index to be used, to an engine that would not find it by itself, as it keeps no statistics.
    fn through(&self, index: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!(" INDEXED BY {index}"),
            Dialect::Postgres => String::new(),
        }
    }

    fn ordered(&self, value: &str, id: &str) -> String {
        let direction = match self.query.direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        format!("{value} {direction}, {id} {direction}")
    }

    /// Whether the filter asks for nothing but a state, or an end in the order of ends.
    fn is_plain(&self) -> bool {
        let filter = &self.query.filter;
        let ends = self.ends().is_none() || self.query.sort == LicenseKeySort::ExpiresAt;
        ends && filter.name.is_none()
            && !Side::Partner.is_meant_by(filter)
            && !Side::Policy.is_meant_by(filter)
    }

    /// Whether the keys of each partner, or policy, can be had in the order of the list.
    fn merges(&self, side: Side) -> bool {
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

    /// The keys of few partners or policies.
    fn of(&self, sql: &mut Builder, side: Side) -> String {
        if !self.merges(side) {
            self.collect(sql, Source::Side(side))
        } else if self.query.sort == LicenseKeySort::CreatedAt {
            self.merge_by_creation(sql, side)
        } else {
            self.merge_by_parent(sql, side, side.table())
        }
    }

    /// The keys of many partners or policies. In their own order it ends with the first ones that fill a page.
    fn of_many(&self, sql: &mut Builder, side: Side) -> String {
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

    fn states(&self) -> &'static [&'static str] {
        match self.query.filter.status {
            None => &STATES,
            Some(LicenseKeyStatus::Active | LicenseKeyStatus::Expired) => &STATES[..1],
            Some(LicenseKeyStatus::Replaced) => &STATES[1..2],
            Some(LicenseKeyStatus::Deactivated) => &STATES[2..],
        }
    }

    /// The first and the last end that the filter lets through, where it says. "Expired" is a matter of the clock: of
    /// active keys, those whose end has come.
    fn ends(&self) -> Option<(i64, i64)> {
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
    fn conditions(&self, sql: &mut Builder, except: Option<Source>) -> String {
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
    fn in_states(&self) -> String {
        let states = self.states();
        if states.len() == STATES.len() {
            return String::new();
        }
        let named: Vec<String> = states.iter().map(|state| format!("'{state}'")).collect();
        format!(" AND k.state IN ({})", named.join(", "))
    }

    /// The condition that a row lies beyond the place where the page before ended.
    fn beyond(&self, sql: &mut Builder, value: &str, id: &str) -> String {
        let condition = |place: Place| place.beyond(sql, self.query.direction, value, id);
        self.place().map(condition).map_or(String::new(), |condition| format!(" AND {condition}"))
    }

    fn place(&self) -> Option<Place> {
        self.query.after.as_ref().map(|place| Place::of(self.dialect, place))
    }

    /// The keys of each state in the order of the list, merged; the whole lists or a stretch of each.
    fn walk(&self, sql: &mut Builder, bounded: bool) -> String {
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

    /// The newest, or oldest, keys of each partner or policy, merged.
    fn merge_by_creation(&self, sql: &mut Builder, side: Side) -> String {
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
    fn merge_by_parent(&self, sql: &mut Builder, side: Side, parents: &str) -> String {
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
    fn merge_by_validity(&self, sql: &mut Builder) -> String {
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
    fn first_of_each(
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

    /// What the source finds, sorted.
    fn collect(&self, sql: &mut Builder, source: Source) -> String {
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
            Source::Name => {
                let place = |sql: &mut Builder, of: fn(&_) -> String| {
                    filter.name.as_ref().map(|name| sql.bind(of(name))).unwrap_or_default()
                };
                match self.dialect {
                    Dialect::Sqlite => {
                        let place = place(sql, trigrams);
                        let ids =
                            format!("SELECT id FROM license_key_words WHERE license_key_words MATCH {place}");
                        ("license_keys k".to_owned(), format!("k.id IN ({ids})"))
                    }
                    // "OFFSET 0" keeps the planner from looking for a walk instead, which has been tried already.
                    Dialect::Postgres => {
                        // From a subquery: a text that the planner saw would be planned for anew each time, which
                        // takes longer than finding the keys.
                        let named = if filter.name.as_ref().is_none_or(has_trigrams) {
                            format!("k.name_folded LIKE (SELECT CAST({} AS TEXT))", place(sql, pattern))
                        } else {
                            let part = place(sql, |name| name.folded().to_owned());
                            format!("{SHORT_PARTS} @> ARRAY[(SELECT CAST({part} AS TEXT))]")
                        };
                        let named = format!("SELECT * FROM license_keys k WHERE {named} OFFSET 0");
                        (format!("({named}) k"), "1 = 1".to_owned())
                    }
                }
            }
            Source::End => {
                let states: Vec<String> = self.states().iter().map(|state| format!("'{state}'")).collect();
                let (from, to) = self.ends().unwrap_or((i64::MIN, i64::MAX));
                let ends = format!(
                    "k.state IN ({}) AND k.expires_at BETWEEN {} AND {}",
                    states.join(", "),
                    sql.bind(from),
                    sql.bind(to)
                );
                match self.dialect {
                    Dialect::Sqlite => {
                        (format!("license_keys k{}", self.through("license_keys_in_state_by_expiry")), ends)
                    }
                    Dialect::Postgres => (
                        format!("(SELECT * FROM license_keys k WHERE {ends} OFFSET 0) k"),
                        "1 = 1".to_owned(),
                    ),
                }
            }
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
