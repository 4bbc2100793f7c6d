//! Events, as they are kept.

use smol_str::SmolStr;

use crate::Timestamp;
use crate::event::{Event, EventKind, EventSequence, NewEvent};
use crate::id::{ActorId, Version};
use crate::partner::PartnerId;
use crate::store::RecordId;

/// An event in a third of the memory: its states and facts are short texts, which lie in place, and there are one or two
/// facts, where a map makes room for eleven.
#[derive(Debug)]
pub(super) struct KeptEvent {
    pub(super) sequence: EventSequence,
    at: Timestamp,
    actor: ActorId,
    kind: EventKind,
    subject: RecordId,
    version: Version,
    partner: Option<PartnerId>,
    old_state: Option<SmolStr>,
    new_state: Option<SmolStr>,
    facts: Box<[(SmolStr, SmolStr)]>,
}

impl KeptEvent {
    pub(super) fn new(sequence: EventSequence, event: &NewEvent) -> Self {
        Self {
            sequence,
            at: event.at,
            actor: event.actor.clone(),
            kind: event.kind,
            subject: event.subject.clone(),
            version: event.version,
            partner: event.partner.clone(),
            old_state: event.old_state.as_deref().map(SmolStr::new),
            new_state: event.new_state.as_deref().map(SmolStr::new),
            facts: event.facts.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        }
    }
}

impl From<&KeptEvent> for Event {
    fn from(kept: &KeptEvent) -> Self {
        let event = NewEvent {
            at: kept.at,
            actor: kept.actor.clone(),
            kind: kept.kind,
            subject: kept.subject.clone(),
            version: kept.version,
            partner: kept.partner.clone(),
            old_state: kept.old_state.as_ref().map(SmolStr::to_string),
            new_state: kept.new_state.as_ref().map(SmolStr::to_string),
            facts: kept.facts.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        };
        Self { sequence: kept.sequence, event }
    }
}
