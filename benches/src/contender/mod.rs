//! Those who are measured, taking turns.

mod bare;
#[cfg(feature = "openssl")]
mod openssl;
mod ours;
mod process;
mod webpki;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

pub use self::bare::{Provider, Signature, leaf_signature, leaf_signature_with_known_key, two_signatures};
#[cfg(feature = "openssl")]
pub use self::openssl::openssl;
pub use self::ours::{Engine, ours};
pub use self::process::{Process, process};
pub use self::webpki::rustls_webpki;

/// Somebody who validates the leaves of a scenario.
pub struct Contender<'a> {
    /// As tables show it.
    pub name: String,
    turn: Box<dyn FnMut(Turn) -> Result<Duration> + 'a>,
    /// Nanoseconds for each leaf in its best turn.
    best: f64,
}

/// Which leaves to validate, by their places; those after the last start over.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The first.
    pub first: usize,
    /// How many.
    pub count: usize,
}

impl<'a> Contender<'a> {
    /// One that takes its turn, and its time, elsewhere.
    pub fn elsewhere(name: impl Into<String>, turn: impl FnMut(Turn) -> Result<Duration> + 'a) -> Self {
        Self { name: name.into(), turn: Box::new(turn), best: f64::INFINITY }
    }

    /// One of this process; `validate` takes the place of a leaf.
    pub fn here(name: impl Into<String>, validate: impl Fn(usize) -> Result<()> + 'a) -> Self {
        Self::elsewhere(name, move |turn| {
            let start = Instant::now();
            (turn.first..turn.first + turn.count).try_for_each(&validate)?;
            Ok(start.elapsed())
        })
    }

    /// One leaf in the best of the turns, in nanoseconds. The best and not the usual one: whatever else runs on the
    /// machine only ever adds.
    pub const fn nanoseconds(&self) -> f64 {
        self.best
    }

    fn take(&mut self, turn: Turn, warm_up: WarmUp) -> Result<()> {
        if warm_up == WarmUp::SameIssuers {
            let others = Turn { first: turn.first + SAME_ISSUERS, ..turn };
            (self.turn)(others).with_context(|| self.name.clone())?;
        }
        let taken = (self.turn)(turn).with_context(|| self.name.clone())?;
        self.best = self.best.min(taken.as_secs_f64() * 1e9 / turn.count as f64);
        Ok(())
    }
}

/// What comes before each turn, without being timed. Who was on before has filled the processor's caches with what
/// is of no use now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// Nothing: what a validation costs a program that has just done something else.
    Nothing,
    /// As many other leaves of the same issuers: what it costs a program that goes on validating.
    SameIssuers,
}

/// Leaves this far apart have the same issuer in every scenario, and are never the same.
const SAME_ISSUERS: usize = 500;

/// Lets everybody take as many turns of `count` leaves, one after the other.
///
/// # Errors
/// Somebody refuses a leaf.
pub fn race(contenders: &mut [Contender<'_>], rounds: usize, count: usize, warm_up: WarmUp) -> Result<()> {
    for round in 0..rounds {
        for contender in &mut *contenders {
            contender.take(Turn { first: round * count, count }, warm_up)?;
        }
    }
    Ok(())
}
