//! Stores whose lists show other rows, or in another order.

use std::collections::HashMap;
use std::sync::Mutex;

use misp_onboarding::Timestamp;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRow, LicenseKeySort};
use misp_onboarding::list::{Direction, ListRow, Position, Query, SortKey, SortValue, TimeRange};
use misp_onboarding::partner::{PartnerFilter, PartnerRow, PartnerSort};
use misp_onboarding::policy::{
    PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupSort, PolicyRow, PolicySort,
};
use misp_onboarding::policy_link::{PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{
    CertificateRepository, Change, ChangeSet, LicenseKeyRepository, MemoryStore, PartnerRepository,
    PolicyLinkRepository, PolicyRepository, Record, Store, StoreError,
};
use misp_onboarding::trust_store::{CaCertificate, CaCertificateFilter, CaCertificateSort};
use misp_onboarding_testkit::conformance::{CASES, Layer, Layered};

use crate::{Flaw, all_caught, flaw};

pub(crate) const FLAWS: &[Flaw] = &[
    ReadsTheClockLate::FLAW,
    LeavesTheLastInstantOut::FLAW,
    TakesPercentForAnything::FLAW,
    TakesUnderscoreForAnything::FLAW,
    ComparesPartsExactly::FLAW,
    CountsWithoutTheFilter::FLAW,
    SkipsEqualValues::FLAW,
    RepeatsEqualValues::FLAW,
    SortsByUtf16::FLAW,
    SortsIdsForward::FLAW,
    SortsByWhatWasShownBefore::FLAW,
    GoesByOffset::FLAW,
    StartsAgainAtUnknownPlaces::FLAW,
    FiltersAfterTheLimit::FLAW,
    GivesUpFarFromTheStart::FLAW,
];

#[test]
fn broken_lists_are_caught() {
    all_caught(FLAWS);
}

/// Overrides the methods of all lists and counts alike.
macro_rules! lists {
    (|$store:ident, $query:ident| $list:expr) => {
        fn list_partners(
            &self,
            query: &Query<PartnerFilter, PartnerSort>,
        ) -> Result<Vec<PartnerRow>, StoreError> {
            let ($store, $query) = (|query: &Query<_, _>| self.0.list_partners(query), query);
            $list
        }

        fn list_ca_certificates(
            &self,
            query: &Query<CaCertificateFilter, CaCertificateSort>,
        ) -> Result<Vec<CaCertificate>, StoreError> {
            let ($store, $query) = (|query: &Query<_, _>| self.0.list_ca_certificates(query), query);
            $list
        }

        fn list_policy_groups(
            &self,
            query: &Query<PolicyGroupFilter, PolicyGroupSort>,
        ) -> Result<Vec<PolicyGroup>, StoreError> {
            let ($store, $query) = (|query: &Query<_, _>| self.0.list_policy_groups(query), query);
            $list
        }

        fn list_policies(
            &self,
            query: &Query<PolicyFilter, PolicySort>,
        ) -> Result<Vec<PolicyRow>, StoreError> {
            let ($store, $query) = (|query: &Query<_, _>| self.0.list_policies(query), query);
            $list
        }

        fn list_policy_links(
            &self,
            query: &Query<PolicyLinkFilter, PolicyLinkSort>,
        ) -> Result<Vec<PolicyLinkRow>, StoreError> {
            let ($store, $query) = (|query: &Query<_, _>| self.0.list_policy_links(query), query);
            $list
        }

        fn list_license_keys(
            &self,
            query: &Query<LicenseKeyFilter, LicenseKeySort>,
        ) -> Result<Vec<LicenseKeyRow>, StoreError> {
            let ($store, $query) = (|query: &Query<_, _>| self.0.list_license_keys(query), query);
            $list
        }
    };
}

fn later(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(now.unix_micros().saturating_add(1))
}

fn earlier(instant: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros().saturating_sub(1))
}

flaw!(
    /// A microsecond too late, as with `<` where `<=` belongs.
    ReadsTheClockLate,
    caught by [
        a_key_expires_at_its_very_instant,
        a_partner_certificate_changes_its_status_at_its_very_instants,
        a_ca_certificate_changes_its_status_at_its_very_instants,
    ] {
        lists!(|list, query| list(&Query { now: later(query.now), ..query.clone() }));
    }
);

flaw!(LeavesTheLastInstantOut, caught by [
    a_time_range_holds_both_its_ends,
] {
    fn count_license_keys(&self, filter: &LicenseKeyFilter, now: Timestamp) -> Result<u64, StoreError> {
        let narrower = |range: TimeRange| TimeRange { to: earlier(range.to), ..range };
        self.0.count_license_keys(&LicenseKeyFilter { expires: filter.expires.map(narrower), ..filter.clone() }, now)
    }
});

/// A store that treats one character of a group's name as standing for anything.
fn without(
    query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    any: &str,
) -> Query<PolicyGroupFilter, PolicyGroupSort> {
    let mut query = query.clone();
    let bare = query.filter.name.as_ref().map(|name| name.folded().replace(any, ""));
    query.filter.name = bare.and_then(|bare| bare.parse().ok());
    query
}

flaw!(TakesPercentForAnything, caught by [policy_groups_are_filtered, a_part_of_a_name_is_taken_to_the_letter] {
    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError> {
        self.0.list_policy_groups(&without(query, "%"))
    }
});

flaw!(TakesUnderscoreForAnything, caught by [
    policy_groups_are_filtered,
    a_part_of_a_name_is_taken_to_the_letter,
] {
    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError> {
        self.0.list_policy_groups(&without(query, "_"))
    }
});

flaw!(ComparesPartsExactly, caught by [policy_groups_are_filtered, a_part_of_a_name_is_taken_to_the_letter] {
    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError> {
        let mut rows = self.0.list_policy_groups(query)?;
        rows.retain(|row| {
            query.filter.name.as_ref().is_none_or(|part| row.name.as_str().to_ascii_lowercase().contains(part.folded()))
        });
        Ok(rows)
    }
});

flaw!(CountsWithoutTheFilter, caught by [
    partners_are_filtered,
    ca_certificates_are_filtered,
    policies_are_filtered,
    policy_links_are_filtered,
] {
    fn count_partners(&self, _: &PartnerFilter, now: Timestamp) -> Result<u64, StoreError> {
        self.0.count_partners(&PartnerFilter::default(), now)
    }

    fn count_ca_certificates(&self, _: &CaCertificateFilter, now: Timestamp) -> Result<u64, StoreError> {
        self.0.count_ca_certificates(&CaCertificateFilter::default(), now)
    }

    fn count_policies(&self, _: &PolicyFilter) -> Result<u64, StoreError> {
        self.0.count_policies(&PolicyFilter::default())
    }

    fn count_policy_links(&self, _: &PolicyLinkFilter) -> Result<u64, StoreError> {
        self.0.count_policy_links(&PolicyLinkFilter::default())
    }
});

/// The query with another id in its place.
fn after_id<F: Clone, S: SortKey>(query: &Query<F, S>, ascending: &str, descending: &str) -> Query<F, S> {
    let mut query = query.clone();
    if let Some(after) = &mut query.after {
        let id = if query.direction == Direction::Ascending { ascending } else { descending };
        id.clone_into(&mut after.id);
    }
    query
}

flaw!(
    /// Compares the place's value alone with `>`.
    SkipsEqualValues,
    caught by [
        partners_come_in_every_order,
        ca_certificates_come_in_every_order,
        policy_groups_come_in_every_order,
        policies_come_in_every_order,
        policy_links_come_in_every_order,
        license_keys_come_in_every_order,
        pages_stay_whole_while_rows_come_and_go,
    ] {
        lists!(|list, query| list(&after_id(query, "\u{10FFFF}", "")));
    }
);

flaw!(
    /// Compares the place's value alone with `>=`.
    RepeatsEqualValues,
    caught by [
        partners_come_in_every_order,
        license_keys_come_in_every_order,
    ] {
        lists!(|list, query| list(&after_id(query, "", "\u{10FFFF}")));
    }
);

/// Every row of a query, sorted by something else, from the query's place on.
fn resorted<F: Clone, S: SortKey, R: ListRow<S>, K: Ord>(
    list: impl Fn(&Query<F, S>) -> Result<Vec<R>, StoreError>,
    query: &Query<F, S>,
    key: impl Fn(&SortValue, &str, bool) -> K,
) -> Result<Vec<R>, StoreError> {
    let descending = query.direction == Direction::Descending;
    let of = |place: &Position| key(&place.value, &place.id, descending);
    let place = |row: &R| of(&Position { value: row.sort_value(query.sort), id: row.tie_break() });
    let mut rows = list(&Query { after: None, limit: u32::MAX, ..query.clone() })?;
    rows.sort_by_key(&place);
    if descending {
        rows.reverse();
    }
    if let Some(after) = query.after.as_ref().map(of) {
        rows.retain(|row| if descending { place(row) < after } else { place(row) > after });
    }
    rows.truncate(query.limit as usize);
    Ok(rows)
}

flaw!(
    /// As a store in a language whose text is UTF-16.
    SortsByUtf16,
    caught by [
        partners_come_in_every_order,
        ca_certificates_come_in_every_order,
        policy_groups_come_in_every_order,
        policies_come_in_every_order,
        license_keys_come_in_every_order,
    ] {
        lists!(|list, query| resorted(list, query, |value, id, _| {
            let (text, time) = match value {
                SortValue::Text(text) => (text.encode_utf16().collect(), None),
                SortValue::Time(time) => (Vec::new(), Some(*time)),
            };
            (text, time, id.to_owned())
        }));
    }
);

flaw!(
    /// Sorts by the value in the query's direction, and by the id always forward.
    SortsIdsForward,
    caught by [
        partners_come_in_every_order,
        policy_links_come_in_every_order,
        a_place_need_not_be_that_of_a_row,
    ] {
        lists!(|list, query| resorted(list, query, |value, id, descending| {
            let id: Vec<i32> = id.bytes().chain([0]).map(|byte| if descending { -i32::from(byte) } else { i32::from(byte) }).collect();
            (value.clone(), id)
        }));
    }
);

flaw!(
    /// Keeps the organization as it was when the partner was made.
    SortsByWhatWasShownBefore,
    caught by [rows_follow_the_records_they_show] {
        fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
            let mut changes = changes.clone();
            for change in &mut changes.changes {
                if let Change::Update(Record::Partner(partner)) = change
                    && let Some(former) = self.0.partner(&partner.id)?
                {
                    partner.organization = former.organization;
                }
            }
            self.0.commit(&changes)
        }
    }
);

flaw!(
    /// Remembers how many rows came before a place, and leaves out so many.
    GoesByOffset remembering Mutex<HashMap<Position, usize>>,
    caught by [pages_stay_whole_while_rows_come_and_go] {
        fn list_license_keys(
            &self,
            query: &Query<LicenseKeyFilter, LicenseKeySort>,
        ) -> Result<Vec<LicenseKeyRow>, StoreError> {
            let mut offsets = self.1.lock().unwrap();
            let skip = query.after.as_ref().and_then(|after| offsets.get(after)).copied().unwrap_or(0);
            let rows = self.0.list_license_keys(&Query { after: None, limit: u32::MAX, ..query.clone() })?;
            let page: Vec<_> = rows.into_iter().skip(skip).take(query.limit as usize).collect();
            if let Some(last) = page.last() {
                let place = Position { value: last.sort_value(query.sort), id: last.tie_break() };
                offsets.insert(place, skip + page.len());
            }
            Ok(page)
        }
    }
);

flaw!(StartsAgainAtUnknownPlaces, caught by [a_place_need_not_be_that_of_a_row] {
    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError> {
        let after = query.after.clone().filter(|after| after.id.len() == 36);
        self.0.list_policy_groups(&Query { after, ..query.clone() })
    }
});

flaw!(
    /// Takes a page from the index and then throws out what the filter does not let through.
    FiltersAfterTheLimit,
    caught by [license_keys_are_filtered] {
        fn list_license_keys(
            &self,
            query: &Query<LicenseKeyFilter, LicenseKeySort>,
        ) -> Result<Vec<LicenseKeyRow>, StoreError> {
            let passing = self.0.list_license_keys(&Query { limit: u32::MAX, ..query.clone() })?;
            let mut page = self.0.list_license_keys(&Query { filter: LicenseKeyFilter::default(), ..query.clone() })?;
            page.retain(|row| passing.contains(row));
            Ok(page)
        }
    }
);

/// A store that ignores one field of one filter.
struct Ignores<F> {
    below: MemoryStore,
    clear: fn(&mut F),
}

/// Tests that ignoring any field of a filter is caught.
macro_rules! ignoring {
    (
        $test:ident: $filter:ident { $($field:ident),+ }, $list:ident by $sort:ident gives $row:ident,
        caught by $case:ident
    ) => {
        impl Layer for Ignores<$filter> {
            fn below(&self) -> &dyn Store {
                &self.below
            }

            fn $list(&self, query: &Query<$filter, $sort>) -> Result<Vec<$row>, StoreError> {
                let mut query = query.clone();
                (self.clear)(&mut query.filter);
                self.below.$list(&query)
            }
        }

        #[test]
        fn $test() {
            let case = CASES.iter().find(|case| case.name == stringify!($case)).unwrap();
            let fields: &[(&str, fn(&mut $filter))] =
                &[$((stringify!($field), |filter| filter.$field = None),)+];
            for (field, clear) in fields {
                let store = Layered(Ignores { below: MemoryStore::new(), clear: *clear });
                assert!((case.run)(&store).is_err(), "a store that ignores {field} passes");
            }
        }
    };
}

ignoring!(
    ignoring_a_field_of_the_partner_filter_is_caught: PartnerFilter {
        id, organization, email, policy_group, policy_group_name, state, certificate_status, certificate_ends
    },
    list_partners by PartnerSort gives PartnerRow,
    caught by partners_are_filtered
);
ignoring!(
    ignoring_a_field_of_the_ca_certificate_filter_is_caught: CaCertificateFilter {
        id, domain, kind, state, status, fingerprint, subject, issuer, ends
    },
    list_ca_certificates by CaCertificateSort gives CaCertificate,
    caught by ca_certificates_are_filtered
);
ignoring!(
    ignoring_a_field_of_the_policy_group_filter_is_caught: PolicyGroupFilter { id, name, state },
    list_policy_groups by PolicyGroupSort gives PolicyGroup,
    caught by policy_groups_are_filtered
);
ignoring!(
    ignoring_a_field_of_the_policy_filter_is_caught: PolicyFilter { id, group, group_name, name, state },
    list_policies by PolicySort gives PolicyRow,
    caught by policies_are_filtered
);
ignoring!(
    ignoring_a_field_of_the_policy_link_filter_is_caught: PolicyLinkFilter {
        id, partner, organization, policy, policy_name, policy_group, policy_group_name, state
    },
    list_policy_links by PolicyLinkSort gives PolicyLinkRow,
    caught by policy_links_are_filtered
);
ignoring!(
    ignoring_a_field_of_the_license_key_filter_is_caught: LicenseKeyFilter {
        id, partner, organization, policy_group, policy_group_name, policy, policy_name, name, status, expires
    },
    list_license_keys by LicenseKeySort gives LicenseKeyRow,
    caught by license_keys_are_filtered
);

flaw!(
    /// Looks at a stretch of the list only, however many rows the filter lets through beyond it.
    GivesUpFarFromTheStart,
    caught by [a_page_of_a_long_list_is_found_wherever_its_rows_are] {
        fn list_license_keys(
            &self,
            query: &Query<LicenseKeyFilter, LicenseKeySort>,
        ) -> Result<Vec<LicenseKeyRow>, StoreError> {
            let everything = Query { filter: LicenseKeyFilter::default(), limit: 1_000, ..query.clone() };
            let stretch = self.0.list_license_keys(&everything)?;
            let mut found = self.0.list_license_keys(query)?;
            if query.limit < 1_000 {
                found.retain(|row| stretch.iter().any(|other| other.key.id == row.key.id));
            }
            Ok(found)
        }
    }
);
