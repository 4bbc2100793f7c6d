//! The in-memory store passes the suite, and answers alike whether it sorts a few rows or walks along an index.
#![allow(clippy::unwrap_used)]

use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRow, LicenseKeySort};
use misp_onboarding::list::{Direction, ListRow, Position, Query, SortKey};
use misp_onboarding::store::{ChangeSet, LicenseKeyRepository, MemoryStore, Store};
use misp_onboarding_testkit::conformance::samples::{self, NOW, literal};

misp_onboarding_testkit::store_conformance!(MemoryStore::new);

#[test]
fn a_partner_may_have_few_keys_or_many() {
    let store = MemoryStore::new();
    let mut changes = ChangeSet::new();
    changes.insert(samples::partner("few")).insert(samples::partner("many"));
    // Only the keys of "few" are few enough to be sorted for each page.
    for number in 0..1_500 {
        let partner = if number % 3 == 0 { "few" } else { "many" };
        let mut key = samples::license_key(number, if number < 1_490 { partner } else { "many" });
        key.created_at = samples::after(i64::from(number * 7 % 100));
        changes.insert(key);
    }
    store.commit(&changes).unwrap();
    for (partner, wanted) in [("few", 497), ("many", 1_003)] {
        for sort in LicenseKeySort::ALL {
            for direction in [Direction::Ascending, Direction::Descending] {
                let filter = LicenseKeyFilter { partner: Some(literal(partner)), ..Default::default() };
                let rows = through(&store, filter.clone(), *sort, direction);
                assert_eq!(rows.len() as u64, store.count_license_keys(&filter, NOW).unwrap());
                assert_eq!(rows.len(), wanted, "{partner}");
                let mut sorted = rows.clone();
                sorted.sort_by_cached_key(|row| (row.sort_value(*sort), row.tie_break()));
                if direction == Direction::Descending {
                    sorted.reverse();
                }
                assert_eq!(rows, sorted, "{partner} by {} {direction}", sort.as_str());
            }
        }
    }
}

fn through(
    store: &MemoryStore,
    filter: LicenseKeyFilter,
    sort: LicenseKeySort,
    direction: Direction,
) -> Vec<LicenseKeyRow> {
    let mut query = Query { filter, sort, direction, after: None, limit: 100, now: NOW };
    let mut rows = Vec::new();
    loop {
        let page = store.list_license_keys(&query).unwrap();
        let Some(last) = page.last() else { return rows };
        query.after = Some(Position { value: last.sort_value(sort), id: last.tie_break() });
        rows.extend(page);
    }
}
