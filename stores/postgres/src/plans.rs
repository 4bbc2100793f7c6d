//! Every list can be read in the order of an index, and every filter for a part of a name has one. The tables are
//! empty here, where PostgreSQL would rather read them whole and sort: both are made unattractive.

use std::env;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use misp_onboarding::Timestamp;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeySort};
use misp_onboarding::list::{Direction, Position, Query, SortKey, SortValue};
use misp_onboarding::partner::PartnerFilter;
use misp_onboarding::policy::{PolicyFilter, PolicyGroupFilter};
use misp_onboarding::policy_link::PolicyLinkFilter;
use misp_onboarding::trust_store::{CaCertificateFilter, CaCertificateSort};
use misp_onboarding_sql::license_keys::Found;
use misp_onboarding_sql::{Dialect, UnsupportedSortKey, certificates, partners, policies, policy_links};

use crate::query::Statement;
use crate::{PostgresOptions, PostgresStore, license_keys, row};

/// A store with empty tables, dropped at the end.
struct Empty(PostgresStore);

impl Empty {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let url = env::var("DATABASE_URL").unwrap_or_else(|_| {
            panic!(
                "these tests need a PostgreSQL server: run `cargo xtask test --only postgres`, or set DATABASE_URL"
            )
        });
        let name = format!("plans_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // With one connection its settings are those of every statement.
        let options = PostgresOptions::default().schema(name).connections(1);
        let store = Self(PostgresStore::connect(&url, &options).unwrap());
        store.batch("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off");
        store
    }

    fn batch(&self, sql: &str) {
        self.0.primary.with(|connection| connection.batch(sql)).unwrap().unwrap();
    }

    fn plan(&self, statement: &Statement) -> String {
        let sql = format!("EXPLAIN {}", statement.sql);
        let explain = |connection: &mut crate::Connection| {
            row::many(connection, &sql, &statement.values, "plan", |fields| fields.text().map(str::to_owned))
        };
        self.0.primary.with(explain).unwrap().unwrap().join("\n")
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        self.batch(&format!("DROP SCHEMA {} CASCADE", self.0.schema));
    }
}

fn place<S: SortKey>(sort: S) -> Position {
    let value =
        if sort.is_time() { SortValue::Time(Timestamp::UNIX_EPOCH) } else { SortValue::Text("m".to_owned()) };
    Position { value, id: "m".to_owned() }
}

type Page<F, S> = fn(Dialect, &Query<F, S>) -> Result<misp_onboarding_sql::Statement, UnsupportedSortKey>;

fn query<F, S: SortKey>(filter: F, sort: S, direction: Direction, after: Option<Position>) -> Query<F, S> {
    Query { filter, sort, direction, after, limit: 9, now: Timestamp::UNIX_EPOCH }
}

fn assert_every_sort_walks<F: Default, S: SortKey>(
    store: &Empty,
    table: &str,
    page: Page<F, S>,
    unindexed: &[S],
) {
    for sort in S::ALL.iter().copied().filter(|sort| !unindexed.contains(sort)) {
        for direction in [Direction::Ascending, Direction::Descending] {
            for after in [None, Some(place(sort))] {
                let statement =
                    page(Dialect::Postgres, &query(F::default(), sort, direction, after)).unwrap().into();
                let plan = store.plan(&statement);
                let what = format!("{}: {}\n{plan}", sort.as_str(), statement.sql);
                // A unique column needs no id to tell rows apart; PostgreSQL then sorts each value's one row.
                assert!(!plan.contains("Sort ") || plan.contains("Incremental Sort"), "{what}");
                assert!(plan.contains(&format!(" on {table} ")), "{what}");
                assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{what}");
            }
        }
    }
}

#[test]
fn each_list_walks_an_index_for_each_sort_key() {
    let store = Empty::new();
    assert_every_sort_walks(&store, "partners p", partners::page, &[]);
    // Too long for an index: see the migration.
    let unindexed = [CaCertificateSort::Subject, CaCertificateSort::Issuer];
    assert_every_sort_walks(&store, "ca_certificates c", certificates::page, &unindexed);
    assert_every_sort_walks(&store, "policy_groups g", policies::group_page, &[]);
    assert_every_sort_walks(&store, "policies d", policies::page, &[]);
    assert_every_sort_walks(&store, "policy_links l", policy_links::page, &[]);
}

fn assert_found_by_trigrams<F, S: SortKey>(store: &Empty, index: &str, page: Page<F, S>, filters: Vec<F>) {
    for (number, filter) in filters.into_iter().enumerate() {
        let query = query(filter, S::NEWEST, Direction::Descending, None);
        let statement = page(Dialect::Postgres, &query).unwrap().into();
        let plan = store.plan(&statement);
        assert!(
            plan.contains(&format!("Bitmap Index Scan on {index}")),
            "{number}: {}\n{plan}",
            statement.sql
        );
    }
}

#[test]
fn each_filter_for_a_part_of_a_name_has_an_index() {
    let store = Empty::new();
    store.batch("SET enable_bitmapscan = on; SET enable_indexscan = off; SET enable_sort = on");
    let part = || Some("part".parse().unwrap());
    assert_found_by_trigrams(
        &store,
        "partners_words",
        partners::page,
        vec![
            PartnerFilter { organization: part(), ..Default::default() },
            PartnerFilter { policy_group_name: part(), ..Default::default() },
        ],
    );
    assert_found_by_trigrams(
        &store,
        "ca_certificates_words",
        certificates::page,
        vec![
            CaCertificateFilter { subject: part(), ..Default::default() },
            CaCertificateFilter { issuer: part(), ..Default::default() },
        ],
    );
    assert_found_by_trigrams(
        &store,
        "policy_groups_words",
        policies::group_page,
        vec![PolicyGroupFilter { name: part(), ..Default::default() }],
    );
    assert_found_by_trigrams(
        &store,
        "policies_words",
        policies::page,
        vec![
            PolicyFilter { name: part(), ..Default::default() },
            PolicyFilter { group_name: part(), ..Default::default() },
        ],
    );
    assert_found_by_trigrams(
        &store,
        "policy_links_words",
        policy_links::page,
        vec![
            PolicyLinkFilter { organization: part(), ..Default::default() },
            PolicyLinkFilter { policy_name: part(), ..Default::default() },
            PolicyLinkFilter { policy_group_name: part(), ..Default::default() },
        ],
    );
}

/// What PostgreSQL would do for the ways to a page of license keys, the first first.
fn ways(store: &Empty, filter: LicenseKeyFilter, sort: LicenseKeySort, found: Found) -> Vec<String> {
    let query = query(filter, sort, Direction::Descending, Some(place(sort)));
    let attempts = license_keys::page(&query, found).unwrap();
    attempts.into_iter().map(|attempt| store.plan(&attempt.statement.into())).collect()
}

#[test]
fn each_filter_of_license_keys_has_an_index() {
    let store = Empty::new();
    let any = LicenseKeyFilter::default;
    let part = || Some("part".parse().unwrap());
    let id = "01890000-0000-7000-8000-000000000000";
    let few = Found { few_partners: true, ..Found::default() };
    let newest = LicenseKeySort::CreatedAt;
    for (sort, index) in [
        (LicenseKeySort::Partner, "license_keys_in_state_by_partner"),
        (LicenseKeySort::Organization, "license_keys_in_state_by_organization"),
        (LicenseKeySort::PolicyGroup, "license_keys_in_state_by_policy_group"),
        (LicenseKeySort::Policy, "license_keys_in_state_by_policy"),
        (LicenseKeySort::Name, "license_keys_in_state_by_name"),
        (LicenseKeySort::CreatedAt, "license_keys_in_state"),
        (LicenseKeySort::ExpiresAt, "license_keys_in_state_by_expiry"),
    ] {
        let plan = &ways(&store, any(), sort, Found::default())[0];
        assert_eq!(plan.matches(&format!("using {index} on")).count(), 3, "one for each state: {plan}");
        assert!(plan.contains("Merge Append"), "{plan}");
    }
    for (filter, found, index) in [
        (LicenseKeyFilter { id: id.parse().ok(), ..any() }, few, "license_keys_pkey"),
        (LicenseKeyFilter { partner: "acme".parse().ok(), ..any() }, few, "license_keys_of_partner"),
        (LicenseKeyFilter { organization: part(), ..any() }, few, "license_keys_of_partner"),
        (LicenseKeyFilter { policy: id.parse().ok(), ..any() }, few, "license_keys_of_policy"),
        (LicenseKeyFilter { policy_name: part(), ..any() }, few, "license_keys_of_policy"),
        (LicenseKeyFilter { policy_group: id.parse().ok(), ..any() }, few, "license_keys_of_policy"),
        (LicenseKeyFilter { policy_group_name: part(), ..any() }, few, "license_keys_of_policy"),
    ] {
        let plan = &ways(&store, filter, newest, found)[0];
        assert!(plan.contains(index), "{index}: {plan}");
        assert!(!plan.contains("Seq Scan on license_keys"), "{plan}");
    }
    store.batch("SET enable_bitmapscan = on; SET enable_indexscan = off; SET enable_indexonlyscan = off");
    for (name, index) in [
        ("part", "license_keys_names"),
        ("pa", "license_keys_short_parts"),
        ("_", "license_keys_short_parts"),
    ] {
        let named = LicenseKeyFilter { name: name.parse().ok(), ..any() };
        let plans = ways(&store, named, newest, Found::default());
        assert!(plans[1].contains(&format!("Bitmap Index Scan on {index}")), "{name}: {}", plans[1]);
    }
}

#[test]
fn authentication_reads_no_table_whole() {
    let store = Empty::new();
    let sql = license_keys::FIND_BY_DIGEST.to_owned();
    let plan = store.plan(&Statement { sql, values: vec![vec![0u8; 32].into()] });
    assert!(plan.contains("using license_keys_digest on license_keys k"), "{plan}");
    assert!(plan.contains(" on policy_links l"), "{plan}");
    assert!(!plan.contains("Seq Scan"), "{plan}");
}
