//! Everything that a store holds.

use std::collections::{BTreeSet, HashMap};

use misp_onboarding::certificate::PartnerCertificate;
use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::id::{LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId};
use misp_onboarding::license_key::{LicenseKeyRecord, LicenseKeyRow};
use misp_onboarding::partner::{Partner, PartnerId, PartnerRow};
use misp_onboarding::policy::{Policy, PolicyGroup, PolicyRow};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkRow};
use misp_onboarding::store::{Record, Store};
use misp_onboarding::trust_store::{CaCertificate, TrustDomain, TrustDomainRecord};

use crate::conformance::Failure;
use crate::conformance::list::{
    CaCertificates, LicenseKeys, Partners, Policies, PolicyGroups, PolicyLinks, all,
};
use crate::conformance::snapshot::events;

/// How often a store is read again that others changed meanwhile.
const ATTEMPTS: usize = 20;

/// Every record and every event of a store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The trust domains that hold a CA certificate.
    pub trust_domains: Vec<TrustDomainRecord>,
    /// The CA certificates.
    pub ca_certificates: Vec<CaCertificate>,
    /// The policy groups.
    pub policy_groups: Vec<PolicyGroup>,
    /// The policies.
    pub policies: Vec<PolicyRow>,
    /// The partners.
    pub partners: Vec<PartnerRow>,
    /// The partners' certificates, current and earlier ones.
    pub partner_certificates: Vec<PartnerCertificate>,
    /// The policy links.
    pub policy_links: Vec<PolicyLinkRow>,
    /// The license keys.
    pub license_keys: Vec<LicenseKeyRow>,
    /// The events, in order.
    pub events: Vec<Event>,
}

impl Contents {
    /// Reads them all, lists page by page. Where events show that somebody committed meanwhile, reads once more.
    ///
    /// # Errors
    /// The store cannot be read, or others keep changing it.
    pub fn read(store: &dyn Store) -> Result<Self, Failure> {
        for _ in 0..ATTEMPTS {
            let contents = Self::read_once(store)?;
            let end = contents.events.last().map_or(EventSequence::START, |event| event.sequence);
            if store.events_after(end, 1)?.is_empty() {
                return Ok(contents);
            }
        }
        Err(Failure::new("nobody may change the store while it is read, found new events each time"))
    }

    fn read_once(store: &dyn Store) -> Result<Self, Failure> {
        let mut contents = Self {
            events: events(store)?,
            ca_certificates: all::<CaCertificates>(store, Default::default())?,
            policy_groups: all::<PolicyGroups>(store, Default::default())?,
            policies: all::<Policies>(store, Default::default())?,
            partners: all::<Partners>(store, Default::default())?,
            policy_links: all::<PolicyLinks>(store, Default::default())?,
            license_keys: all::<LicenseKeys>(store, Default::default())?,
            ..Self::default()
        };
        for row in &contents.partners {
            contents.partner_certificates.extend(store.partner_certificates(&row.partner.id)?);
        }
        let domains: BTreeSet<_> = contents.ca_certificates.iter().map(|ca| &ca.domain).collect();
        for domain in domains {
            contents.trust_domains.extend(store.trust_domain(domain)?);
        }
        Ok(contents)
    }

    /// Every record.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        let domains = self.trust_domains.iter().cloned().map(Record::from);
        let cas = self.ca_certificates.iter().cloned().map(Record::from);
        let groups = self.policy_groups.iter().cloned().map(Record::from);
        let policies = self.policies.iter().map(|row| row.policy.clone().into());
        let partners = self.partners.iter().map(|row| row.partner.clone().into());
        let certificates = self.partner_certificates.iter().cloned().map(Record::from);
        let links = self.policy_links.iter().map(|row| row.link.clone().into());
        let keys = self.license_keys.iter().map(|row| row.key.clone().into());
        let authors = domains.chain(cas).chain(groups).chain(policies);
        authors.chain(partners).chain(certificates).chain(links).chain(keys)
    }
}

/// The records by their ids.
pub(super) struct Index<'a> {
    pub(super) domains: BTreeSet<&'a TrustDomain>,
    pub(super) groups: HashMap<PolicyGroupId, &'a PolicyGroup>,
    pub(super) policies: HashMap<PolicyId, &'a Policy>,
    pub(super) partners: HashMap<&'a PartnerId, &'a Partner>,
    pub(super) certificates: HashMap<PartnerCertificateId, &'a PartnerCertificate>,
    pub(super) links: HashMap<PolicyLinkId, &'a PolicyLink>,
    pub(super) keys: HashMap<LicenseKeyId, &'a LicenseKeyRecord>,
}

impl<'a> Index<'a> {
    pub(super) fn of(contents: &'a Contents) -> Self {
        Self {
            domains: contents.trust_domains.iter().map(|record| &record.domain).collect(),
            groups: contents.policy_groups.iter().map(|group| (group.id, group)).collect(),
            policies: contents.policies.iter().map(|row| (row.policy.id, &row.policy)).collect(),
            partners: contents.partners.iter().map(|row| (&row.partner.id, &row.partner)).collect(),
            certificates: contents.partner_certificates.iter().map(|one| (one.id, one)).collect(),
            links: contents.policy_links.iter().map(|row| (row.link.id, &row.link)).collect(),
            keys: contents.license_keys.iter().map(|row| (row.key.id, &row.key)).collect(),
        }
    }
}
