//! Change sets: applied one change after the other, taken back whole where one of them cannot be.

use super::events::KeptEvent;
use super::tables::{CaEntry, GroupEntry, KeyEntry, LinkEntry, PartnerEntry, PolicyEntry, State};
use crate::certificate::PartnerCertificate;
use crate::event::{Event, EventSequence};
use crate::id::{LicenseKeyId, Version};
use crate::partner::PartnerId;
use crate::store::{Change, ChangeSet, Record, RecordId, StoreError, Unique};
use crate::trust_store::TrustDomainRecord;

/// Applies a change set whole or not at all.
pub(super) fn commit(state: &mut State, changes: &ChangeSet) -> Result<(), StoreError> {
    let mut transaction = Transaction { state, undo: Vec::new(), naming: Vec::new() };
    changes.changes.iter().try_for_each(|change| transaction.apply(change))?;
    transaction.check_deferred()?;
    transaction.finish(changes);
    Ok(())
}

/// A change set half applied. Dropped before it is finished, it takes everything back, also when a panic unwinds.
struct Transaction<'a> {
    state: &'a mut State,
    undo: Vec<Undo>,
    naming: Vec<Naming>,
}

type Undo = Box<dyn FnOnce(&mut State)>;

/// A record that may name one inserted later in the same change set, as with a deferred foreign key.
enum Naming {
    Partner(PartnerId),
    LicenseKey(LicenseKeyId),
}

impl Transaction<'_> {
    fn apply(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Insert(record) => {
                let id = record.record_id();
                if self.state.version(&id).is_some() {
                    // Of a partner the id itself is what its users know as unique.
                    let unique = match id {
                        RecordId::Partner(_) => Unique::PartnerId,
                        _ => Unique::RecordId,
                    };
                    return Err(StoreError::Duplicate { unique });
                }
                self.write(record)
            }
            Change::Update(record) => {
                let required = Version::new(record.version().number().saturating_sub(1));
                self.require(&record.record_id(), required)?;
                self.write(record)
            }
            Change::Expect(record, version) => self.require(record, *version),
            Change::RestoreEvent(event) => self.restore(event),
        }
    }

    fn restore(&mut self, event: &Event) -> Result<(), StoreError> {
        if event.sequence <= self.state.last_event() {
            return Err(StoreError::Duplicate { unique: Unique::EventSequence });
        }
        self.state.events.push(KeptEvent::new(event.sequence, &event.event));
        self.undo.push(Box::new(|state| drop(state.events.pop())));
        Ok(())
    }

    fn require(&self, record: &RecordId, required: Version) -> Result<(), StoreError> {
        let found = self.state.version(record);
        if found == Some(required) {
            Ok(())
        } else {
            Err(StoreError::Conflict { record: record.to_string(), required, found })
        }
    }

    fn write(&mut self, record: &Record) -> Result<(), StoreError> {
        match record {
            Record::TrustDomain(record) => {
                let (id, new) = (record.domain.clone(), TrustDomainRecord::clone(record));
                let old = self.state.set_domain(&id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_domain(&id, old))));
            }
            Record::CaCertificate(record) => {
                let (id, new) = (record.id, Box::new(CaEntry::from(record.clone())));
                self.state.check_ca(&new)?;
                let old = self.state.set_ca(id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_ca(id, old))));
            }
            Record::Partner(record) => {
                let (id, new) = (record.id.clone(), Box::new(PartnerEntry::from(record.clone())));
                self.state.check_partner(&new)?;
                self.naming.push(Naming::Partner(id.clone()));
                let old = self.state.set_partner(&id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_partner(&id, old))));
            }
            Record::PartnerCertificate(record) => {
                let (id, new) = (record.id, record.clone());
                self.state.check_certificate(&new)?;
                let old = self.state.set_certificate(id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_certificate(id, old))));
            }
            Record::PolicyGroup(record) => {
                let (id, new) = (record.id, Box::new(GroupEntry::from(record.clone())));
                self.state.check_group(&new)?;
                let old = self.state.set_group(id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_group(id, old))));
            }
            Record::Policy(record) => {
                let (id, new) = (record.id, Box::new(PolicyEntry::from(record.clone())));
                self.state.check_policy(&new)?;
                let old = self.state.set_policy(id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_policy(id, old))));
            }
            Record::PolicyLink(record) => {
                let (id, new) = (record.id, Box::new(LinkEntry::from(record.clone())));
                self.state.check_link(&new)?;
                let old = self.state.set_link(id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_link(id, old))));
            }
            Record::LicenseKey(record) => {
                let (id, new) = (record.id, Box::new(KeyEntry::from(record.clone())));
                self.state.check_key(&new)?;
                self.naming.push(Naming::LicenseKey(id));
                let old = self.state.set_key(id, Some(new));
                self.undo.push(Box::new(move |state| drop(state.set_key(id, old))));
            }
        }
        Ok(())
    }

    /// Checks what the records name now: a later change of the same set may have put it right.
    fn check_deferred(&self) -> Result<(), StoreError> {
        let state = &*self.state;
        self.naming.iter().try_for_each(|naming| match naming {
            Naming::Partner(id) => {
                let certificate = state.partners.get(id).and_then(|entry| entry.record.certificate);
                certificate.map_or(Ok(()), |id| {
                    must_be_there(state.certificates.contains_key(&id), || RecordId::PartnerCertificate(id))
                })
            }
            Naming::LicenseKey(id) => {
                let key = state.keys.get(id).map(|entry| &entry.record);
                let mut others =
                    key.into_iter().flat_map(|key| key.replaces.into_iter().chain(key.replaced_by));
                others.try_for_each(|id| {
                    must_be_there(state.keys.contains_key(&id), || RecordId::LicenseKey(id))
                })
            }
        })
    }

    fn finish(mut self, changes: &ChangeSet) {
        self.undo.clear();
        for change in &changes.changes {
            if let Change::Insert(record) | Change::Update(record) = change {
                self.state.add_words(record);
            }
        }
        for event in &changes.events {
            let sequence = EventSequence::new(self.state.last_event().number() + 1);
            self.state.events.push(KeptEvent::new(sequence, event));
        }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        while let Some(undo) = self.undo.pop() {
            undo(self.state);
        }
    }
}

impl State {
    fn last_event(&self) -> EventSequence {
        self.events.last().map_or(EventSequence::START, |event| event.sequence)
    }

    fn version(&self, record: &RecordId) -> Option<Version> {
        match record {
            RecordId::TrustDomain(id) => self.domains.get(id).map(|record| record.version),
            RecordId::CaCertificate(id) => self.cas.get(id).map(|entry| entry.record.version),
            RecordId::Partner(id) => self.partners.get(id).map(|entry| entry.record.version),
            RecordId::PartnerCertificate(id) => self.certificates.get(id).map(|record| record.version),
            RecordId::PolicyGroup(id) => self.groups.get(id).map(|entry| entry.record.version),
            RecordId::Policy(id) => self.policies.get(id).map(|entry| entry.record.version),
            RecordId::PolicyLink(id) => self.links.get(id).map(|entry| entry.record.version),
            RecordId::LicenseKey(id) => self.keys.get(id).map(|entry| entry.record.version),
        }
    }

    fn check_ca(&self, new: &CaEntry) -> Result<(), StoreError> {
        let record = &new.record;
        let holder = self.ca_fingerprints.get(&(record.domain.clone(), record.fingerprint));
        free_for(holder, &record.id, Unique::CaFingerprint)?;
        must_be_there(self.domains.contains_key(&record.domain), || {
            RecordId::TrustDomain(record.domain.clone())
        })
    }

    fn check_partner(&self, new: &PartnerEntry) -> Result<(), StoreError> {
        let record = &new.record;
        free_for(self.partner_ids.get(&new.id), &record.id, Unique::PartnerId)?;
        free_for(self.partner_emails.get(&new.email), &record.id, Unique::PartnerEmail)?;
        record.policy_group.map_or(Ok(()), |group| {
            must_be_there(self.groups.contains_key(&group), || RecordId::PolicyGroup(group))
        })
    }

    fn check_certificate(&self, new: &PartnerCertificate) -> Result<(), StoreError> {
        must_be_there(self.partners.contains_key(&new.partner), || RecordId::Partner(new.partner.clone()))
    }

    fn check_group(&self, new: &GroupEntry) -> Result<(), StoreError> {
        free_for(self.group_names.get(&new.name), &new.record.id, Unique::PolicyGroupName)
    }

    fn check_policy(&self, new: &PolicyEntry) -> Result<(), StoreError> {
        let record = &new.record;
        let holder = self.policy_names.get(&(record.group, new.name.clone()));
        free_for(holder, &record.id, Unique::PolicyName)?;
        must_be_there(self.groups.contains_key(&record.group), || RecordId::PolicyGroup(record.group))
    }

    fn check_link(&self, new: &LinkEntry) -> Result<(), StoreError> {
        let record = &new.record;
        let holder = new.open().and_then(|open| self.open_links.get(&open));
        free_for(holder, &record.id, Unique::OpenPolicyLink)?;
        must_be_there(self.partners.contains_key(&record.partner), || {
            RecordId::Partner(record.partner.clone())
        })?;
        must_be_there(self.policies.contains_key(&record.policy), || RecordId::Policy(record.policy))
    }

    fn check_key(&self, new: &KeyEntry) -> Result<(), StoreError> {
        let record = &new.record;
        let holder = self.authentications.key(&record.digest);
        free_for(holder.as_ref(), &record.id, Unique::LicenseKeyDigest)?;
        let holder = new.live().and_then(|live| self.key_names.get(&live));
        free_for(holder, &record.id, Unique::LicenseKeyName)?;
        must_be_there(self.partners.contains_key(&record.partner), || {
            RecordId::Partner(record.partner.clone())
        })?;
        record.policy.map_or(Ok(()), |policy| {
            must_be_there(self.policies.contains_key(&policy), || RecordId::Policy(policy))
        })
    }
}

fn free_for<I: PartialEq>(holder: Option<&I>, id: &I, unique: Unique) -> Result<(), StoreError> {
    match holder {
        Some(holder) if holder != id => Err(StoreError::Duplicate { unique }),
        _ => Ok(()),
    }
}

fn must_be_there(there: bool, reference: impl FnOnce() -> RecordId) -> Result<(), StoreError> {
    if there { Ok(()) } else { Err(StoreError::MissingReference { reference: reference().to_string() }) }
}
