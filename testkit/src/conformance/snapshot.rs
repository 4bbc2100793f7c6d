//! Everything a store holds, read through its own methods.

use std::collections::BTreeSet;
use std::sync::Arc;

use misp_onboarding::certificate::PartnerCertificate;
use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::id::{LicenseKeyId, PolicyGroupId, PolicyId};
use misp_onboarding::license_key::{AuthenticationRecord, LicenseKeyRow};
use misp_onboarding::partner::{PartnerId, PartnerRow};
use misp_onboarding::policy::{PolicyGroup, PolicyRow};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkRow};
use misp_onboarding::store::{LinkCounts, PolicyCounts, Record, RecordId, Store, StoreError};
use misp_onboarding::trust_store::{CaCertificate, TrustDomainRecord};

use super::check::Failure;
use super::list::{CaCertificates, LicenseKeys, Partners, Policies, PolicyGroups, PolicyLinks, all};

/// What a store holds at one instant, and what its lookups answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Snapshot {
    partners: Vec<PartnerRow>,
    partner_lookups: Vec<(Option<PartnerId>, Option<PartnerId>)>,
    certificates: Vec<PartnerCertificate>,
    domains: Vec<Option<TrustDomainRecord>>,
    ca_certificates: Vec<CaCertificate>,
    groups: Vec<PolicyGroup>,
    group_lookups: Vec<(Option<PolicyGroupId>, PolicyCounts)>,
    policies: Vec<PolicyRow>,
    policy_lookups: Vec<(Option<PolicyId>, LinkCounts)>,
    links: Vec<PolicyLinkRow>,
    link_lookups: Vec<Option<PolicyLink>>,
    keys: Vec<LicenseKeyRow>,
    key_lookups: Vec<(Option<LicenseKeyId>, Option<Arc<AuthenticationRecord>>)>,
    events: Vec<Event>,
}

impl Snapshot {
    pub(super) fn take(store: &dyn Store) -> Result<Self, Failure> {
        let mut snapshot = Self {
            partners: all::<Partners>(store, Default::default())?,
            partner_lookups: Vec::new(),
            certificates: Vec::new(),
            domains: Vec::new(),
            ca_certificates: all::<CaCertificates>(store, Default::default())?,
            groups: all::<PolicyGroups>(store, Default::default())?,
            group_lookups: Vec::new(),
            policies: all::<Policies>(store, Default::default())?,
            policy_lookups: Vec::new(),
            links: all::<PolicyLinks>(store, Default::default())?,
            link_lookups: Vec::new(),
            keys: all::<LicenseKeys>(store, Default::default())?,
            key_lookups: Vec::new(),
            events: events(store)?,
        };
        for row in &snapshot.partners {
            let partner = &row.partner;
            let lookups = (store.partner_id_like(&partner.id)?, store.partner_id_by_email(&partner.email)?);
            snapshot.partner_lookups.push(lookups);
            snapshot.certificates.extend(store.partner_certificates(&partner.id)?);
        }
        let domains: BTreeSet<_> = snapshot.ca_certificates.iter().map(|ca| ca.domain.clone()).collect();
        for domain in &domains {
            snapshot.domains.push(store.trust_domain(domain)?);
        }
        for group in &snapshot.groups {
            let lookups = (store.policy_group_named(&group.name)?, store.policy_counts(group.id)?);
            snapshot.group_lookups.push(lookups);
        }
        for row in &snapshot.policies {
            let policy = &row.policy;
            let lookups = (store.policy_named(policy.group, &policy.name)?, store.link_counts(policy.id)?);
            snapshot.policy_lookups.push(lookups);
        }
        for row in &snapshot.links {
            snapshot.link_lookups.push(store.open_policy_link(&row.link.partner, row.link.policy)?);
        }
        for row in &snapshot.keys {
            let key = &row.key;
            let named = store.live_license_key_named(&key.partner, &key.name)?;
            snapshot.key_lookups.push((named, store.find_by_digest(&key.digest)?));
        }
        Ok(snapshot)
    }
}

/// Every event, in order.
pub(crate) fn events(store: &dyn Store) -> Result<Vec<Event>, Failure> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let place = events.last().map_or(EventSequence::START, |event| event.sequence);
        let page = store.events_after(place, 100)?;
        if page.is_empty() {
            return Ok(events);
        }
        if page.last().is_some_and(|event| event.sequence <= place) {
            return Err(Failure::new(format!("events after {place} must follow it, found earlier ones")));
        }
        events.extend(page);
    }
}

/// The record with this id, as its own lookup answers it.
pub(crate) fn stored(store: &dyn Store, id: &RecordId) -> Result<Option<Record>, StoreError> {
    Ok(match id {
        RecordId::TrustDomain(id) => store.trust_domain(id)?.map(Record::from),
        RecordId::CaCertificate(id) => store.ca_certificate(*id)?.map(Record::from),
        RecordId::Partner(id) => store.partner(id)?.map(Record::from),
        RecordId::PartnerCertificate(id) => store.partner_certificate(*id)?.map(Record::from),
        RecordId::PolicyGroup(id) => store.policy_group(*id)?.map(Record::from),
        RecordId::Policy(id) => store.policy(*id)?.map(Record::from),
        RecordId::PolicyLink(id) => store.policy_link(*id)?.map(Record::from),
        RecordId::LicenseKey(id) => store.license_key(*id)?.map(|row| Record::from(row.key)),
        _ => None,
    })
}
