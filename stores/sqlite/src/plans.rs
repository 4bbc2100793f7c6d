//! How SQLite answers the queries that must not slow down as the store grows.

use misp_onboarding::Timestamp;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyStatus};
use misp_onboarding::list::{Direction, Position, Query, SortKey, SortValue};
use misp_onboarding::partner::{PartnerFilter, PartnerState};
use misp_onboarding::policy_link::{PolicyLinkFilter, PolicyLinkState};
use misp_onboarding::store::StoreError;
use rusqlite::{Connection, params_from_iter};

use crate::query::Statement;
use crate::{certificates, license_keys, open, partners, policies, policy_links};

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

fn assert_every_sort_walks<F: Default + Clone, S: SortKey>(
    table: &str,
    page: fn(&Query<F, S>) -> Result<Statement, StoreError>,
) {
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
                assert_walks(&connection, &what, &page(&query).unwrap(), table, beyond_place);
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
    assert_every_sort_walks("k", license_keys::page);
}

fn newest_first<F, S: SortKey>(filter: F) -> Query<F, S> {
    Query {
        filter,
        sort: S::NEWEST,
        direction: Direction::Descending,
        after: None,
        limit: 9,
        now: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn the_newest_rows_in_a_state_or_of_a_parent_need_no_sorting() {
    let connection = open::in_memory().unwrap();
    let id = "01890000-0000-7000-8000-000000000000";
    let statements = [
        partners::page(&newest_first(PartnerFilter {
            state: Some(PartnerState::Active),
            ..PartnerFilter::default()
        })),
        partners::page(&newest_first(PartnerFilter {
            policy_group: Some(id.parse().unwrap()),
            ..PartnerFilter::default()
        })),
        policy_links::page(&newest_first(PolicyLinkFilter {
            state: Some(PolicyLinkState::Pending),
            ..PolicyLinkFilter::default()
        })),
        license_keys::page(&newest_first(LicenseKeyFilter {
            status: Some(LicenseKeyStatus::Active),
            ..LicenseKeyFilter::default()
        })),
        license_keys::page(&newest_first(LicenseKeyFilter {
            policy: Some(id.parse().unwrap()),
            ..LicenseKeyFilter::default()
        })),
        license_keys::page(&newest_first(LicenseKeyFilter {
            partner: Some("acme".parse().unwrap()),
            ..LicenseKeyFilter::default()
        })),
    ];
    for statement in statements {
        let statement = statement.unwrap();
        let plan = plan(&connection, &statement);
        assert!(plan.iter().all(|step| step.starts_with("SEARCH")), "{plan:#?}\n{}", statement.sql);
    }
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
