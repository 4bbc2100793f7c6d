//! Events: read on from where one was.

use misp_onboarding::event::EventSequence;
use pyo3::prelude::*;

use super::Onboarding;
use crate::actor::Actor;
use crate::{arguments, bridge};

#[pymethods]
impl Onboarding {
    /// The events after a place, in order, at most `limit` and at most 1000: a list of `Event`. Reading on from the
    /// last one's `sequence` misses none, also while others are committing. 0 is before the first.
    ///
    /// Raises `ForbiddenError` without a role.
    #[pyo3(
        signature = (actor, *, after=None, limit=1000),
        text_signature = "($self, actor, *, after=0, limit=1000)"
    )]
    fn events<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        after: Option<&Bound<'py, PyAny>>,
        limit: i64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let after: EventSequence = arguments::value_or_default("after", after)?;
        let limit = arguments::count(limit);
        let events = self.call(py, |engine| engine.events(&actor.actor, after, limit))?;
        bridge::to_list(py, &events)
    }
}
