//! One call of the engine: who makes it, which role it takes, and the `tracing` span around it.
//!
//! A span is named after the method. It holds which records the call names, by their ids, and what came of it:
//! `outcome` is `ok` or the code of the error. It holds nothing else that was handed in: no text that somebody typed,
//! no contact data, no license key, no digest, and not who acts, which the host knows and the events record.

use super::Onboarding;
use crate::actor::{Actor, Role};
use crate::decision::{Context, Decision};
use crate::error::Error;

/// A call that a method of the engine was made with.
pub(super) struct Call<'a> {
    pub(super) actor: &'a Actor,
    pub(super) any_of: &'static [Role],
    pub(super) span: Span,
}

/// `call!(DEBUG, "partner", actor, ANY_ROLE, partner = id)`: the span's level, the method's name, who calls it, the roles of which one is
/// needed, and the ids of the records that the call names.
macro_rules! call {
    ($level:ident, $name:literal, $actor:expr, $any_of:expr $(, $field:ident = $id:expr)*) => {
        $crate::onboarding::call::Call {
            actor: $actor,
            any_of: $any_of,
            span: $crate::onboarding::call::span!($level, $name $(, $field = $id)*),
        }
    };
}

#[cfg(feature = "tracing")]
macro_rules! span {
    ($level:ident, $name:literal $(, $field:ident = $id:expr)*) => {
        $crate::onboarding::call::Span(tracing::span!(
            target: "misp_onboarding",
            tracing::Level::$level,
            $name,
            $($field = %$id,)*
            outcome = tracing::field::Empty,
        ))
    };
}

#[cfg(not(feature = "tracing"))]
macro_rules! span {
    ($level:ident, $name:literal $(, $field:ident = $id:expr)*) => {{
        $(let _ = &$id;)*
        $crate::onboarding::call::Span()
    }};
}

pub(super) use {call, span};

/// The span around a call; nothing without the feature `tracing`.
pub(super) struct Span(#[cfg(feature = "tracing")] pub(super) tracing::Span);

impl Span {
    /// Runs the call within the span and notes what came of it.
    #[inline]
    pub(super) fn around<T>(self, run: impl FnOnce() -> T, outcome: impl FnOnce(&T) -> &'static str) -> T {
        #[cfg(feature = "tracing")]
        if !self.0.is_disabled() {
            return self.0.in_scope(|| {
                let answer = run();
                self.0.record("outcome", outcome(&answer));
                answer
            });
        }
        // Nobody listens, or nobody can.
        let _ = outcome;
        run()
    }
}

impl Onboarding {
    /// Answers a call, if its actor has a role for it.
    pub(super) fn answer<T>(
        &self,
        call: Call<'_>,
        run: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Call { actor, any_of, span } = call;
        span.around(
            || {
                actor.require(any_of)?;
                run()
            },
            |answer| answer.as_ref().err().map_or("ok", Error::code),
        )
    }

    /// Answers a call that is a command and nothing else.
    pub(super) fn command<T>(
        &self,
        call: Call<'_>,
        decide: impl FnMut(&Context<'_>) -> Result<Decision<T>, Error>,
    ) -> Result<T, Error> {
        let actor = call.actor;
        self.answer(call, || self.decide(actor, decide))
    }
}
