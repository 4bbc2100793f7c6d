//! What rules are handed and what they hand back.

use crate::Timestamp;
use crate::event::{EventKind, NewEvent};
use crate::id::{ActorId, Version};
use crate::partner::{Partner, PartnerId};
use crate::rules::Rules;
use crate::store::{ChangeSet, Record};

/// A fact of an event: its name, and its value as text. Never a secret, never contact data.
pub(crate) type Fact = (&'static str, String);

/// Who acts, when, under which configuration: what every rule is handed besides the records it decides on.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) actor: &'a ActorId,
    pub(crate) now: Timestamp,
    pub(crate) rules: &'a Rules,
}

/// What a rule decided: what to commit, and what to answer once that stands.
#[derive(Debug)]
pub(crate) struct Decision<T> {
    pub(crate) changes: ChangeSet,
    pub(crate) answer: T,
}

impl<T> Decision<T> {
    pub(crate) fn new(changes: ChangeSet, answer: T) -> Self {
        Self { changes, answer }
    }

    /// The same decision with another answer.
    pub(crate) fn map<U>(self, answer: impl FnOnce(T) -> U) -> Decision<U> {
        Decision { changes: self.changes, answer: answer(self.answer) }
    }

    /// There is nothing to change.
    pub(crate) fn unchanged(answer: T) -> Self {
        Self { changes: ChangeSet::new(), answer }
    }
}

impl Context<'_> {
    /// The event of a record being at a new version.
    pub(crate) fn event(&self, kind: EventKind, record: &Record) -> NewEvent {
        NewEvent {
            at: self.now,
            actor: self.actor.clone(),
            kind,
            subject: record.record_id(),
            version: record.version(),
            partner: partner_of(record),
            old_state: None,
            new_state: state_of(record).map(str::to_owned),
            facts: Default::default(),
        }
    }

    /// The partner after a change of it or of anything that is the partner's.
    pub(crate) fn moved(&self, partner: &Partner) -> Partner {
        Partner {
            updated_at: self.now,
            updated_by: self.actor.clone(),
            version: partner.version.next(),
            ..partner.clone()
        }
    }
}

impl ChangeSet {
    /// Adds a record and tells of it.
    pub(crate) fn insert_with(
        &mut self,
        context: &Context<'_>,
        record: impl Into<Record>,
        kind: EventKind,
        facts: impl IntoIterator<Item = Fact>,
    ) {
        let record = record.into();
        debug_assert_eq!(record.version(), Version::FIRST);
        let event = context.event(kind, &record).with_facts(facts);
        self.insert(record).event(event);
    }

    /// Replaces a record and tells of it.
    pub(crate) fn update_with(
        &mut self,
        context: &Context<'_>,
        before: impl Into<Record>,
        after: impl Into<Record>,
        kind: EventKind,
        facts: impl IntoIterator<Item = Fact>,
    ) {
        let (before, after) = (before.into(), after.into());
        debug_assert_eq!(before.version().next(), after.version());
        let mut event = context.event(kind, &after).with_facts(facts);
        event.old_state = state_of(&before).map(str::to_owned);
        self.update(after).event(event);
    }
}

impl NewEvent {
    /// The same event with further facts.
    pub(crate) fn with_facts(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.facts.extend(facts.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }
}

fn partner_of(record: &Record) -> Option<PartnerId> {
    match record {
        Record::Partner(partner) => Some(partner.id.clone()),
        Record::PartnerCertificate(certificate) => Some(certificate.partner.clone()),
        Record::PolicyLink(link) => Some(link.partner.clone()),
        Record::LicenseKey(key) => Some(key.partner.clone()),
        Record::TrustDomain(_) | Record::CaCertificate(_) | Record::PolicyGroup(_) | Record::Policy(_) => {
            None
        }
    }
}

fn state_of(record: &Record) -> Option<&'static str> {
    match record {
        Record::TrustDomain(_) => None,
        Record::CaCertificate(ca) => Some(ca.state.as_str()),
        Record::Partner(partner) => Some(partner.state.as_str()),
        Record::PartnerCertificate(certificate) => {
            Some(if certificate.replaced_at.is_none() { "current" } else { "replaced" })
        }
        Record::PolicyGroup(group) => Some(group.state.as_str()),
        Record::Policy(policy) => Some(policy.state.as_str()),
        Record::PolicyLink(link) => Some(link.state.as_str()),
        Record::LicenseKey(key) => Some(key.state.as_str()),
    }
}
