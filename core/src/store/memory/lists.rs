//! Lists: where rows stand, which ones a filter lets through, and what is shown of them.

use std::hash::Hash;
use std::sync::Arc;

use super::index::{Index, Relation, RowId, Value, sort_few};
use super::tables::{
    CA_KEYS, CaEntry, GROUP_KEYS, GroupEntry, KeyEntry, LICENSE_KEY_KEYS, LINK_KEYS, LinkEntry, PARTNER_KEYS,
    POLICY_KEYS, PartnerEntry, PolicyEntry, State, Table,
};
use crate::Timestamp;
use crate::certificate::CertificateStatus;
use crate::id::{LicenseKeyId, PolicyId, PolicyLinkId};
use crate::license_key::{LicenseKeyFilter, LicenseKeyRow, LicenseKeySort};
use crate::list::{Query, SortKey};
use crate::partner::{PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use crate::policy::{PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupSort, PolicyRow, PolicySort};
use crate::policy_link::{PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use crate::text::Substring;
use crate::trust_store::{CaCertificate, CaCertificateFilter, CaCertificateSort};

/// Up to so many rows are sorted for a page rather than looked for along the index.
const FEW: usize = 1_000;

/// The only rows that can pass a filter, where there are few and they are known without looking at others.
type Few<'a, I> = Option<Vec<&'a I>>;

impl State {
    pub(super) fn list_partners(&self, query: &Query<PartnerFilter, PartnerSort>) -> Vec<PartnerRow> {
        let few = self.few_partners(&query.filter);
        in_order(&self.partners, &self.partner_list, few, query)
            .filter(|entry| self.partner_passes(entry, &query.filter, query.now))
            .take(limit(query))
            .map(|entry| self.partner_row(entry))
            .collect()
    }

    pub(super) fn count_partners(&self, filter: &PartnerFilter, now: Timestamp) -> u64 {
        let entries = candidates(&self.partners, self.few_partners(filter));
        count(entries.filter(|entry| self.partner_passes(entry, filter, now)))
    }

    pub(super) fn list_ca_certificates(
        &self,
        query: &Query<CaCertificateFilter, CaCertificateSort>,
    ) -> Vec<CaCertificate> {
        let few = only(&self.cas, query.filter.id.as_ref());
        in_order(&self.cas, &self.ca_list, few, query)
            .filter(|entry| entry.passes(&query.filter, query.now))
            .take(limit(query))
            .map(|entry| entry.record.clone())
            .collect()
    }

    pub(super) fn count_ca_certificates(&self, filter: &CaCertificateFilter, now: Timestamp) -> u64 {
        let entries = candidates(&self.cas, only(&self.cas, filter.id.as_ref()));
        count(entries.filter(|entry| entry.passes(filter, now)))
    }

    pub(super) fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Vec<PolicyGroup> {
        let few = only(&self.groups, query.filter.id.as_ref());
        in_order(&self.groups, &self.group_list, few, query)
            .filter(|entry| entry.passes(&query.filter))
            .take(limit(query))
            .map(|entry| entry.record.clone())
            .collect()
    }

    pub(super) fn count_policy_groups(&self, filter: &PolicyGroupFilter) -> u64 {
        let entries = candidates(&self.groups, only(&self.groups, filter.id.as_ref()));
        count(entries.filter(|entry| entry.passes(filter)))
    }

    pub(super) fn list_policies(&self, query: &Query<PolicyFilter, PolicySort>) -> Vec<PolicyRow> {
        let few = self.few_policies(&query.filter);
        in_order(&self.policies, &self.policy_list, few, query)
            .filter(|entry| self.policy_passes(entry, &query.filter))
            .take(limit(query))
            .filter_map(|entry| self.policy_row(entry))
            .collect()
    }

    pub(super) fn count_policies(&self, filter: &PolicyFilter) -> u64 {
        let entries = candidates(&self.policies, self.few_policies(filter));
        count(entries.filter(|entry| self.policy_passes(entry, filter)))
    }

    pub(super) fn list_policy_links(
        &self,
        query: &Query<PolicyLinkFilter, PolicyLinkSort>,
    ) -> Vec<PolicyLinkRow> {
        let few = self.few_links(&query.filter);
        in_order(&self.links, &self.link_list, few, query)
            .filter(|entry| self.link_passes(entry, &query.filter))
            .take(limit(query))
            .filter_map(|entry| self.link_row(entry))
            .collect()
    }

    pub(super) fn count_policy_links(&self, filter: &PolicyLinkFilter) -> u64 {
        let entries = candidates(&self.links, self.few_links(filter));
        count(entries.filter(|entry| self.link_passes(entry, filter)))
    }

    pub(super) fn count_license_keys(&self, filter: &LicenseKeyFilter, now: Timestamp) -> u64 {
        let entries = candidates(&self.keys, self.few_keys(filter));
        count(entries.filter(|entry| self.key_passes(entry, filter, now)))
    }

    pub(super) fn key_row(&self, entry: &KeyEntry) -> Option<LicenseKeyRow> {
        let partner = &self.partners.get(&entry.record.partner)?.record;
        let (policy, group) = self.policy_of(entry);
        Some(LicenseKeyRow {
            key: entry.record.clone(),
            organization: partner.organization.clone(),
            partner_state: partner.state,
            policy_name: policy.map(|policy| policy.record.name.clone()),
            policy_group: policy.map(|policy| policy.record.group),
            policy_group_name: group.map(|group| group.record.name.clone()),
        })
    }
}

/// Partners.
impl State {
    fn few_partners(&self, filter: &PartnerFilter) -> Few<'_, PartnerId> {
        only(&self.partners, filter.id.as_ref()).or_else(|| {
            let email: Arc<str> = filter.email.as_ref()?.folded().into();
            Some(self.partner_emails.get(&email).into_iter().collect())
        })
    }

    pub(super) fn partner_values(&self, entry: &PartnerEntry) -> [Value; PARTNER_KEYS] {
        values(|key| match key {
            PartnerSort::Id => Value::text(Some(&entry.id)),
            PartnerSort::Organization => Value::text(Some(&entry.organization)),
            PartnerSort::PolicyGroup => Value::text(self.group_of(entry).map(|group| &group.name)),
            PartnerSort::State => Value::Text(entry.record.state.as_str().into()),
            PartnerSort::CreatedAt => Value::Time(entry.record.created_at),
            PartnerSort::CertificateEnds => Value::time(self.certificate_ends(entry)),
        })
    }

    fn partner_passes(&self, entry: &PartnerEntry, filter: &PartnerFilter, now: Timestamp) -> bool {
        let record = &entry.record;
        filter.id.as_ref().is_none_or(|id| *id == record.id)
            && holds(filter.organization.as_ref(), || Some(&entry.organization))
            && filter.email.as_ref().is_none_or(|email| email.folded() == *entry.email)
            && filter.policy_group.is_none_or(|group| record.policy_group == Some(group))
            && holds(filter.policy_group_name.as_ref(), || self.group_of(entry).map(|group| &group.name))
            && is(filter.state, record.state)
            && filter
                .certificate_status
                .is_none_or(|status| status == CertificateStatus::at(self.certificate_ends(entry), now))
            && filter
                .certificate_ends
                .is_none_or(|range| self.certificate_ends(entry).is_some_and(|ends| range.contains(ends)))
    }

    fn partner_row(&self, entry: &PartnerEntry) -> PartnerRow {
        PartnerRow {
            partner: entry.record.clone(),
            policy_group_name: self.group_of(entry).map(|group| group.record.name.clone()),
            certificate_ends: self.certificate_ends(entry),
        }
    }

    fn group_of(&self, entry: &PartnerEntry) -> Option<&GroupEntry> {
        self.groups.get(&entry.record.policy_group?).map(Box::as_ref)
    }

    fn certificate_ends(&self, entry: &PartnerEntry) -> Option<Timestamp> {
        self.certificates.get(&entry.record.certificate?).map(|certificate| certificate.not_after)
    }
}

impl CaEntry {
    pub(super) fn sort_values(&self) -> [Value; CA_KEYS] {
        values(|key| match key {
            CaCertificateSort::Subject => Value::text(Some(&self.subject)),
            CaCertificateSort::Issuer => Value::text(Some(&self.issuer)),
            CaCertificateSort::UploadedAt => Value::Time(self.record.uploaded_at),
            CaCertificateSort::NotAfter => Value::Time(self.record.not_after),
        })
    }

    fn passes(&self, filter: &CaCertificateFilter, now: Timestamp) -> bool {
        let record = &self.record;
        is(filter.id, record.id)
            && filter.domain.as_ref().is_none_or(|domain| *domain == record.domain)
            && is(filter.kind, record.kind)
            && is(filter.state, record.state)
            && is(filter.status, CertificateStatus::at(Some(record.not_after), now))
            && is(filter.fingerprint, record.fingerprint)
            && holds(filter.subject.as_ref(), || Some(&self.subject))
            && holds(filter.issuer.as_ref(), || Some(&self.issuer))
            && filter.ends.is_none_or(|range| range.contains(record.not_after))
    }
}

impl GroupEntry {
    pub(super) fn sort_values(&self) -> [Value; GROUP_KEYS] {
        values(|key| match key {
            PolicyGroupSort::Name => Value::text(Some(&self.name)),
            PolicyGroupSort::CreatedAt => Value::Time(self.record.created_at),
        })
    }

    fn passes(&self, filter: &PolicyGroupFilter) -> bool {
        is(filter.id, self.record.id)
            && is(filter.state, self.record.state)
            && holds(filter.name.as_ref(), || Some(&self.name))
    }
}

/// Policies.
impl State {
    fn few_policies(&self, filter: &PolicyFilter) -> Few<'_, PolicyId> {
        only(&self.policies, filter.id.as_ref())
            .or_else(|| few_of(&self.policies_of_group, filter.group.as_ref()))
    }

    pub(super) fn policy_values(&self, entry: &PolicyEntry) -> [Value; POLICY_KEYS] {
        values(|key| match key {
            PolicySort::Name => Value::text(Some(&entry.name)),
            PolicySort::PolicyGroup => {
                Value::text(self.groups.get(&entry.record.group).map(|group| &group.name))
            }
            PolicySort::CreatedAt => Value::Time(entry.record.created_at),
        })
    }

    fn policy_passes(&self, entry: &PolicyEntry, filter: &PolicyFilter) -> bool {
        let record = &entry.record;
        is(filter.id, record.id)
            && is(filter.group, record.group)
            && is(filter.state, record.state)
            && holds(filter.name.as_ref(), || Some(&entry.name))
            && holds(filter.group_name.as_ref(), || self.groups.get(&record.group).map(|group| &group.name))
    }

    fn policy_row(&self, entry: &PolicyEntry) -> Option<PolicyRow> {
        let group = self.groups.get(&entry.record.group)?;
        Some(PolicyRow { policy: entry.record.clone(), group_name: group.record.name.clone() })
    }
}

/// Policy links.
impl State {
    fn few_links(&self, filter: &PolicyLinkFilter) -> Few<'_, PolicyLinkId> {
        only(&self.links, filter.id.as_ref())
            .or_else(|| few_of(&self.links_of_partner, filter.partner.as_ref()))
            .or_else(|| few_of(&self.links_of_policy, filter.policy.as_ref()))
    }

    pub(super) fn link_values(&self, entry: &LinkEntry) -> [Value; LINK_KEYS] {
        let partner = self.partners.get(&entry.record.partner);
        let policy = self.policies.get(&entry.record.policy);
        let group = policy.and_then(|policy| self.groups.get(&policy.record.group));
        values(|key| match key {
            PolicyLinkSort::Partner => Value::text(partner.map(|partner| &partner.id)),
            PolicyLinkSort::Organization => Value::text(partner.map(|partner| &partner.organization)),
            PolicyLinkSort::Policy => Value::text(policy.map(|policy| &policy.name)),
            PolicyLinkSort::PolicyGroup => Value::text(group.map(|group| &group.name)),
            PolicyLinkSort::State => Value::Text(entry.record.state.as_str().into()),
            PolicyLinkSort::RequestedAt => Value::Time(entry.record.requested_at),
        })
    }

    fn link_passes(&self, entry: &LinkEntry, filter: &PolicyLinkFilter) -> bool {
        let record = &entry.record;
        let partner = self.partners.get(&record.partner);
        let policy = self.policies.get(&record.policy);
        let group = || policy.and_then(|policy| self.groups.get(&policy.record.group));
        is(filter.id, record.id)
            && filter.partner.as_ref().is_none_or(|partner| *partner == record.partner)
            && is(filter.policy, record.policy)
            && is(filter.state, record.state)
            && filter.policy_group.is_none_or(|id| policy.is_some_and(|policy| policy.record.group == id))
            && holds(filter.organization.as_ref(), || partner.map(|partner| &partner.organization))
            && holds(filter.policy_name.as_ref(), || policy.map(|policy| &policy.name))
            && holds(filter.policy_group_name.as_ref(), || group().map(|group| &group.name))
    }

    fn link_row(&self, entry: &LinkEntry) -> Option<PolicyLinkRow> {
        let policy = self.policies.get(&entry.record.policy)?;
        Some(PolicyLinkRow {
            link: entry.record.clone(),
            organization: self.partners.get(&entry.record.partner)?.record.organization.clone(),
            policy_name: policy.record.name.clone(),
            policy_group: policy.record.group,
            policy_group_name: self.groups.get(&policy.record.group)?.record.name.clone(),
        })
    }
}

/// License keys.
impl State {
    fn few_keys(&self, filter: &LicenseKeyFilter) -> Few<'_, LicenseKeyId> {
        only(&self.keys, filter.id.as_ref())
            .or_else(|| few_of(&self.keys_of_partner, filter.partner.as_ref()))
            .or_else(|| few_of(&self.keys_of_policy, filter.policy.as_ref()))
    }

    fn policy_of(&self, entry: &KeyEntry) -> (Option<&PolicyEntry>, Option<&GroupEntry>) {
        let policy = entry.record.policy.and_then(|id| self.policies.get(&id)).map(Box::as_ref);
        (policy, policy.and_then(|policy| self.groups.get(&policy.record.group)).map(Box::as_ref))
    }

    pub(super) fn key_values(&self, entry: &KeyEntry) -> [Value; LICENSE_KEY_KEYS] {
        let partner = self.partners.get(&entry.record.partner);
        let (policy, group) = self.policy_of(entry);
        values(|key| match key {
            LicenseKeySort::Partner => Value::text(partner.map(|partner| &partner.id)),
            LicenseKeySort::Organization => Value::text(partner.map(|partner| &partner.organization)),
            LicenseKeySort::PolicyGroup => Value::text(group.map(|group| &group.name)),
            LicenseKeySort::Policy => Value::text(policy.map(|policy| &policy.name)),
            LicenseKeySort::Name => Value::text(Some(&entry.name)),
            LicenseKeySort::CreatedAt => Value::Time(entry.record.created_at),
            LicenseKeySort::ExpiresAt => Value::Time(entry.record.expires_at),
        })
    }

    pub(super) fn key_passes(&self, entry: &KeyEntry, filter: &LicenseKeyFilter, now: Timestamp) -> bool {
        let record = &entry.record;
        let organization = || self.partners.get(&record.partner).map(|partner| &partner.organization);
        let policy = || self.policy_of(entry).0;
        let group = || self.policy_of(entry).1;
        is(filter.id, record.id)
            && filter.partner.as_ref().is_none_or(|partner| *partner == record.partner)
            && filter.policy.is_none_or(|policy| record.policy == Some(policy))
            && is(filter.status, record.status(now))
            && filter.expires.is_none_or(|range| range.contains(record.expires_at))
            && holds(filter.name.as_ref(), || Some(&entry.name))
            && filter.policy_group.is_none_or(|id| group().is_some_and(|group| group.record.id == id))
            && holds(filter.organization.as_ref(), organization)
            && holds(filter.policy_name.as_ref(), || policy().map(|policy| &policy.name))
            && holds(filter.policy_group_name.as_ref(), || group().map(|group| &group.name))
    }
}

/// The entries of a list in the order of a query, from the query's place on.
fn in_order<'a, I: RowId + Hash, E: Sorted<N>, F, S: SortKey, const N: usize>(
    table: &'a Table<I, E>,
    index: &'a Index<I, N>,
    few: Few<'a, I>,
    query: &Query<F, S>,
) -> impl Iterator<Item = &'a E> {
    let key = S::ALL.iter().position(|key| *key == query.sort).unwrap_or_default();
    let (direction, after) = (query.direction, query.after.as_ref());
    let ids: Box<dyn Iterator<Item = &'a I> + 'a> = match few {
        None => Box::new(index.beyond(key, direction, after)),
        Some(few) => {
            let rows =
                few.into_iter().filter_map(|id| Some((table.get(id)?.values()?.get(key)?, id))).collect();
            Box::new(sort_few(rows, direction, after).into_iter())
        }
    };
    ids.filter_map(|id| table.get(id)).map(Box::as_ref)
}

/// The entries that a filter need look at, in any order.
fn candidates<'a, I: RowId + Hash, E>(
    table: &'a Table<I, E>,
    few: Few<'a, I>,
) -> Box<dyn Iterator<Item = &'a E> + 'a> {
    match few {
        None => Box::new(table.values().map(Box::as_ref)),
        Some(few) => Box::new(few.into_iter().filter_map(|id| table.get(id)).map(Box::as_ref)),
    }
}

fn only<'a, I: RowId + Hash, E>(table: &'a Table<I, E>, id: Option<&I>) -> Few<'a, I> {
    id.map(|id| table.get_key_value(id).map(|(id, _)| id).into_iter().collect())
}

fn few_of<'a, A: Eq + Hash, I: Ord>(relation: &'a Relation<A, I>, one: Option<&A>) -> Few<'a, I> {
    let one = one.filter(|one| relation.count(one) <= FEW)?;
    Some(relation.of(one).collect())
}

/// An entry that remembers where its row stands.
trait Sorted<const N: usize> {
    fn values(&self) -> Option<&[Value; N]>;
}

macro_rules! sorted {
    ($($entry:ident[$keys:ident],)+) => {
        $(impl Sorted<$keys> for $entry {
            fn values(&self) -> Option<&[Value; $keys]> {
                self.values.as_ref()
            }
        })+
    };
}

sorted! {
    CaEntry[CA_KEYS],
    PartnerEntry[PARTNER_KEYS],
    GroupEntry[GROUP_KEYS],
    PolicyEntry[POLICY_KEYS],
    LinkEntry[LINK_KEYS],
    KeyEntry[LICENSE_KEY_KEYS],
}

/// The value of each sort key. `N` must be their number.
fn values<S: SortKey, const N: usize>(value: impl Fn(S) -> Value) -> [Value; N] {
    std::array::from_fn(|key| value(S::ALL[key]))
}

fn is<T: PartialEq>(required: Option<T>, found: T) -> bool {
    required.is_none_or(|required| required == found)
}

fn holds<'a>(part: Option<&Substring>, text: impl FnOnce() -> Option<&'a Arc<str>>) -> bool {
    part.is_none_or(|part| text().is_some_and(|text| part.is_in(text)))
}

pub(super) fn limit<F, S>(query: &Query<F, S>) -> usize {
    usize::try_from(query.limit).unwrap_or(usize::MAX)
}

fn count<'a, E: 'a>(entries: impl Iterator<Item = &'a E>) -> u64 {
    entries.count() as u64
}
