//! The records with what is kept beside them: folded texts, unique names, relations, sort values.
//!
//! Each `set` puts a record in, takes it out (`None`) or exchanges it, gives back its predecessor, and leaves every
//! index right, also for the rows of other records that show something of this one.

use std::collections::HashMap;
use std::sync::Arc;

use super::authentication::Authentications;
use super::events::KeptEvent;
use super::index::{Index, Relation, Value};
use super::license_keys::KeyLists;
use super::words::Words;
use crate::Timestamp;
use crate::certificate::{Fingerprint, PartnerCertificate};
use crate::id::{CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId};
use crate::license_key::{LicenseKeyRecord, LicenseKeySort, LicenseKeyState};
use crate::list::SortKey as _;
use crate::partner::{Partner, PartnerId, PartnerSort};
use crate::policy::{Policy, PolicyGroup, PolicyGroupSort, PolicySort, PolicyState};
use crate::policy_link::{PolicyLink, PolicyLinkSort, PolicyLinkState};
use crate::store::{LinkCounts, PolicyCounts, Record};
use crate::text::fold_case;
use crate::trust_store::{CaCertificate, CaCertificateSort, TrustDomain, TrustDomainRecord};

pub(super) const PARTNER_KEYS: usize = PartnerSort::ALL.len();
pub(super) const CA_KEYS: usize = CaCertificateSort::ALL.len();
pub(super) const GROUP_KEYS: usize = PolicyGroupSort::ALL.len();
pub(super) const POLICY_KEYS: usize = PolicySort::ALL.len();
pub(super) const LINK_KEYS: usize = PolicyLinkSort::ALL.len();
pub(super) const LICENSE_KEY_KEYS: usize = LicenseKeySort::ALL.len();

/// Entries by id. They are boxed, as a map keeps room for twice as many as it holds.
pub(super) type Table<I, E> = HashMap<I, Box<E>>;

/// Everything the store holds.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) domains: HashMap<TrustDomain, TrustDomainRecord>,
    pub(super) cas: Table<CaCertificateId, CaEntry>,
    pub(super) partners: Table<PartnerId, PartnerEntry>,
    pub(super) certificates: HashMap<PartnerCertificateId, PartnerCertificate>,
    pub(super) groups: Table<PolicyGroupId, GroupEntry>,
    pub(super) policies: Table<PolicyId, PolicyEntry>,
    pub(super) links: Table<PolicyLinkId, LinkEntry>,
    pub(super) keys: Table<LicenseKeyId, KeyEntry>,
    pub(super) events: Vec<KeptEvent>,

    // What is unique.
    pub(super) ca_fingerprints: HashMap<(TrustDomain, Fingerprint), CaCertificateId>,
    pub(super) partner_ids: HashMap<Arc<str>, PartnerId>,
    pub(super) partner_emails: HashMap<Arc<str>, PartnerId>,
    pub(super) group_names: HashMap<Arc<str>, PolicyGroupId>,
    pub(super) policy_names: HashMap<(PolicyGroupId, Arc<str>), PolicyId>,
    pub(super) open_links: HashMap<(PartnerId, PolicyId), PolicyLinkId>,
    pub(super) key_names: HashMap<(PartnerId, Arc<str>), LicenseKeyId>,
    pub(super) authentications: Authentications,

    // What belongs to what.
    pub(super) cas_of_domain: Relation<TrustDomain, (Timestamp, CaCertificateId)>,
    pub(super) certificates_of_partner: Relation<PartnerId, (Timestamp, PartnerCertificateId)>,
    pub(super) certificates_over_ca: Relation<(TrustDomain, Fingerprint), PartnerCertificateId>,
    pub(super) partners_of_certificate: Relation<PartnerCertificateId, PartnerId>,
    pub(super) partners_of_group: Relation<PolicyGroupId, PartnerId>,
    pub(super) policies_of_group: Relation<PolicyGroupId, PolicyId>,
    pub(super) links_of_partner: Relation<PartnerId, PolicyLinkId>,
    pub(super) links_of_policy: Relation<PolicyId, PolicyLinkId>,
    pub(super) keys_of_partner: Relation<PartnerId, LicenseKeyId>,
    pub(super) keys_of_policy: Relation<PolicyId, LicenseKeyId>,

    // What would have to be counted.
    pub(super) policy_counts: HashMap<PolicyGroupId, PolicyCounts>,
    pub(super) link_counts: HashMap<PolicyId, LinkCounts>,

    // The lists, in the order of each sort key.
    pub(super) partner_list: Index<PartnerId, PARTNER_KEYS>,
    pub(super) ca_list: Index<CaCertificateId, CA_KEYS>,
    pub(super) group_list: Index<PolicyGroupId, GROUP_KEYS>,
    pub(super) policy_list: Index<PolicyId, POLICY_KEYS>,
    pub(super) link_list: Index<PolicyLinkId, LINK_KEYS>,
    pub(super) key_lists: KeyLists,

    // What parts of names are found by. Partners are told by a number there.
    pub(super) key_words: Words<LicenseKeyId>,
    pub(super) partner_words: Words<usize>,
    pub(super) partner_numbers: Vec<PartnerId>,
}

/// A CA certificate. The values of entries are those at which their rows stand in the list; none while not there.
#[derive(Debug)]
pub(super) struct CaEntry {
    pub(super) record: CaCertificate,
    pub(super) subject: Arc<str>,
    pub(super) issuer: Arc<str>,
    pub(super) values: Option<[Value; CA_KEYS]>,
}

#[derive(Debug)]
pub(super) struct PartnerEntry {
    pub(super) record: Partner,
    pub(super) id: Arc<str>,
    pub(super) organization: Arc<str>,
    pub(super) email: Arc<str>,
    pub(super) values: Option<[Value; PARTNER_KEYS]>,
    /// Whether the organization is among what is found by its parts.
    pub(super) found_by_words: bool,
}

#[derive(Debug)]
pub(super) struct GroupEntry {
    pub(super) record: PolicyGroup,
    pub(super) name: Arc<str>,
    pub(super) values: Option<[Value; GROUP_KEYS]>,
}

#[derive(Debug)]
pub(super) struct PolicyEntry {
    pub(super) record: Policy,
    pub(super) name: Arc<str>,
    pub(super) values: Option<[Value; POLICY_KEYS]>,
}

#[derive(Debug)]
pub(super) struct LinkEntry {
    pub(super) record: PolicyLink,
    pub(super) values: Option<[Value; LINK_KEYS]>,
}

#[derive(Debug)]
pub(super) struct KeyEntry {
    pub(super) record: LicenseKeyRecord,
    pub(super) name: Arc<str>,
    pub(super) values: Option<[Value; LICENSE_KEY_KEYS]>,
    /// Whether the name is among what is found by its parts.
    pub(super) found_by_words: bool,
}

impl From<CaCertificate> for CaEntry {
    fn from(record: CaCertificate) -> Self {
        let (subject, issuer) = (fold_case(&record.subject).into(), fold_case(&record.issuer).into());
        Self { record, subject, issuer, values: None }
    }
}

impl From<Partner> for PartnerEntry {
    fn from(record: Partner) -> Self {
        let id = record.id.folded().into();
        let organization = record.organization.folded().into();
        let email = record.email.folded().into();
        Self { record, id, organization, email, values: None, found_by_words: false }
    }
}

impl From<PolicyGroup> for GroupEntry {
    fn from(record: PolicyGroup) -> Self {
        let name = record.name.folded().into();
        Self { record, name, values: None }
    }
}

impl From<Policy> for PolicyEntry {
    fn from(record: Policy) -> Self {
        let name = record.name.folded().into();
        Self { record, name, values: None }
    }
}

impl From<PolicyLink> for LinkEntry {
    fn from(record: PolicyLink) -> Self {
        Self { record, values: None }
    }
}

impl From<LicenseKeyRecord> for KeyEntry {
    fn from(record: LicenseKeyRecord) -> Self {
        let name = record.name.folded().into();
        Self { record, name, values: None, found_by_words: false }
    }
}

impl LinkEntry {
    /// What only one pending or approved link may have.
    pub(super) fn open(&self) -> Option<(PartnerId, PolicyId)> {
        let open = matches!(self.record.state, PolicyLinkState::Pending | PolicyLinkState::Approved);
        open.then(|| (self.record.partner.clone(), self.record.policy))
    }
}

impl KeyEntry {
    /// What only one key that is neither deactivated nor replaced may have.
    pub(super) fn live(&self) -> Option<(PartnerId, Arc<str>)> {
        let live = self.record.state == LicenseKeyState::Active;
        live.then(|| (self.record.partner.clone(), Arc::clone(&self.name)))
    }
}

impl State {
    pub(super) fn set_domain(
        &mut self,
        id: &TrustDomain,
        new: Option<TrustDomainRecord>,
    ) -> Option<TrustDomainRecord> {
        match new {
            Some(new) => self.domains.insert(id.clone(), new),
            None => self.domains.remove(id),
        }
    }

    pub(super) fn set_ca(&mut self, id: CaCertificateId, new: Option<Box<CaEntry>>) -> Option<Box<CaEntry>> {
        let mut old = self.cas.remove(&id);
        let values = old.as_mut().and_then(|old| old.values.take());
        if let Some(record) = old.as_ref().map(|old| &old.record) {
            self.ca_fingerprints.remove(&(record.domain.clone(), record.fingerprint));
            self.cas_of_domain.remove(&record.domain, &(record.uploaded_at, id));
        }
        let Some(mut new) = new else {
            self.ca_list.move_row(&id, values.as_ref(), None);
            return old;
        };
        let record = &new.record;
        self.ca_fingerprints.insert((record.domain.clone(), record.fingerprint), id);
        self.cas_of_domain.add(record.domain.clone(), (record.uploaded_at, id));
        let now_at = new.sort_values();
        self.ca_list.move_row(&id, values.as_ref(), Some(&now_at));
        new.values = Some(now_at);
        self.cas.insert(id, new);
        old
    }

    pub(super) fn set_partner(
        &mut self,
        id: &PartnerId,
        new: Option<Box<PartnerEntry>>,
    ) -> Option<Box<PartnerEntry>> {
        let mut old = self.partners.remove(id);
        let values = old.as_mut().and_then(|old| old.values.take());
        if let Some(old) = &old {
            self.partner_ids.remove(&old.id);
            self.partner_emails.remove(&old.email);
            if let Some(group) = &old.record.policy_group {
                self.partners_of_group.remove(group, id);
            }
            if let Some(certificate) = &old.record.certificate {
                self.partners_of_certificate.remove(certificate, id);
            }
        }
        let Some(mut new) = new else {
            self.partner_list.move_row(id, values.as_ref(), None);
            return old;
        };
        new.values = values;
        new.found_by_words =
            old.as_ref().is_some_and(|old| old.found_by_words && old.organization == new.organization);
        self.partner_ids.insert(Arc::clone(&new.id), id.clone());
        self.partner_emails.insert(Arc::clone(&new.email), id.clone());
        if let Some(group) = new.record.policy_group {
            self.partners_of_group.add(group, id.clone());
        }
        if let Some(certificate) = new.record.certificate {
            self.partners_of_certificate.add(certificate, id.clone());
        }
        // Every command moves the version of its partner; only what links and keys show touches their rows.
        let renamed = old.as_ref().is_some_and(|old| old.record.organization != new.record.organization);
        self.authentications.set_partner(&new.record);
        self.partners.insert(id.clone(), new);
        self.refresh_partner(id);
        if renamed {
            self.refresh_links(|state| state.links_of_partner.of(id).copied().collect());
            self.refresh_keys(|state| state.keys_of_partner.of(id).copied().collect());
        }
        old
    }

    pub(super) fn set_certificate(
        &mut self,
        id: PartnerCertificateId,
        new: Option<PartnerCertificate>,
    ) -> Option<PartnerCertificate> {
        let old = self.certificates.remove(&id);
        if let Some(old) = &old {
            self.certificates_of_partner.remove(&old.partner, &(old.uploaded_at, id));
            for ca in &old.path {
                self.certificates_over_ca.remove(&(old.domain.clone(), *ca), &id);
            }
        }
        if let Some(new) = new {
            self.certificates_of_partner.add(new.partner.clone(), (new.uploaded_at, id));
            for ca in &new.path {
                self.certificates_over_ca.add((new.domain.clone(), *ca), id);
            }
            self.certificates.insert(id, new);
        }
        let shown_by: Vec<PartnerId> = self.partners_of_certificate.of(&id).cloned().collect();
        for partner in &shown_by {
            self.refresh_partner(partner);
        }
        old
    }

    pub(super) fn set_group(
        &mut self,
        id: PolicyGroupId,
        new: Option<Box<GroupEntry>>,
    ) -> Option<Box<GroupEntry>> {
        let mut old = self.groups.remove(&id);
        let values = old.as_mut().and_then(|old| old.values.take());
        if let Some(old) = &old {
            self.group_names.remove(&old.name);
        }
        let Some(mut new) = new else {
            self.group_list.move_row(&id, values.as_ref(), None);
            return old;
        };
        self.group_names.insert(Arc::clone(&new.name), id);
        let now_at = new.sort_values();
        self.group_list.move_row(&id, values.as_ref(), Some(&now_at));
        new.values = Some(now_at);
        let renamed = old.as_ref().is_some_and(|old| old.name != new.name);
        let moved = old.as_ref().is_some_and(|old| old.record.state != new.record.state);
        self.groups.insert(id, new);
        if !renamed && !moved {
            return old;
        }
        let policies: Vec<PolicyId> = self.policies_of_group.of(&id).copied().collect();
        if renamed {
            let partners: Vec<PartnerId> = self.partners_of_group.of(&id).cloned().collect();
            for partner in &partners {
                self.refresh_partner(partner);
            }
        }
        for policy in &policies {
            if renamed {
                self.refresh_policy(*policy);
                self.refresh_links(|state| state.links_of_policy.of(policy).copied().collect());
                self.refresh_keys(|state| state.keys_of_policy.of(policy).copied().collect());
            }
            self.authenticate_by_policy(*policy);
        }
        old
    }

    pub(super) fn set_policy(
        &mut self,
        id: PolicyId,
        new: Option<Box<PolicyEntry>>,
    ) -> Option<Box<PolicyEntry>> {
        let mut old = self.policies.remove(&id);
        let values = old.as_mut().and_then(|old| old.values.take());
        if let Some(old) = &old {
            self.policy_names.remove(&(old.record.group, Arc::clone(&old.name)));
            self.policies_of_group.remove(&old.record.group, &id);
            self.count_policy(&old.record, |count| *count = count.saturating_sub(1));
        }
        let Some(mut new) = new else {
            self.policy_list.move_row(&id, values.as_ref(), None);
            return old;
        };
        new.values = values;
        self.policy_names.insert((new.record.group, Arc::clone(&new.name)), id);
        self.policies_of_group.add(new.record.group, id);
        self.count_policy(&new.record, |count| *count += 1);
        // Every command on a link moves the version of its policy; only what links and keys show touches their rows.
        let renamed =
            old.as_ref().is_some_and(|old| old.name != new.name || old.record.group != new.record.group);
        self.policies.insert(id, new);
        self.authenticate_by_policy(id);
        self.refresh_policy(id);
        if renamed {
            self.refresh_links(|state| state.links_of_policy.of(&id).copied().collect());
            self.refresh_keys(|state| state.keys_of_policy.of(&id).copied().collect());
        }
        old
    }

    pub(super) fn set_link(
        &mut self,
        id: PolicyLinkId,
        new: Option<Box<LinkEntry>>,
    ) -> Option<Box<LinkEntry>> {
        let mut old = self.links.remove(&id);
        let values = old.as_mut().and_then(|old| old.values.take());
        if let Some(old) = &old {
            if let Some(open) = old.open() {
                self.open_links.remove(&open);
            }
            self.links_of_partner.remove(&old.record.partner, &id);
            self.links_of_policy.remove(&old.record.policy, &id);
            self.count_link(&old.record, |count| *count = count.saturating_sub(1));
        }
        let gives = |entry: &LinkEntry| (entry.record.partner.clone(), entry.record.policy);
        let mut touched: Vec<_> =
            old.as_deref().map(gives).into_iter().chain(new.as_deref().map(gives)).collect();
        touched.dedup();
        match new {
            None => self.link_list.move_row(&id, values.as_ref(), None),
            Some(mut new) => {
                new.values = values;
                if let Some(open) = new.open() {
                    self.open_links.insert(open, id);
                }
                self.links_of_partner.add(new.record.partner.clone(), id);
                self.links_of_policy.add(new.record.policy, id);
                self.count_link(&new.record, |count| *count += 1);
                self.links.insert(id, new);
                self.refresh_links(|_| vec![id]);
            }
        }
        for (partner, policy) in touched {
            let keys = self.keys_of_partner.of(&partner);
            let rests_on =
                |key: &&LicenseKeyId| self.keys.get(key).is_some_and(|key| key.record.policy == Some(policy));
            let resting: Vec<LicenseKeyId> = keys.filter(rests_on).copied().collect();
            for key in resting {
                self.authenticate_by_key(key);
            }
        }
        old
    }

    pub(super) fn set_key(&mut self, id: LicenseKeyId, new: Option<Box<KeyEntry>>) -> Option<Box<KeyEntry>> {
        let mut old = self.keys.remove(&id);
        let values = old.as_mut().and_then(|old| old.values.take());
        if let Some(old) = &old {
            self.authentications.remove_key(&old.record.digest);
            if let Some(live) = old.live() {
                self.key_names.remove(&live);
            }
            self.keys_of_partner.remove(&old.record.partner, &id);
            if let Some(policy) = &old.record.policy {
                self.keys_of_policy.remove(policy, &id);
            }
        }
        // It may stand elsewhere now: in another state, say.
        if let Some(old) = &old {
            self.key_lists.move_row(&old.record, values.as_ref(), None);
        }
        let Some(mut new) = new else { return old };
        new.found_by_words = old.as_ref().is_some_and(|old| old.found_by_words && old.name == new.name);
        if let Some(live) = new.live() {
            self.key_names.insert(live, id);
        }
        self.keys_of_partner.add(new.record.partner.clone(), id);
        if let Some(policy) = new.record.policy {
            self.keys_of_policy.add(policy, id);
        }
        self.keys.insert(id, new);
        self.authenticate_by_key(id);
        self.refresh_keys(|_| vec![id]);
        old
    }

    /// Lets the record be found by parts of its name, once it is there for good: what is found so is only ever added to.
    pub(super) fn add_words(&mut self, record: &Record) {
        match record {
            Record::Partner(partner) => {
                let Some(entry) = self.partners.get_mut(&partner.id).filter(|entry| !entry.found_by_words)
                else {
                    return;
                };
                entry.found_by_words = true;
                self.partner_words.add(self.partner_numbers.len(), &entry.organization);
                self.partner_numbers.push(partner.id.clone());
            }
            Record::LicenseKey(key) => {
                let Some(entry) = self.keys.get_mut(&key.id).filter(|entry| !entry.found_by_words) else {
                    return;
                };
                entry.found_by_words = true;
                self.key_words.add(key.id, &entry.name);
            }
            _ => {}
        }
    }

    fn count_policy(&mut self, policy: &Policy, change: impl FnOnce(&mut u64)) {
        let counts = self.policy_counts.entry(policy.group).or_default();
        match policy.state {
            PolicyState::Draft => change(&mut counts.draft),
            PolicyState::Active => change(&mut counts.active),
            PolicyState::Deactivated => {}
        }
    }

    fn count_link(&mut self, link: &PolicyLink, change: impl FnOnce(&mut u64)) {
        let counts = self.link_counts.entry(link.policy).or_default();
        match link.state {
            PolicyLinkState::Pending => change(&mut counts.pending),
            PolicyLinkState::Approved => change(&mut counts.approved),
            PolicyLinkState::Rejected => {}
        }
    }

    fn refresh_partner(&mut self, id: &PartnerId) {
        let Some(entry) = self.partners.get(id) else { return };
        let values = self.partner_values(entry);
        self.partner_list.move_row(id, entry.values.as_ref(), Some(&values));
        if let Some(entry) = self.partners.get_mut(id) {
            entry.values = Some(values);
        }
    }

    fn refresh_policy(&mut self, id: PolicyId) {
        let Some(entry) = self.policies.get(&id) else { return };
        let values = self.policy_values(entry);
        self.policy_list.move_row(&id, entry.values.as_ref(), Some(&values));
        if let Some(entry) = self.policies.get_mut(&id) {
            entry.values = Some(values);
        }
    }

    fn refresh_links(&mut self, ids: impl FnOnce(&Self) -> Vec<PolicyLinkId>) {
        for id in ids(self) {
            let Some(entry) = self.links.get(&id) else { continue };
            let values = self.link_values(entry);
            self.link_list.move_row(&id, entry.values.as_ref(), Some(&values));
            if let Some(entry) = self.links.get_mut(&id) {
                entry.values = Some(values);
            }
        }
    }

    fn refresh_keys(&mut self, ids: impl FnOnce(&Self) -> Vec<LicenseKeyId>) {
        for id in ids(self) {
            let Some(entry) = self.keys.get(&id) else { continue };
            let values = self.key_values(entry);
            self.key_lists.move_row(&entry.record, entry.values.as_ref(), Some(&values));
            if let Some(entry) = self.keys.get_mut(&id) {
                entry.values = Some(values);
            }
        }
    }
}
