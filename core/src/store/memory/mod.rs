//! The store that keeps everything in memory: for tests, demonstrations and as the reference for other stores.

mod authentication;
mod commit;
mod events;
mod index;
mod license_keys;
mod lists;
mod tables;
mod words;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use self::tables::State;
use super::{
    CertificateRepository, ChangeSet, EventRepository, LicenseKeyRepository, LinkCounts, PartnerRepository,
    PolicyCounts, PolicyLinkRepository, PolicyRepository, Store, StoreError,
};
use crate::Timestamp;
use crate::certificate::{Fingerprint, PartnerCertificate};
use crate::event::{Event, EventSequence};
use crate::id::{CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId};
use crate::license_key::{
    AuthenticationFacts, AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName,
    LicenseKeyRecord, LicenseKeyRow, LicenseKeySort, LicenseKeyState,
};
use crate::list::Query;
use crate::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use crate::policy::{
    Policy, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort, PolicyName,
    PolicyRow, PolicySort,
};
use crate::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort, PolicyLinkState};
use crate::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, TrustDomain, TrustDomainRecord,
};

/// A store that keeps everything in memory and forgets it when dropped.
///
/// Readers go on side by side; a commit waits for them and holds up later ones while it is applied. What that costs,
/// with `n` records of a kind:
///
/// * A single lookup, and so an authentication, is one hash-map lookup whatever `n` is. An authentication reads the key's
///   partner and policy at places that the key knows.
/// * A page costs `log n` and then the rows it walks over, shown or not. A filter by id walks over one row, one by
///   partner, group or policy only over theirs while they are few; any other filter walks along the sort order until
///   the page is full. Counting walks over the same rows, without an end.
/// * A page of license keys walks over the keys of the partner, the policies or the state that a filter means and, for
///   a part of a name, over the keys that have its rarest three characters, where they are few or a walk has not found
///   a page.
/// * A commit costs `log n` for each change. Renaming something costs as much again for each partner, policy, link and key
///   that shows it, and changing a policy group a step for each of its policies.
/// * Taking a failed commit back costs what it cost until then.
///
/// A license key with everything around it takes about 3.0 KB among a million of them (`cargo xtask bench stores`).
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: RwLock<State>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        // A commit takes back what it did when it panics, so the state behind a poisoned lock is whole.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        commit::commit(&mut state, changes)
    }
}

impl PartnerRepository for MemoryStore {
    fn partner(&self, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
        Ok(self.read().partners.get(id).map(|entry| entry.record.clone()))
    }

    fn partner_id_like(&self, id: &PartnerId) -> Result<Option<PartnerId>, StoreError> {
        Ok(self.read().partner_ids.get(id.folded().as_str()).cloned())
    }

    fn partner_id_by_email(&self, email: &EmailAddress) -> Result<Option<PartnerId>, StoreError> {
        Ok(self.read().partner_emails.get(email.folded().as_str()).cloned())
    }

    fn list_partners(
        &self,
        query: &Query<PartnerFilter, PartnerSort>,
    ) -> Result<Vec<PartnerRow>, StoreError> {
        Ok(self.read().list_partners(query))
    }

    fn count_partners(&self, filter: &PartnerFilter, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.read().count_partners(filter, now))
    }
}

impl CertificateRepository for MemoryStore {
    fn trust_domain(&self, domain: &TrustDomain) -> Result<Option<TrustDomainRecord>, StoreError> {
        Ok(self.read().domains.get(domain).cloned())
    }

    fn ca_certificates(&self, domain: &TrustDomain) -> Result<Vec<CaCertificate>, StoreError> {
        let state = self.read();
        let entries = state.cas_of_domain.of(domain).filter_map(|(_, id)| state.cas.get(id));
        Ok(entries.map(|entry| entry.record.clone()).collect())
    }

    fn ca_certificate(&self, id: CaCertificateId) -> Result<Option<CaCertificate>, StoreError> {
        Ok(self.read().cas.get(&id).map(|entry| entry.record.clone()))
    }

    fn list_ca_certificates(
        &self,
        query: &Query<CaCertificateFilter, CaCertificateSort>,
    ) -> Result<Vec<CaCertificate>, StoreError> {
        Ok(self.read().list_ca_certificates(query))
    }

    fn count_ca_certificates(&self, filter: &CaCertificateFilter, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.read().count_ca_certificates(filter, now))
    }

    fn partner_certificate(
        &self,
        id: PartnerCertificateId,
    ) -> Result<Option<PartnerCertificate>, StoreError> {
        Ok(self.read().certificates.get(&id).cloned())
    }

    fn partner_certificates(&self, partner: &PartnerId) -> Result<Vec<PartnerCertificate>, StoreError> {
        let state = self.read();
        let ids = state.certificates_of_partner.of(partner).rev();
        Ok(ids.filter_map(|(_, id)| state.certificates.get(id)).cloned().collect())
    }

    fn partners_relying_on(
        &self,
        domain: &TrustDomain,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<PartnerId>, StoreError> {
        let state = self.read();
        let certificates = state.certificates_over_ca.of(&(domain.clone(), *fingerprint));
        let mut partners: Vec<PartnerId> =
            certificates.flat_map(|id| state.partners_of_certificate.of(id)).cloned().collect();
        partners.sort_unstable();
        Ok(partners)
    }
}

impl PolicyRepository for MemoryStore {
    fn policy_group(&self, id: PolicyGroupId) -> Result<Option<PolicyGroup>, StoreError> {
        Ok(self.read().groups.get(&id).map(|entry| entry.record.clone()))
    }

    fn policy_group_named(&self, name: &PolicyGroupName) -> Result<Option<PolicyGroupId>, StoreError> {
        Ok(self.read().group_names.get(name.folded().as_str()).copied())
    }

    fn policy_counts(&self, group: PolicyGroupId) -> Result<PolicyCounts, StoreError> {
        Ok(self.read().policy_counts.get(&group).copied().unwrap_or_default())
    }

    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError> {
        Ok(self.read().list_policy_groups(query))
    }

    fn count_policy_groups(&self, filter: &PolicyGroupFilter) -> Result<u64, StoreError> {
        Ok(self.read().count_policy_groups(filter))
    }

    fn policy(&self, id: PolicyId) -> Result<Option<Policy>, StoreError> {
        Ok(self.read().policies.get(&id).map(|entry| entry.record.clone()))
    }

    fn policy_named(&self, group: PolicyGroupId, name: &PolicyName) -> Result<Option<PolicyId>, StoreError> {
        Ok(self.read().policy_names.get(&(group, name.folded().into())).copied())
    }

    fn list_policies(&self, query: &Query<PolicyFilter, PolicySort>) -> Result<Vec<PolicyRow>, StoreError> {
        Ok(self.read().list_policies(query))
    }

    fn count_policies(&self, filter: &PolicyFilter) -> Result<u64, StoreError> {
        Ok(self.read().count_policies(filter))
    }
}

impl PolicyLinkRepository for MemoryStore {
    fn policy_link(&self, id: PolicyLinkId) -> Result<Option<PolicyLink>, StoreError> {
        Ok(self.read().links.get(&id).map(|entry| entry.record.clone()))
    }

    fn open_policy_link(
        &self,
        partner: &PartnerId,
        policy: PolicyId,
    ) -> Result<Option<PolicyLink>, StoreError> {
        let state = self.read();
        let entry = state.open_links.get(&(partner.clone(), policy)).and_then(|id| state.links.get(id));
        Ok(entry.map(|entry| entry.record.clone()))
    }

    fn pending_policy_links(&self, partner: &PartnerId) -> Result<Vec<PolicyLink>, StoreError> {
        let state = self.read();
        let links = state.links_of_partner.of(partner).filter_map(|id| state.links.get(id));
        let pending = links.filter(|entry| entry.record.state == PolicyLinkState::Pending);
        Ok(pending.map(|entry| entry.record.clone()).collect())
    }

    fn link_counts(&self, policy: PolicyId) -> Result<LinkCounts, StoreError> {
        Ok(self.read().link_counts.get(&policy).copied().unwrap_or_default())
    }

    fn list_policy_links(
        &self,
        query: &Query<PolicyLinkFilter, PolicyLinkSort>,
    ) -> Result<Vec<PolicyLinkRow>, StoreError> {
        Ok(self.read().list_policy_links(query))
    }

    fn count_policy_links(&self, filter: &PolicyLinkFilter) -> Result<u64, StoreError> {
        Ok(self.read().count_policy_links(filter))
    }
}

impl LicenseKeyRepository for MemoryStore {
    fn license_key(&self, id: LicenseKeyId) -> Result<Option<LicenseKeyRow>, StoreError> {
        let state = self.read();
        Ok(state.keys.get(&id).and_then(|entry| state.key_row(entry)))
    }

    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        Ok(self.read().authentications.find(digest).map(|found| Arc::new(found.to_record())))
    }

    fn show_by_digest(
        &self,
        digest: &LicenseKeyDigest,
        see: &mut dyn FnMut(Option<&AuthenticationFacts<'_>>),
    ) -> Result<(), StoreError> {
        see(self.read().authentications.find(digest).as_ref());
        Ok(())
    }

    fn live_license_key_named(
        &self,
        partner: &PartnerId,
        name: &LicenseKeyName,
    ) -> Result<Option<LicenseKeyId>, StoreError> {
        Ok(self.read().key_names.get(&(partner.clone(), name.folded().into())).copied())
    }

    fn license_keys_to_deactivate(&self, partner: &PartnerId) -> Result<Vec<LicenseKeyRecord>, StoreError> {
        let state = self.read();
        let keys = state.keys_of_partner.of(partner).filter_map(|id| state.keys.get(id));
        let left = keys.filter(|entry| entry.record.state != LicenseKeyState::Deactivated);
        Ok(left.map(|entry| entry.record.clone()).collect())
    }

    fn list_license_keys(
        &self,
        query: &Query<LicenseKeyFilter, LicenseKeySort>,
    ) -> Result<Vec<LicenseKeyRow>, StoreError> {
        Ok(self.read().list_license_keys(query))
    }

    fn count_license_keys(&self, filter: &LicenseKeyFilter, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.read().count_license_keys(filter, now))
    }
}

impl EventRepository for MemoryStore {
    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        let state = self.read();
        let start = state.events.partition_point(|event| event.sequence <= after);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(state.events.iter().skip(start).take(limit).map(Event::from).collect())
    }
}
