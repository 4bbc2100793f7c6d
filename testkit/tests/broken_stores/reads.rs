//! Stores whose lookups answer something else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use misp_onboarding::certificate::{Fingerprint, PartnerCertificate};
use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::id::{LicenseKeyId, PolicyGroupId, PolicyId, Version};
use misp_onboarding::license_key::{
    AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName, LicenseKeyRecord,
    LicenseKeySort, LicenseKeyState,
};
use misp_onboarding::list::{Direction, Query, SortKey};
use misp_onboarding::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerSort};
use misp_onboarding::policy::{PolicyFilter, PolicyGroupName, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkSort};
use misp_onboarding::store::{
    CertificateRepository, Change, ChangeSet, EventRepository, LicenseKeyRepository, LinkCounts,
    PartnerRepository, PolicyCounts, PolicyLinkRepository, PolicyRepository, Record, Store, StoreError,
};
use misp_onboarding::text::fold_case;
use misp_onboarding::trust_store::{CaCertificate, TrustDomain, TrustDomainRecord};

use crate::{Flaw, all_caught, flaw};

pub(crate) const PANICS: Flaw = Panics::FLAW;

pub(crate) const FLAWS: &[Flaw] = &[
    ForgetsDomainVersions::FLAW,
    MakesUpPartners::FLAW,
    ComparesPartnerIdsExactly::FLAW,
    ComparesEmailsByAscii::FLAW,
    FindsFormerEmails::FLAW,
    ComparesGroupNamesByAscii::FLAW,
    CountsDeactivatedPolicies::FLAW,
    CountsPoliciesOfAllGroups::FLAW,
    FindsRejectedLinks::FLAW,
    SortsPendingLinksBackwards::FLAW,
    CountsLinksOfAllPolicies::FLAW,
    FindsReplacedKeysByName::FLAW,
    LeavesReplacedKeys::FLAW,
    SortsCasById::FLAW,
    SortsCertificatesForward::FLAW,
    ReliesOnFormerCertificates::FLAW,
    ReliesAcrossDomains::FLAW,
    RemembersFirstAuthentication::FLAW,
    ComparesDigestsByTheirStart::FLAW,
    NeverFindsApprovedLinks::FLAW,
    LosesEmptyFacts::FLAW,
    ReadsAfterInclusively::FLAW,
    IgnoresEventLimits::FLAW,
];

#[test]
fn broken_reads_are_caught() {
    all_caught(FLAWS);
}

fn every<F: Default, S: SortKey>() -> Query<F, S> {
    with(F::default())
}

fn with<F, S: SortKey>(filter: F) -> Query<F, S> {
    let now = "2026-01-15T12:00:00Z".parse().unwrap();
    Query { filter, sort: S::NEWEST, direction: Direction::Ascending, after: None, limit: 10_000, now }
}

flaw!(Panics, caught by [an_empty_store_finds_nothing] {
    fn commit(&self, _: &ChangeSet) -> Result<(), StoreError> {
        panic!("a store that panics, on purpose")
    }
});

flaw!(ForgetsDomainVersions, caught by [trust_domains_come_back_as_written] {
    fn trust_domain(&self, domain: &TrustDomain) -> Result<Option<TrustDomainRecord>, StoreError> {
        let found = self.0.trust_domain(domain)?;
        Ok(found.map(|found| TrustDomainRecord { version: Version::FIRST, ..found }))
    }
});

flaw!(MakesUpPartners, caught by [an_empty_store_finds_nothing] {
    fn partner_id_like(&self, id: &PartnerId) -> Result<Option<PartnerId>, StoreError> {
        Ok(Some(self.0.partner_id_like(id)?.unwrap_or_else(|| id.clone())))
    }
});

flaw!(ComparesPartnerIdsExactly, caught by [partners_are_found_without_regard_to_case] {
    fn partner_id_like(&self, id: &PartnerId) -> Result<Option<PartnerId>, StoreError> {
        Ok(self.0.partner(id)?.map(|partner| partner.id))
    }
});

flaw!(ComparesEmailsByAscii, caught by [partners_are_found_without_regard_to_case] {
    fn partner_id_by_email(&self, email: &EmailAddress) -> Result<Option<PartnerId>, StoreError> {
        let partners = self.0.list_partners(&every::<PartnerFilter, PartnerSort>())?;
        let found = partners.into_iter().map(|row| row.partner);
        let mut found = found.filter(|partner| partner.email.as_str().eq_ignore_ascii_case(email.as_str()));
        Ok(found.next().map(|partner| partner.id))
    }
});

flaw!(FindsFormerEmails remembering Mutex<HashMap<String, PartnerId>>, caught by [
    a_changed_email_is_found_and_the_former_one_is_not
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        self.0.commit(changes)?;
        for change in &changes.changes {
            if let Change::Insert(Record::Partner(Partner { email, id, .. })) = change {
                self.1.lock().unwrap().insert(email.folded(), id.clone());
            }
        }
        Ok(())
    }

    fn partner_id_by_email(&self, email: &EmailAddress) -> Result<Option<PartnerId>, StoreError> {
        let remembered = self.1.lock().unwrap().get(&email.folded()).cloned();
        Ok(self.0.partner_id_by_email(email)?.or(remembered))
    }
});

flaw!(ComparesGroupNamesByAscii, caught by [groups_and_policies_are_found_by_name_without_regard_to_case] {
    fn policy_group_named(&self, name: &PolicyGroupName) -> Result<Option<PolicyGroupId>, StoreError> {
        let Some(id) = self.0.policy_group_named(name)? else { return Ok(None) };
        let group = self.0.policy_group(id)?;
        Ok(group.filter(|group| group.name.as_str().eq_ignore_ascii_case(name.as_str())).map(|group| group.id))
    }
});

flaw!(CountsDeactivatedPolicies, caught by [policies_of_a_group_are_counted_by_state] {
    fn policy_counts(&self, group: PolicyGroupId) -> Result<PolicyCounts, StoreError> {
        let filter =
            PolicyFilter { group: Some(group), state: Some(PolicyState::Deactivated), ..Default::default() };
        let mut counts = self.0.policy_counts(group)?;
        counts.active += self.0.count_policies(&filter)?;
        Ok(counts)
    }
});

flaw!(CountsPoliciesOfAllGroups, caught by [policies_of_a_group_are_counted_by_state] {
    fn policy_counts(&self, _: PolicyGroupId) -> Result<PolicyCounts, StoreError> {
        let count = |state| self.0.count_policies(&PolicyFilter { state: Some(state), ..Default::default() });
        Ok(PolicyCounts { draft: count(PolicyState::Draft)?, active: count(PolicyState::Active)? })
    }
});

flaw!(FindsRejectedLinks, caught by [the_open_link_is_the_pending_or_approved_one] {
    fn open_policy_link(&self, partner: &PartnerId, policy: PolicyId) -> Result<Option<PolicyLink>, StoreError> {
        let filter =
            PolicyLinkFilter { partner: Some(partner.clone()), policy: Some(policy), ..Default::default() };
        let links = self.0.list_policy_links(&with::<_, PolicyLinkSort>(filter))?;
        Ok(links.into_iter().map(|row| row.link).next_back())
    }
});

flaw!(SortsPendingLinksBackwards, caught by [pending_links_of_a_partner_come_by_id] {
    fn pending_policy_links(&self, partner: &PartnerId) -> Result<Vec<PolicyLink>, StoreError> {
        let mut links = self.0.pending_policy_links(partner)?;
        links.reverse();
        Ok(links)
    }
});

flaw!(CountsLinksOfAllPolicies, caught by [links_to_a_policy_are_counted_by_state] {
    fn link_counts(&self, policy: PolicyId) -> Result<LinkCounts, StoreError> {
        let mut counts = self.0.link_counts(policy)?;
        counts.approved = counts.approved.max(self.0.link_counts(PolicyId::new(created(), [0; 10]))?.approved);
        counts.pending = self.0.count_policy_links(&PolicyLinkFilter::default())?;
        Ok(counts)
    }
});

fn created() -> misp_onboarding::Timestamp {
    misp_onboarding_testkit::conformance::samples::NOW
}

flaw!(FindsReplacedKeysByName, caught by [live_keys_are_found_by_name_and_partner] {
    fn live_license_key_named(
        &self,
        partner: &PartnerId,
        name: &LicenseKeyName,
    ) -> Result<Option<LicenseKeyId>, StoreError> {
        let filter = LicenseKeyFilter { partner: Some(partner.clone()), ..Default::default() };
        let rows = self.0.list_license_keys(&with::<_, LicenseKeySort>(filter))?;
        let found = rows.into_iter().map(|row| row.key).find(|key| {
            key.state != LicenseKeyState::Deactivated && fold_case(key.name.as_str()) == name.folded()
        });
        Ok(found.map(|key| key.id))
    }
});

flaw!(LeavesReplacedKeys, caught by [keys_to_deactivate_are_those_that_are_not_yet] {
    fn license_keys_to_deactivate(&self, partner: &PartnerId) -> Result<Vec<LicenseKeyRecord>, StoreError> {
        let mut keys = self.0.license_keys_to_deactivate(partner)?;
        keys.retain(|key| key.state == LicenseKeyState::Active);
        Ok(keys)
    }
});

flaw!(SortsCasById, caught by [ca_certificates_of_a_domain_come_oldest_first] {
    fn ca_certificates(&self, domain: &TrustDomain) -> Result<Vec<CaCertificate>, StoreError> {
        let mut cas = self.0.ca_certificates(domain)?;
        cas.sort_by_key(|ca| ca.id);
        Ok(cas)
    }
});

flaw!(SortsCertificatesForward, caught by [certificates_of_a_partner_come_newest_first] {
    fn partner_certificates(&self, partner: &PartnerId) -> Result<Vec<PartnerCertificate>, StoreError> {
        let mut certificates = self.0.partner_certificates(partner)?;
        // By instant alone: the ids of those uploaded at the same one are left ascending.
        certificates.reverse();
        certificates.sort_by_key(|certificate| std::cmp::Reverse(certificate.uploaded_at));
        Ok(certificates)
    }
});

flaw!(ReliesOnFormerCertificates, caught by [partners_rely_on_the_path_of_their_current_certificate_only] {
    fn partners_relying_on(
        &self,
        domain: &TrustDomain,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<PartnerId>, StoreError> {
        let mut relying = Vec::new();
        for row in self.0.list_partners(&every::<PartnerFilter, PartnerSort>())? {
            let history = self.0.partner_certificates(&row.partner.id)?;
            if history.iter().any(|found| found.domain == *domain && found.path.contains(fingerprint)) {
                relying.push(row.partner.id);
            }
        }
        relying.sort();
        Ok(relying)
    }
});

flaw!(ReliesAcrossDomains, caught by [partners_rely_on_the_path_of_their_current_certificate_only] {
    fn partners_relying_on(
        &self,
        _: &TrustDomain,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<PartnerId>, StoreError> {
        let mut relying = Vec::new();
        for domain in ["AUTH", "DEVICE"] {
            relying.extend(self.0.partners_relying_on(&domain.parse().unwrap(), fingerprint)?);
        }
        relying.sort();
        Ok(relying)
    }
});

flaw!(RemembersFirstAuthentication remembering Mutex<HashMap<LicenseKeyDigest, Arc<AuthenticationRecord>>>, caught by [
    a_key_without_a_policy_is_found_by_its_digest,
    what_is_found_by_a_digest_follows_the_partner,
    what_is_found_by_a_digest_follows_the_policy_and_its_group,
    what_is_found_by_a_digest_follows_the_link_of_partner_and_policy,
    what_a_refused_change_set_said_is_not_found_by_a_digest,
    random_change_sets_do_what_a_simple_store_does,
] {
    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        let mut remembered = self.1.lock().unwrap();
        if let Some(found) = self.0.find_by_digest(digest)? {
            remembered.entry(*digest).or_insert(found);
        }
        Ok(remembered.get(digest).cloned())
    }
});

flaw!(ComparesDigestsByTheirStart, caught by [a_key_without_a_policy_is_found_by_its_digest] {
    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        let rows = self.0.list_license_keys(&every::<LicenseKeyFilter, LicenseKeySort>())?;
        let mut keys = rows.into_iter().map(|row| row.key.digest);
        match keys.find(|found| found.as_bytes()[..8] == digest.as_bytes()[..8]) {
            Some(found) => self.0.find_by_digest(&found),
            None => Ok(None),
        }
    }
});

flaw!(NeverFindsApprovedLinks, caught by [
    what_is_found_by_a_digest_follows_the_link_of_partner_and_policy,
    what_is_found_by_a_digest_is_put_together_of_one_commit,
] {
    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        let found = self.0.find_by_digest(digest)?;
        Ok(found.map(|found| {
            let mut record = (*found).clone();
            record.policy = record.policy.map(|mut policy| {
                policy.link_approved = false;
                policy
            });
            Arc::new(record)
        }))
    }
});

flaw!(LosesEmptyFacts, caught by [events_come_back_as_told] {
    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        let mut events = self.0.events_after(after, limit)?;
        for event in &mut events {
            event.event.facts.retain(|_, value| !value.is_empty());
        }
        Ok(events)
    }
});

flaw!(ReadsAfterInclusively, caught by [a_reader_goes_on_after_any_event] {
    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.0.events_after(EventSequence::new(after.number().saturating_sub(1)), limit)
    }
});

flaw!(IgnoresEventLimits, caught by [a_reader_goes_on_after_any_event] {
    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.0.events_after(after, limit.max(100))
    }
});
