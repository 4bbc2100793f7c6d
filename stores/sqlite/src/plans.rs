//! How SQLite answers the queries that must not slow down as the store grows.

use std::str::FromStr;

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{CertificateStatus, Fingerprint};
use misp_onboarding::list::{Direction, Position, Query, SortKey, SortValue, TimeRange};
use misp_onboarding::partner::{PartnerFilter, PartnerSort, PartnerState};
use misp_onboarding::policy::{PolicyFilter, PolicyGroupFilter, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLinkFilter, PolicyLinkSort, PolicyLinkState};
use misp_onboarding::trust_store::{CaCertificateFilter, CaKind, CaState, TrustDomain};
use misp_onboarding_sql::{Dialect, UnsupportedSortKey, certificates, partners, policies, policy_links};
use rusqlite::{Connection, params_from_iter};

use crate::query::Statement;
use crate::{license_keys, open};

type Page<F, S> = fn(Dialect, &Query<F, S>) -> Result<misp_onboarding_sql::Statement, UnsupportedSortKey>;

fn plan(connection: &Connection, statement: &Statement) -> Vec<String> {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
    let rows = explain.query_map(params_from_iter(&statement.values), |row| row.get("detail")).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// The first step walks the list's own table in the order of an index; every other one is a search.
fn assert_walks(connection: &Connection, what: &str, statement: &Statement, table: &str, beyond_place: bool) {
    let plan = plan(connection, statement);
    let text = format!("{what}: {plan:#?}\n{}", statement.sql);
    let (walk, joins) = plan.split_first().unwrap();
    let verb = if beyond_place { "SEARCH" } else { "SCAN" };
    assert!(walk.starts_with(&format!("{verb} {table} USING INDEX")), "{text}");
    if beyond_place {
        // A unique column needs no id to tell rows apart.
        let whole_place = walk.contains(",id)") || walk.contains("autoindex");
        assert!(whole_place, "{text}");
    }
    for join in joins {
        assert!(join.starts_with("SEARCH"), "{text}");
    }
}

fn assert_every_sort_walks<F: Default + Clone, S: SortKey>(table: &str, page: Page<F, S>) {
    let connection = open::in_memory().unwrap();
    for sort in S::ALL.iter().copied() {
        let value = if sort.is_time() {
            SortValue::Time(Timestamp::UNIX_EPOCH)
        } else {
            SortValue::Text("m".to_owned())
        };
        let place = Position { value, id: "m".to_owned() };
        for direction in [Direction::Ascending, Direction::Descending] {
            for after in [None, Some(place.clone())] {
                let what = format!("{} {direction}, after {after:?}", sort.as_str());
                let beyond_place = after.is_some();
                let query = Query {
                    filter: F::default(),
                    sort,
                    direction,
                    after,
                    limit: 9,
                    now: Timestamp::UNIX_EPOCH,
                };
                assert_walks(
                    &connection,
                    &what,
                    &page(Dialect::Sqlite, &query).unwrap().into(),
                    table,
                    beyond_place,
                );
            }
        }
    }
}

#[test]
fn each_list_walks_an_index_for_each_sort_key() {
    assert_every_sort_walks("p", partners::page);
    assert_every_sort_walks("c", certificates::page);
    assert_every_sort_walks("g", policies::group_page);
    assert_every_sort_walks("d", policies::page);
    assert_every_sort_walks("l", policy_links::page);
}

/// A step that orders rows by itself, at the cost of all of them.
const SORTING: &str = "TEMP B-TREE";

/// With each of the filters, each sort key and each direction, the list's own table is read from an index that has
/// the order already; with a place, from that place on.
fn assert_no_filter_makes_it_sort<F: Clone, S: SortKey>(
    table: &str,
    page: Page<F, S>,
    filters: Vec<(&str, F)>,
) {
    let connection = open::in_memory().unwrap();
    for (name, filter) in filters {
        for sort in S::ALL.iter().copied() {
            let value = if sort.is_time() {
                SortValue::Time(Timestamp::UNIX_EPOCH)
            } else {
                SortValue::Text("m".to_owned())
            };
            for direction in [Direction::Ascending, Direction::Descending] {
                for after in [None, Some(Position { value: value.clone(), id: "m".to_owned() })] {
                    let beyond_place = after.is_some();
                    let now = Timestamp::UNIX_EPOCH;
                    let query = Query { filter: filter.clone(), sort, direction, after, limit: 9, now };
                    let statement = page(Dialect::Sqlite, &query).unwrap().into();
                    let plan = plan(&connection, &statement);
                    let text = format!("{name} by {}: {plan:#?}\n{}", sort.as_str(), statement.sql);
                    assert!(!plan.iter().any(|step| step.contains(SORTING)), "{text}");
                    let walks: Vec<_> =
                        plan.iter().filter(|step| step.contains(&format!(" {table} USING "))).collect();
                    let [walk] = walks[..] else { panic!("{text}") };
                    assert!(walk.contains("USING INDEX"), "{text}");
                    // A unique column finds its one row, and tells rows apart without an id.
                    let whole_place = walk.contains(",id)") || walk.contains("autoindex");
                    assert!(!beyond_place || (walk.starts_with("SEARCH") && whole_place), "{text}");
                }
            }
        }
    }
}

const ID: &str = "01890000-0000-7000-8000-000000000000";

fn id<T: FromStr<Err: std::fmt::Debug>>() -> Option<T> {
    Some(ID.parse().unwrap())
}

const RANGE: Option<TimeRange> = Some(TimeRange { from: Timestamp::MIN, to: Timestamp::MAX });

#[test]
fn no_filter_makes_the_partners_be_sorted() {
    let any = PartnerFilter::default;
    let mut filters = vec![
        ("id", PartnerFilter { id: Some("acme".parse().unwrap()), ..any() }),
        ("email", PartnerFilter { email: Some("a@example.org".parse().unwrap()), ..any() }),
        ("policy group", PartnerFilter { policy_group: id(), ..any() }),
        ("end", PartnerFilter { certificate_ends: RANGE, ..any() }),
        ("group and state", PartnerFilter { policy_group: id(), state: Some(PartnerState::Active), ..any() }),
    ];
    filters.extend(
        PartnerState::ALL.iter().map(|&state| ("state", PartnerFilter { state: Some(state), ..any() })),
    );
    filters.extend(
        CertificateStatus::ALL
            .iter()
            .map(|&status| ("status", PartnerFilter { certificate_status: Some(status), ..any() })),
    );
    assert_no_filter_makes_it_sort("p", partners::page, filters);
}

#[test]
fn no_filter_makes_the_trust_store_be_sorted() {
    let any = CaCertificateFilter::default;
    let fingerprint = Some(Fingerprint::from_bytes([0; 32]));
    let domain = Some(TrustDomain::auth());
    let mut filters = vec![
        ("id", CaCertificateFilter { id: id(), ..any() }),
        ("domain", CaCertificateFilter { domain: domain.clone(), ..any() }),
        ("fingerprint", CaCertificateFilter { fingerprint, ..any() }),
        ("fingerprint in a domain", CaCertificateFilter { domain, fingerprint, ..any() }),
        ("end", CaCertificateFilter { ends: RANGE, ..any() }),
    ];
    filters
        .extend(CaKind::ALL.iter().map(|&kind| ("kind", CaCertificateFilter { kind: Some(kind), ..any() })));
    filters.extend(
        CaState::ALL.iter().map(|&state| ("state", CaCertificateFilter { state: Some(state), ..any() })),
    );
    // A CA certificate without a certificate is never looked for.
    let statuses = CertificateStatus::ALL.iter().filter(|&&status| status != CertificateStatus::None);
    filters.extend(statuses.map(|&status| ("status", CaCertificateFilter { status: Some(status), ..any() })));
    assert_no_filter_makes_it_sort("c", certificates::page, filters);
}

#[test]
fn no_filter_makes_the_policy_groups_be_sorted() {
    let any = PolicyGroupFilter::default;
    let mut filters = vec![("id", PolicyGroupFilter { id: id(), ..any() })];
    filters.extend(
        PolicyGroupState::ALL
            .iter()
            .map(|&state| ("state", PolicyGroupFilter { state: Some(state), ..any() })),
    );
    assert_no_filter_makes_it_sort("g", policies::group_page, filters);
}

#[test]
fn no_filter_makes_the_policies_be_sorted() {
    let any = PolicyFilter::default;
    let mut filters = vec![
        ("id", PolicyFilter { id: id(), ..any() }),
        ("group", PolicyFilter { group: id(), ..any() }),
        ("group and state", PolicyFilter { group: id(), state: Some(PolicyState::Active), ..any() }),
    ];
    filters.extend(
        PolicyState::ALL.iter().map(|&state| ("state", PolicyFilter { state: Some(state), ..any() })),
    );
    assert_no_filter_makes_it_sort("d", policies::page, filters);
}

#[test]
fn no_filter_makes_the_policy_links_be_sorted() {
    let any = PolicyLinkFilter::default;
    let partner = Some("acme".parse().unwrap());
    let state = Some(PolicyLinkState::Pending);
    let mut filters = vec![
        ("id", PolicyLinkFilter { id: id(), ..any() }),
        ("partner", PolicyLinkFilter { partner: partner.clone(), ..any() }),
        ("policy", PolicyLinkFilter { policy: id(), ..any() }),
        ("policy group", PolicyLinkFilter { policy_group: id(), ..any() }),
        ("all parents", PolicyLinkFilter { partner, policy: id(), policy_group: id(), state, ..any() }),
    ];
    filters.extend(
        PolicyLinkState::ALL.iter().map(|&state| ("state", PolicyLinkFilter { state: Some(state), ..any() })),
    );
    assert_no_filter_makes_it_sort("l", policy_links::page, filters);
}

/// The index that is walked for a list from its start.
fn walked<F, S: SortKey>(page: Page<F, S>, filter: F, sort: S) -> String {
    let connection = open::in_memory().unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let query = Query { filter, sort, direction: Direction::Descending, after: None, limit: 9, now };
    plan(&connection, &page(Dialect::Sqlite, &query).unwrap().into()).swap_remove(0)
}

#[test]
fn what_few_rows_meet_is_searched_and_what_many_may_is_passed_over() {
    let of_partner = || PolicyLinkFilter { partner: Some("acme".parse().unwrap()), ..Default::default() };
    let of_policy = || PolicyLinkFilter { policy: id(), ..Default::default() };
    for (filter, sort, wanted) in [
        (of_partner(), PolicyLinkSort::State, "SEARCH l USING INDEX policy_links_of_partner_by_state"),
        (of_partner(), PolicyLinkSort::RequestedAt, "SEARCH l USING INDEX policy_links_of_partner "),
        (of_policy(), PolicyLinkSort::RequestedAt, "SEARCH l USING INDEX policy_links_of_policy "),
        (of_policy(), PolicyLinkSort::State, "SCAN l USING INDEX policy_links_by_state"),
        // All links to a policy have its name: a stretch of the index.
        (
            of_policy(),
            PolicyLinkSort::Policy,
            "SEARCH l USING INDEX policy_links_by_policy_name (policy_name_folded>? AND policy_name_folded<?)",
        ),
        // The narrowest one decides.
        (
            PolicyLinkFilter { policy: id(), ..of_partner() },
            PolicyLinkSort::RequestedAt,
            "SEARCH l USING INDEX policy_links_of_partner ",
        ),
    ] {
        let walked = walked(policy_links::page, filter, sort);
        assert!(walked.starts_with(wanted), "{walked}, not {wanted}");
    }
    let active = PartnerFilter { state: Some(PartnerState::Active), ..Default::default() };
    let walked = walked(partners::page, active, PartnerSort::CreatedAt);
    assert!(walked.starts_with("SEARCH p USING INDEX partners_in_state (state=?)"), "{walked}");
}

#[test]
fn authentication_is_searches_of_indexes_only() {
    let connection = open::in_memory().unwrap();
    let statement =
        Statement { sql: license_keys::FIND_BY_DIGEST.to_owned(), values: vec![vec![0u8; 32].into()] };
    let plan = plan(&connection, &statement);
    let searches: Vec<_> = plan.iter().filter(|step| step.starts_with("SEARCH")).collect();
    assert_eq!(searches.len(), 5, "{plan:#?}");
    assert!(!plan.iter().any(|step| step.contains("SCAN") && !step.contains("CONSTANT ROW")), "{plan:#?}");
    assert!(plan.iter().any(|step| step.contains("COVERING INDEX policy_links_approved")), "{plan:#?}");
    assert!(searches[0].contains("(digest=?)"), "{plan:#?}");
}
