//! The list of license keys: where keys stand in it, and how a page of it is found.
//!
//! Keys stand in the orders of their state, of their partner and of their policy. A page is found along those of the few
//! partners or policies that a filter means, or among the few keys with such a name; else the list is walked, the states
//! merged, and where a stretch of it does not fill the page, what the filter's own index finds is sorted.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::ops::Bound;

use super::index::{Ends, Index, Merged, RowId, Rows, Value, sort_few};
use super::lists::limit;
use super::tables::{KeyEntry, LICENSE_KEY_KEYS, State};
use crate::Timestamp;
use crate::id::{LicenseKeyId, PolicyId};
use crate::license_key::{
    LicenseKeyFilter, LicenseKeyRecord, LicenseKeyRow, LicenseKeySort, LicenseKeyState, LicenseKeyStatus,
};
use crate::list::{Query, SortKey as _};
use crate::partner::PartnerId;

/// Up to so many rows are sorted for a page rather than looked for along the list.
const FEW_KEYS: usize = 1_000;
/// So many partners are few enough to merge the keys of each.
const FEW_PARTNERS: usize = 100;
/// How many rows a walk passes before something else is tried.
const STRETCH: usize = 1_000;
/// What one key in so many has is looked for along the list, as it costs more to sort all that have it.
const MANY_SHARE: usize = 8;

type KeyIndex = Index<KeyPlace, LICENSE_KEY_KEYS>;

/// A key in a list: told by its id, and with what most often decides that it is passed over, so that this needs no look at
/// the key.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyPlace {
    id: LicenseKeyId,
    expires_at: Timestamp,
}

impl KeyPlace {
    fn of(key: &LicenseKeyRecord) -> Self {
        Self { id: key.id, expires_at: key.expires_at }
    }

    /// Whether a key that ends then can pass the filter.
    fn may_pass(&self, query: &KeyQuery) -> bool {
        let filter = &query.filter;
        let by_clock = match filter.status {
            Some(LicenseKeyStatus::Active) => query.now < self.expires_at,
            Some(LicenseKeyStatus::Expired) => query.now >= self.expires_at,
            _ => true,
        };
        by_clock && filter.expires.is_none_or(|range| range.contains(self.expires_at))
    }
}

impl PartialEq for KeyPlace {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for KeyPlace {}

impl PartialOrd for KeyPlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KeyPlace {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

impl RowId for KeyPlace {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self { id: LicenseKeyId::from_text(text)?, expires_at: Timestamp::MIN })
    }
}

/// Where license keys stand.
#[derive(Debug, Default)]
pub(super) struct KeyLists {
    active: KeyIndex,
    replaced: KeyIndex,
    deactivated: KeyIndex,
    of_partner: HashMap<PartnerId, KeyIndex>,
    of_policy: HashMap<PolicyId, KeyIndex>,
}

impl KeyLists {
    /// Moves a key from its old values to its new ones; none where it was or will not be there.
    pub(super) fn move_row(
        &mut self,
        key: &LicenseKeyRecord,
        old: Option<&[Value; LICENSE_KEY_KEYS]>,
        new: Option<&[Value; LICENSE_KEY_KEYS]>,
    ) {
        let state = match key.state {
            LicenseKeyState::Active => &mut self.active,
            LicenseKeyState::Replaced => &mut self.replaced,
            LicenseKeyState::Deactivated => &mut self.deactivated,
        };
        let place = KeyPlace::of(key);
        state.move_row(&place, old, new);
        self.of_partner.entry(key.partner.clone()).or_default().move_row(&place, old, new);
        if let Some(policy) = key.policy {
            self.of_policy.entry(policy).or_default().move_row(&place, old, new);
        }
    }

    fn in_states(&self, status: Option<LicenseKeyStatus>) -> Vec<&KeyIndex> {
        match status {
            None => vec![&self.active, &self.replaced, &self.deactivated],
            Some(LicenseKeyStatus::Active | LicenseKeyStatus::Expired) => vec![&self.active],
            Some(LicenseKeyStatus::Replaced) => vec![&self.replaced],
            Some(LicenseKeyStatus::Deactivated) => vec![&self.deactivated],
        }
    }
}

type KeyQuery = Query<LicenseKeyFilter, LicenseKeySort>;

impl State {
    pub(super) fn list_license_keys(&self, query: &KeyQuery) -> Vec<LicenseKeyRow> {
        self.page_of_keys(query).into_iter().filter_map(|entry| self.key_row(entry)).collect()
    }

    fn page_of_keys(&self, query: &KeyQuery) -> Vec<&KeyEntry> {
        let filter = &query.filter;
        if let Some(id) = filter.id {
            return self.sorted_keys(query, vec![id]);
        }
        if let Some(partner) = &filter.partner {
            let lane = self.key_lists.of_partner.get(partner);
            return self.first_keys(query, merged(query, lane.into_iter()));
        }
        let named = |most| filter.name.as_ref().and_then(|name| self.key_words.candidates(name, most));
        if let Some(few) = named(FEW_KEYS) {
            return self.sorted_keys(query, few);
        }
        if let Some(part) = &filter.organization
            && let Some(few) = self.partner_words.candidates(part, FEW_PARTNERS)
        {
            let partners = few.into_iter().filter_map(|number| self.partner_numbers.get(number));
            let partners = partners
                .filter(|id| self.partners.get(*id).is_some_and(|partner| part.is_in(&partner.organization)));
            return self.first_keys(
                query,
                merged(query, partners.filter_map(|id| self.key_lists.of_partner.get(id))),
            );
        }
        if let Some(policies) = self.policies_meant(filter) {
            let lanes = policies.iter().filter_map(|id| self.key_lists.of_policy.get(id));
            return self.first_keys(query, merged(query, lanes));
        }
        let mut walk = merged(query, self.key_lists.in_states(filter.status).into_iter());
        let mut page = Vec::new();
        let mut passed_over = 0;
        while page.len() < limit(query) && passed_over < STRETCH {
            let Some(place) = walk.next() else { return page };
            match self.passing_key_at(query, place) {
                Some(entry) => page.push(entry),
                None => passed_over += 1,
            }
        }
        if page.len() >= limit(query) {
            page
        } else if let Some(all) = named(self.keys.len() / MANY_SHARE) {
            self.sorted_keys(query, all)
        } else if let Some(part) = &filter.organization {
            let partners = self.partners.iter().filter(|(_, partner)| part.is_in(&partner.organization));
            let lanes = partners.filter_map(|(id, _)| self.key_lists.of_partner.get(id));
            self.first_keys(query, merged(query, lanes))
        } else if filter.expires.is_some() && query.sort != LicenseKeySort::ExpiresAt {
            let by_end = KeyQuery { sort: LicenseKeySort::ExpiresAt, after: None, ..query.clone() };
            let ending = merged(&by_end, self.key_lists.in_states(filter.status).into_iter());
            self.sorted_keys(query, ending.map(|place| place.id).collect())
        } else {
            let more = limit(query) - page.len();
            page.extend(walk.filter_map(|place| self.passing_key_at(query, place)).take(more));
            page
        }
    }

    fn passing_key(&self, query: &KeyQuery, id: &LicenseKeyId) -> Option<&KeyEntry> {
        let entry = self.keys.get(id)?;
        self.key_passes(entry, &query.filter, query.now).then_some(entry)
    }

    fn passing_key_at(&self, query: &KeyQuery, place: &KeyPlace) -> Option<&KeyEntry> {
        if place.may_pass(query) { self.passing_key(query, &place.id) } else { None }
    }

    /// The first of these that pass, which are in order.
    fn first_keys<'a>(
        &'a self,
        query: &KeyQuery,
        in_order: impl Iterator<Item = &'a KeyPlace>,
    ) -> Vec<&'a KeyEntry> {
        in_order.filter_map(|place| self.passing_key_at(query, place)).take(limit(query)).collect()
    }

    /// The first of these that pass, which are in any order.
    fn sorted_keys(&self, query: &KeyQuery, ids: Vec<LicenseKeyId>) -> Vec<&KeyEntry> {
        let key = number_of(query.sort);
        let entries = ids.iter().filter_map(|id| self.passing_key(query, id));
        let rows =
            entries.filter_map(|entry| Some((entry.values.as_ref()?.get(key)?, &entry.record.id))).collect();
        let in_order = sort_few(rows, query.direction, query.after.as_ref()).into_iter();
        in_order.filter_map(|id| self.keys.get(id)).map(Box::as_ref).take(limit(query)).collect()
    }

    /// The policies that the filter means, where it says.
    fn policies_meant(&self, filter: &LicenseKeyFilter) -> Option<Vec<PolicyId>> {
        if let Some(policy) = filter.policy {
            return Some(vec![policy]);
        }
        let (group, part, group_part) = (filter.policy_group, &filter.policy_name, &filter.policy_group_name);
        if group.is_none() && part.is_none() && group_part.is_none() {
            return None;
        }
        let groups = self.groups.iter().filter(|(id, entry)| {
            group.is_none_or(|group| group == **id)
                && group_part.as_ref().is_none_or(|part| part.is_in(&entry.name))
        });
        let policies = groups.flat_map(|(id, _)| self.policies_of_group.of(id));
        let policies = policies.filter(|id| {
            part.as_ref()
                .is_none_or(|part| self.policies.get(*id).is_some_and(|policy| part.is_in(&policy.name)))
        });
        Some(policies.copied().collect())
    }
}

/// The keys of these indexes beyond the query's place; in the order of ends, only those between the ones asked for.
fn merged<'a>(query: &KeyQuery, lanes: impl Iterator<Item = &'a KeyIndex>) -> Merged<'a, KeyPlace> {
    let bounds = if query.sort == LicenseKeySort::ExpiresAt { ends(query) } else { None };
    let rows = |lane: &'a KeyIndex| -> Rows<'a, KeyPlace> {
        let bounds = bounds.clone().unwrap_or((Bound::Unbounded, Bound::Unbounded));
        lane.rows(number_of(query.sort), query.direction, query.after.as_ref(), bounds)
    };
    Merged::new(lanes.map(rows), query.direction)
}

/// Where the ends that the query asks for begin and stop.
fn ends(query: &KeyQuery) -> Option<Ends<KeyPlace>> {
    /// The id before all others.
    const LEAST: &str = "00000000-0000-0000-0000-000000000000";
    let least = KeyPlace::from_text(LEAST)?;
    let at = |instant: Timestamp| (Value::Time(instant), least);
    let after = |instant: Timestamp| Timestamp::from_unix_micros(instant.unix_micros().saturating_add(1));
    let range = query.filter.expires;
    let (mut from, mut to) = (range.map(|range| range.from), range.map(|range| after(range.to)));
    match query.filter.status {
        Some(LicenseKeyStatus::Active) => from = Some(from.unwrap_or(query.now).max(after(query.now))),
        Some(LicenseKeyStatus::Expired) => {
            to = Some(to.map_or(after(query.now), |to| to.min(after(query.now))))
        }
        _ => {}
    }
    let from = from.map_or(Bound::Unbounded, |from| Bound::Included(at(from)));
    Some((from, to.map_or(Bound::Unbounded, |to| Bound::Excluded(at(to)))))
}

fn number_of(sort: LicenseKeySort) -> usize {
    LicenseKeySort::ALL.iter().position(|key| *key == sort).unwrap_or_default()
}
