//! Events: read on from where one was.

use super::Onboarding;
use super::call::call;
use crate::actor::{ANY_ROLE, Actor};
use crate::error::Error;
use crate::event::{Event, EventSequence};

/// The most events that one read answers.
pub(crate) const MAX_EVENTS: u32 = 1_000;

impl Onboarding {
    /// The events after a place, in order, at most `limit` and at most 1000. Reading on from the last one's
    /// `sequence` misses none, also while others are committing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a role; [`Error::Store`].
    pub fn events(&self, actor: &Actor, after: EventSequence, limit: u32) -> Result<Vec<Event>, Error> {
        let call = call!(DEBUG, "events", actor, ANY_ROLE);
        self.answer(call, || Ok(self.store.events_after(after, limit.min(MAX_EVENTS))?))
    }
}
