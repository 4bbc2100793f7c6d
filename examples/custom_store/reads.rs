//! Every question that a store is asked, handed on to the records in memory.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Fingerprint, PartnerCertificate};
use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::id::{
    CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId,
};
use misp_onboarding::license_key::{
    AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName, LicenseKeyRecord,
    LicenseKeyRow, LicenseKeySort,
};
use misp_onboarding::list::Query;
use misp_onboarding::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use misp_onboarding::policy::{
    Policy, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort, PolicyName,
    PolicyRow, PolicySort,
};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{
    CertificateRepository, ChangeSet, EventRepository, LicenseKeyRepository, LinkCounts, PartnerRepository,
    PolicyCounts, PolicyLinkRepository, PolicyRepository, Store, StoreError,
};
use misp_onboarding::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, TrustDomain, TrustDomainRecord,
};

use crate::store::JournalStore;

/// Declares the methods of a trait that hand on what they are asked.
macro_rules! answered_from_memory {
    ($($repository:ident {
        $($method:ident($($argument:ident: $argument_type:ty),*) -> $answer:ty;)+
    })+) => {
        $(impl $repository for JournalStore {
            $(fn $method(&self, $($argument: $argument_type),*) -> Result<$answer, StoreError> {
                self.read(|records| records.$method($($argument),*))
            })+
        })+
    };
}

answered_from_memory! {
    PartnerRepository {
        partner(id: &PartnerId) -> Option<Partner>;
        partner_id_like(id: &PartnerId) -> Option<PartnerId>;
        partner_id_by_email(email: &EmailAddress) -> Option<PartnerId>;
        list_partners(query: &Query<PartnerFilter, PartnerSort>) -> Vec<PartnerRow>;
        count_partners(filter: &PartnerFilter, now: Timestamp) -> u64;
    }
    CertificateRepository {
        trust_domain(domain: &TrustDomain) -> Option<TrustDomainRecord>;
        ca_certificates(domain: &TrustDomain) -> Vec<CaCertificate>;
        ca_certificate(id: CaCertificateId) -> Option<CaCertificate>;
        list_ca_certificates(query: &Query<CaCertificateFilter, CaCertificateSort>) -> Vec<CaCertificate>;
        count_ca_certificates(filter: &CaCertificateFilter, now: Timestamp) -> u64;
        partner_certificate(id: PartnerCertificateId) -> Option<PartnerCertificate>;
        partner_certificates(partner: &PartnerId) -> Vec<PartnerCertificate>;
        partners_relying_on(domain: &TrustDomain, fingerprint: &Fingerprint) -> Vec<PartnerId>;
    }
    PolicyRepository {
        policy_group(id: PolicyGroupId) -> Option<PolicyGroup>;
        policy_group_named(name: &PolicyGroupName) -> Option<PolicyGroupId>;
        policy_counts(group: PolicyGroupId) -> PolicyCounts;
        list_policy_groups(query: &Query<PolicyGroupFilter, PolicyGroupSort>) -> Vec<PolicyGroup>;
        count_policy_groups(filter: &PolicyGroupFilter) -> u64;
        policy(id: PolicyId) -> Option<Policy>;
        policy_named(group: PolicyGroupId, name: &PolicyName) -> Option<PolicyId>;
        list_policies(query: &Query<PolicyFilter, PolicySort>) -> Vec<PolicyRow>;
        count_policies(filter: &PolicyFilter) -> u64;
    }
    PolicyLinkRepository {
        policy_link(id: PolicyLinkId) -> Option<PolicyLink>;
        open_policy_link(partner: &PartnerId, policy: PolicyId) -> Option<PolicyLink>;
        pending_policy_links(partner: &PartnerId) -> Vec<PolicyLink>;
        link_counts(policy: PolicyId) -> LinkCounts;
        list_policy_links(query: &Query<PolicyLinkFilter, PolicyLinkSort>) -> Vec<PolicyLinkRow>;
        count_policy_links(filter: &PolicyLinkFilter) -> u64;
    }
    LicenseKeyRepository {
        license_key(id: LicenseKeyId) -> Option<LicenseKeyRow>;
        find_by_digest(digest: &LicenseKeyDigest) -> Option<Arc<AuthenticationRecord>>;
        live_license_key_named(partner: &PartnerId, name: &LicenseKeyName) -> Option<LicenseKeyId>;
        license_keys_to_deactivate(partner: &PartnerId) -> Vec<LicenseKeyRecord>;
        list_license_keys(query: &Query<LicenseKeyFilter, LicenseKeySort>) -> Vec<LicenseKeyRow>;
        count_license_keys(filter: &LicenseKeyFilter, now: Timestamp) -> u64;
    }
    EventRepository {
        events_after(after: EventSequence, limit: u32) -> Vec<Event>;
    }
}

impl Store for JournalStore {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        self.write(changes)
    }
}
