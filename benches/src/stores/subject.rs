//! An engine on a store that holds a population.

use std::sync::Arc;

use anyhow::Result;
use misp_onboarding::store::Store;
use misp_onboarding::{Actor, Clock, Onboarding, Role, SystemClock, Timestamp};
use misp_onboarding_testkit::scenario::actor;

use super::population::{NOW, Population};

/// An engine on a store that holds a population.
pub(super) struct Subject {
    /// The engine, at [`NOW`] and running on.
    pub engine: Onboarding,
    /// What its store holds.
    pub population: Population,
    /// Who asks it.
    pub admin: Actor,
}

impl Subject {
    /// An engine on this store.
    ///
    /// # Errors
    /// The engine cannot be set up.
    pub(super) fn new(store: Arc<dyn Store>, population: Population) -> Result<Self> {
        let engine = Onboarding::builder(store).clock(Arc::new(ShiftedClock::beginning_at(NOW))).build()?;
        Ok(Self { engine, population, admin: actor("ana.admin", Role::PartnerAdmin) })
    }

    /// How tables show the size.
    pub(super) fn size(&self) -> String {
        format!("{} keys", grouped(self.population.keys))
    }
}

/// The system's clock set to another instant, so that reading it costs what it costs every host.
struct ShiftedClock {
    micros: i64,
}

impl ShiftedClock {
    fn beginning_at(instant: Timestamp) -> Self {
        Self { micros: instant.unix_micros() - SystemClock.now().unix_micros() }
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(SystemClock.now().unix_micros() + self.micros)
    }
}

/// `1,000,000`.
pub(super) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn the_clock_runs_on_from_where_it_was_set() {
        let clock = ShiftedClock::beginning_at(NOW);
        let (one, other) = (clock.now(), clock.now());
        assert!(NOW <= one && one <= other && other < NOW.plus_days(1));
    }
}
