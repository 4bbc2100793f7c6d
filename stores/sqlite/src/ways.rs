//! The ways to a page of license keys: each is by indexes, and each gives the same page.

use misp_onboarding::Timestamp;
use misp_onboarding::license_key::{
    LicenseKeyFilter, LicenseKeyRecord, LicenseKeyRow, LicenseKeySort, LicenseKeyState, LicenseKeyStatus,
};
use misp_onboarding::list::{Direction, ListRow, Position, Query, SortKey, TimeRange};
use misp_onboarding::partner::Partner;
use misp_onboarding::store::{ChangeSet, Store};
use misp_onboarding_sql::Dialect;
use misp_onboarding_sql::license_keys::record::read_row;
use misp_onboarding_sql::license_keys::{Found, names_probe, partners_probe};
use misp_onboarding_testkit::conformance::samples::{self, InState, literal};

use crate::SqliteStore;
use crate::license_keys::page;
use crate::query::Statement;

const KEYS: u32 = 120;

/// Keys of few values each, so that every order has many equals and every filter lets some through.
fn key(number: u32) -> LicenseKeyRecord {
    let state = LicenseKeyState::ALL[(number % 7 % 3) as usize];
    let key = samples::license_key(number, &format!("partner{}", number % 5));
    LicenseKeyRecord {
        policy: (!number.is_multiple_of(11)).then(|| samples::policy_id(number % 6)),
        name: literal(&format!("Key \"{}\" no {number}", ["alpha", "beta_", "50%"][(number % 3) as usize])),
        created_at: samples::after(i64::from(number % 13)),
        expires_at: samples::after(i64::from(number % 17) - 8),
        ..key.in_state(state)
    }
}

fn store() -> SqliteStore {
    let store = SqliteStore::open_in_memory().unwrap();
    let mut changes = ChangeSet::new();
    for number in 0..2 {
        changes.insert(samples::policy_group(number, &format!("Group {number}")));
    }
    for number in 0..6 {
        // A name is unique in its group only.
        changes.insert(samples::policy(number, number % 2, &format!("Policy {}", number / 2)));
    }
    for number in 0..5 {
        let organization = literal(&format!("Bank {}", number / 2));
        changes.insert(Partner { organization, ..samples::partner(&format!("partner{number}")) });
    }
    for number in 0..KEYS {
        changes.insert(key(number));
    }
    store.commit(&changes).unwrap();
    store
}

pub(crate) fn filters() -> Vec<(&'static str, LicenseKeyFilter)> {
    let any = LicenseKeyFilter::default;
    let range = TimeRange { from: samples::after(-5), to: samples::after(6) };
    let mut filters = vec![
        ("none", any()),
        ("id", LicenseKeyFilter { id: Some(samples::license_key_id(5)), ..any() }),
        ("partner", LicenseKeyFilter { partner: Some(literal("partner3")), ..any() }),
        ("organization", LicenseKeyFilter { organization: Some(literal("BANK 1")), ..any() }),
        ("short organization", LicenseKeyFilter { organization: Some(literal("1")), ..any() }),
        ("group", LicenseKeyFilter { policy_group: Some(samples::policy_group_id(1)), ..any() }),
        ("group name", LicenseKeyFilter { policy_group_name: Some(literal("p 1")), ..any() }),
        ("policy", LicenseKeyFilter { policy: Some(samples::policy_id(4)), ..any() }),
        ("policy name", LicenseKeyFilter { policy_name: Some(literal("CY 1")), ..any() }),
        ("name", LicenseKeyFilter { name: Some(literal("\"50%\"")), ..any() }),
        ("short name", LicenseKeyFilter { name: Some(literal("_\"")), ..any() }),
        ("end", LicenseKeyFilter { expires: Some(range), ..any() }),
    ];
    filters.extend(
        LicenseKeyStatus::ALL
            .iter()
            .map(|status| (status.as_str(), LicenseKeyFilter { status: Some(*status), ..any() })),
    );
    let single: Vec<_> = filters.iter().skip(2).cloned().collect();
    for (_, one) in &single {
        for (_, other) in &single {
            filters.push((
                "two",
                LicenseKeyFilter {
                    id: None,
                    partner: one.partner.clone().or(other.partner.clone()),
                    organization: one.organization.clone().or(other.organization.clone()),
                    policy_group: one.policy_group.or(other.policy_group),
                    policy_group_name: one.policy_group_name.clone().or(other.policy_group_name.clone()),
                    policy: one.policy.or(other.policy),
                    policy_name: one.policy_name.clone().or(other.policy_name.clone()),
                    name: one.name.clone().or(other.name.clone()),
                    status: one.status.or(other.status),
                    expires: one.expires.or(other.expires),
                },
            ));
        }
    }
    filters
}

fn found() -> Vec<Found> {
    let both = [false, true];
    let two = both.map(|few_partners| both.map(|few_names| (few_partners, few_names))).concat();
    let all = two.into_iter().flat_map(|(few_partners, few_names)| {
        both.map(|few_ends| Found { few_partners, few_names, few_ends })
    });
    all.collect()
}

fn rows(store: &SqliteStore, statement: misp_onboarding_sql::Statement) -> Vec<LicenseKeyRow> {
    store.read(|connection| Statement::from(statement).rows(connection, "license_keys", read_row)).unwrap()
}

fn passes(filter: &LicenseKeyFilter, row: &LicenseKeyRow, now: Timestamp) -> bool {
    let key = &row.key;
    let has = |part: &Option<misp_onboarding::text::Substring>, text: Option<String>| {
        part.as_ref().is_none_or(|part| text.is_some_and(|text| part.is_in(&text)))
    };
    filter.id.is_none_or(|id| id == key.id)
        && filter.partner.as_ref().is_none_or(|partner| *partner == key.partner)
        && filter.policy.is_none_or(|policy| Some(policy) == key.policy)
        && filter.policy_group.is_none_or(|group| Some(group) == row.policy_group)
        && filter.status.is_none_or(|status| status == key.status(now))
        && filter.expires.is_none_or(|range| range.contains(key.expires_at))
        && has(&filter.organization, Some(row.organization.folded()))
        && has(&filter.policy_name, row.policy_name.as_ref().map(|name| name.folded()))
        && has(&filter.policy_group_name, row.policy_group_name.as_ref().map(|name| name.folded()))
        && has(&filter.name, Some(key.name.folded()))
}

#[test]
fn each_way_to_a_page_gives_the_same_page() {
    let store = store();
    let now = samples::NOW;
    let everything = Query {
        filter: LicenseKeyFilter::default(),
        sort: LicenseKeySort::NEWEST,
        direction: Direction::Ascending,
        after: None,
        limit: KEYS,
        now,
    };
    let all = rows(&store, page(&everything, Found::default()).unwrap().remove(0).statement);
    assert_eq!(all.len(), KEYS as usize);
    for (name, filter) in filters() {
        for sort in LicenseKeySort::ALL.iter().copied() {
            let mut wanted: Vec<&LicenseKeyRow> =
                all.iter().filter(|row| passes(&filter, row, now)).collect();
            wanted.sort_by_key(|row| (row.sort_value(sort), row.tie_break()));
            for direction in [Direction::Ascending, Direction::Descending] {
                let mut rest = wanted.clone();
                if direction == Direction::Descending {
                    rest.reverse();
                }
                // From the start, from the middle, and from a place between two rows.
                for at in [None, Some(rest.len() / 2), Some(rest.len())] {
                    let last = at.and_then(|at| rest.get(at.saturating_sub(1)));
                    let after = last.map(|row| Position { value: row.sort_value(sort), id: row.tie_break() });
                    let beyond = if after.is_some() { &rest[at.unwrap_or(0).max(1)..] } else { &rest[..] };
                    let ids: Vec<_> = beyond.iter().take(9).map(|row| row.key.id).collect();
                    let query = Query { filter: filter.clone(), sort, direction, after, limit: 9, now };
                    for found in found() {
                        for attempt in page(&query, found).unwrap() {
                            let text = format!("{name} by {sort} {direction}: {}", attempt.statement.sql);
                            let rows = rows(&store, attempt.statement);
                            assert_eq!(rows.iter().map(|row| row.key.id).collect::<Vec<_>>(), ids, "{text}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn each_way_to_a_page_is_by_indexes() {
    let store = SqliteStore::open_in_memory().unwrap();
    for (name, filter) in filters() {
        let mut words = false;
        for sort in LicenseKeySort::ALL.iter().copied() {
            for direction in [Direction::Ascending, Direction::Descending] {
                let query = Query {
                    filter: filter.clone(),
                    sort,
                    direction,
                    after: None,
                    limit: 9,
                    now: samples::NOW,
                };
                for found in found() {
                    for attempt in page(&query, found).unwrap() {
                        let sql = format!("EXPLAIN QUERY PLAN {}", attempt.statement.sql);
                        let explain = misp_onboarding_sql::Statement { sql, ..attempt.statement.clone() };
                        let plan = store.read(|connection| steps(connection, explain)).unwrap();
                        let sql = attempt.statement.sql;
                        let text = format!("{name} by {sort} {direction}: {plan:#?}\n{sql}");
                        let all = plan.iter().filter(|step| step.starts_with("SCAN "));
                        // Not the list's own table, nor the partners.
                        let whole = all.filter(|step| {
                            step.starts_with("SCAN k") || step.starts_with("SCAN o") || *step == "SCAN p"
                        });
                        assert_eq!(whole.count(), 0, "{text}");
                        // A walk has its order from indexes; what is sorted is the page.
                        let walks = sql.contains("WHERE k.state = '");
                        let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
                        assert!(!walks || sorts <= 1, "{text}");
                        assert!(
                            !walks || plan.iter().any(|step| step.contains("INDEX license_keys_in_state")),
                            "{text}"
                        );
                        let by_words = plan.iter().any(|step| step.contains("VIRTUAL TABLE INDEX"));
                        assert_eq!(by_words, sql.contains("MATCH"), "{text}");
                        assert!(!by_words || trigrams_come_first(&plan), "{text}");
                        words |= by_words;
                    }
                }
            }
        }
        let is_name = matches!(name, "name" | "short name" | "organization" | "short organization");
        assert!(!is_name || words, "{name} is looked for in an index");
    }
}

#[test]
fn what_is_counted_before_a_page_is_looked_for_among_the_trigrams_first() {
    let store = SqliteStore::open_in_memory().unwrap();
    let any = LicenseKeyFilter::default;
    for part in ["zeppelin", "zep", "zz", "z"] {
        let name = LicenseKeyFilter { name: Some(literal(part)), ..any() };
        let organization = LicenseKeyFilter { organization: Some(literal(part)), ..any() };
        for probe in [names_probe(Dialect::Sqlite, &name), partners_probe(Dialect::Sqlite, &organization)] {
            let statement = probe.unwrap().statement;
            let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
            let explain = misp_onboarding_sql::Statement { sql, ..statement };
            let plan = store.read(|connection| steps(connection, explain)).unwrap();
            assert!(trigrams_come_first(&plan), "{part}: {plan:#?}");
        }
    }
}

/// Whether each trigram is searched for by its key before FTS5 is asked.
fn trigrams_come_first(plan: &[String]) -> bool {
    let place = |begin: &str| plan.iter().position(|step| step.starts_with(begin));
    let [first, last] = ["trigram", "other"].map(|name| place(&format!("SEARCH {name} USING PRIMARY KEY")));
    let scans = place("SCAN trigram").or(place("SCAN other"));
    let fts5 = plan.iter().position(|step| step.contains("VIRTUAL TABLE INDEX"));
    first.is_some() && first < fts5 && last < fts5 && scans.is_none()
}

/// What SQLite says it does.
fn steps(
    connection: &mut rusqlite::Connection,
    explain: misp_onboarding_sql::Statement,
) -> Result<Vec<String>, misp_onboarding::store::StoreError> {
    Statement::from(explain).rows(connection, "plan", |fields| {
        for _number in 0..3 {
            fields.integer()?;
        }
        fields.text().map(str::to_owned)
    })
}
