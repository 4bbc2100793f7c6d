//! The six lists, so that one case can be written for all of them.

use std::fmt::Debug;

use misp_onboarding::Timestamp;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRow, LicenseKeySort};
use misp_onboarding::list::{Direction, ListRow, Position, Query, SortKey};
use misp_onboarding::partner::{PartnerFilter, PartnerRow, PartnerSort};
use misp_onboarding::policy::{
    PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupSort, PolicyRow, PolicySort,
};
use misp_onboarding::policy_link::{PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{Store, StoreError};
use misp_onboarding::trust_store::{CaCertificate, CaCertificateFilter, CaCertificateSort};

use super::check::{Failure, Verdict, equal, holds};
use super::samples::NOW;

/// One of the lists.
pub(crate) trait List {
    type Filter: Clone + Default + Debug;
    type Sort: SortKey;
    type Row: ListRow<Self::Sort> + Clone + PartialEq + Debug + 'static;

    fn list(store: &dyn Store, query: &Query<Self::Filter, Self::Sort>)
    -> Result<Vec<Self::Row>, StoreError>;

    fn count(store: &dyn Store, filter: &Self::Filter, now: Timestamp) -> Result<u64, StoreError>;

    /// A filter with the conditions of both, which must not be about the same field.
    fn both(one: &Self::Filter, other: &Self::Filter) -> Self::Filter;
}

pub(crate) struct Partners;
pub(crate) struct CaCertificates;
pub(crate) struct PolicyGroups;
pub(crate) struct Policies;
pub(crate) struct PolicyLinks;
pub(crate) struct LicenseKeys;

macro_rules! list {
    (
        $list:ident: $filter:ident { $($field:ident),+ }, $sort:ty, $row:ty,
        $list_method:ident, |$store:ident, $conditions:ident, $now:ident| $count:expr
    ) => {
        impl List for $list {
            type Filter = $filter;
            type Sort = $sort;
            type Row = $row;

            fn list(store: &dyn Store, query: &Query<$filter, $sort>) -> Result<Vec<$row>, StoreError> {
                store.$list_method(query)
            }

            #[allow(unused_variables)]
            fn count($store: &dyn Store, $conditions: &$filter, $now: Timestamp) -> Result<u64, StoreError> {
                $count
            }

            fn both(one: &$filter, other: &$filter) -> $filter {
                let (one, other) = (one.clone(), other.clone());
                $filter { $($field: one.$field.or(other.$field),)+ }
            }
        }
    };
}

list!(
    Partners: PartnerFilter {
        id, organization, email, policy_group, policy_group_name, state, certificate_status, certificate_ends
    },
    PartnerSort, PartnerRow, list_partners, |store, filter, now| store.count_partners(filter, now)
);
list!(
    CaCertificates: CaCertificateFilter {
        id, domain, kind, state, status, fingerprint, subject, issuer, ends
    },
    CaCertificateSort, CaCertificate, list_ca_certificates,
    |store, filter, now| store.count_ca_certificates(filter, now)
);
list!(
    PolicyGroups: PolicyGroupFilter { id, name, state },
    PolicyGroupSort, PolicyGroup, list_policy_groups, |store, filter, now| store.count_policy_groups(filter)
);
list!(
    Policies: PolicyFilter { id, group, group_name, name, state },
    PolicySort, PolicyRow, list_policies, |store, filter, now| store.count_policies(filter)
);
list!(
    PolicyLinks: PolicyLinkFilter {
        id, partner, organization, policy, policy_name, policy_group, policy_group_name, state
    },
    PolicyLinkSort, PolicyLinkRow, list_policy_links, |store, filter, now| store.count_policy_links(filter)
);
list!(
    LicenseKeys: LicenseKeyFilter {
        id, partner, organization, policy_group, policy_group_name, policy, policy_name, name, status, expires
    },
    LicenseKeySort, LicenseKeyRow, list_license_keys,
    |store, filter, now| store.count_license_keys(filter, now)
);

/// The first `limit` rows in an order.
pub(crate) fn query<F, S>(filter: F, sort: S, direction: Direction, limit: u32) -> Query<F, S> {
    Query { filter, sort, direction, after: None, limit, now: NOW }
}

/// The place after a row.
pub(crate) fn position<R: ListRow<S>, S: SortKey>(row: &R, sort: S) -> Position {
    Position { value: row.sort_value(sort), id: row.tie_break() }
}

/// Goes through a list page by page, as a caller does: it asks for one row more than a page shows.
pub(crate) fn pages<L: List>(
    store: &dyn Store,
    mut query: Query<L::Filter, L::Sort>,
    size: u32,
) -> Result<Vec<L::Row>, Failure> {
    let mut rows: Vec<L::Row> = Vec::new();
    query.limit = size + 1;
    loop {
        let mut page = L::list(store, &query)?;
        if page.len() > size as usize + 1 {
            return Err(Failure::new(format!(
                "at most {} rows were asked for, found {}",
                size + 1,
                page.len()
            )));
        }
        let more = page.len() > size as usize;
        page.truncate(size as usize);
        query.after = page.last().map(|row| position(row, query.sort));
        rows.extend(page);
        if rows.len() > 100_000 {
            return Err(Failure::new("paging must come to an end, found the same pages again and again"));
        }
        if !more {
            return Ok(rows);
        }
    }
}

/// Every row that a filter lets through at [`NOW`], in the order of the first sort key.
pub(crate) fn all<L: List>(store: &dyn Store, filter: L::Filter) -> Result<Vec<L::Row>, Failure> {
    pages::<L>(store, query(filter, L::Sort::NEWEST, Direction::Ascending, 0), 100)
}

/// The order that the contract asks for: by sort value, then by the bytes of the id, both in the same direction.
pub(crate) fn in_order<R: ListRow<S> + Clone, S: SortKey>(
    rows: &[R],
    sort: S,
    direction: Direction,
) -> Vec<R> {
    let mut rows = rows.to_vec();
    rows.sort_by_cached_key(|row| (row.sort_value(sort), row.tie_break().into_bytes()));
    if direction == Direction::Descending {
        rows.reverse();
    }
    rows
}

pub(crate) const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// The rows' ids; easier to read than whole rows.
pub(crate) fn ids<R: ListRow<S>, S: SortKey>(rows: &[R]) -> Vec<String> {
    rows.iter().map(R::tie_break).collect()
}

/// The list must show exactly these rows, in every order.
pub(crate) fn every_order<L: List>(store: &dyn Store, rows: &[L::Row]) -> Verdict {
    for sort in L::Sort::ALL {
        for direction in DIRECTIONS {
            let found = pages::<L>(store, query(L::Filter::default(), *sort, direction, 0), 9)?;
            let wanted = in_order(rows, *sort, direction);
            equal(format_args!("rows by {} {direction}", sort.as_str()), ids(&found), ids(&wanted))?;
            holds(format_args!("rows by {} show what is stored", sort.as_str()), found == wanted)?;
        }
    }
    Ok(())
}
