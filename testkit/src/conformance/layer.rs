//! A store laid over another one, for tests of what happens when a store fails or does the wrong thing.
#![allow(clippy::missing_errors_doc, reason = "a layer fails as the store below does")]

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

/// A store made of a [`Layer`].
#[derive(Debug)]
pub struct Layered<L>(pub L);

/// Declares the methods of a store once: as what a layer passes on, and as what a store made of it answers.
macro_rules! layered {
    ($($repository:ident {
        $($method:ident($($argument:ident: $argument_type:ty),*) -> $answer:ty;)+
    })+) => {
        /// What lies over another store. Every method passes on what it is asked, unless it is overridden.
        pub trait Layer: Send + Sync {
            /// The store below.
            fn below(&self) -> &dyn Store;

            /// Called before each method; where it fails, that is the answer.
            fn before(&self) -> Result<(), StoreError> {
                Ok(())
            }

            $($(
                /// Passes the question on to the store below.
                fn $method(&self, $($argument: $argument_type),*) -> Result<$answer, StoreError> {
                    self.below().$method($($argument),*)
                }
            )+)+
        }

        $(impl<L: Layer> $repository for Layered<L> {
            $(fn $method(&self, $($argument: $argument_type),*) -> Result<$answer, StoreError> {
                self.0.before()?;
                self.0.$method($($argument),*)
            })+
        })+
    };
}

layered! {
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
    Store {
        commit(changes: &ChangeSet) -> ();
    }
}

/// A store with something that must live as long as it does, such as the directory of its file.
pub type Guarded<S, G> = Layered<Guard<S, G>>;

/// See [`Guarded`].
#[derive(Debug)]
pub struct Guard<S, G> {
    store: S,
    _guard: G,
}

impl<S: Store, G: Send + Sync> Guarded<S, G> {
    /// Keeps `guard` as long as `store`; the store is dropped first.
    pub fn new(store: S, guard: G) -> Self {
        Self(Guard { store, _guard: guard })
    }
}

impl<S: Store, G: Send + Sync> Layer for Guard<S, G> {
    fn below(&self) -> &dyn Store {
        &self.store
    }
}
