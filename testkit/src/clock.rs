//! A clock that stands still until it is told otherwise, and one that never shows an instant twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use misp_onboarding::{Clock, Timestamp};

/// A clock set by hand. Clones share the time, so a test keeps one and hands the other to the engine.
///
/// ```
/// use misp_onboarding::{Clock, Timestamp};
/// use misp_onboarding_testkit::clock::ManualClock;
///
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// let engine_clock = clock.clone();
/// clock.advance_days(1);
/// assert_eq!(engine_clock.now().to_string(), "1970-01-02T00:00:00Z");
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    unix_micros: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that says `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { unix_micros: Arc::new(AtomicI64::new(now.unix_micros())) }
    }

    /// A clock that says `text`, RFC 3339 such as `2026-01-15T12:00:00Z`.
    ///
    /// # Panics
    ///
    /// Where `text` is no RFC 3339 instant.
    pub fn at(text: &str) -> Self {
        Self::new(text.parse().unwrap_or_else(|error| panic!("ManualClock::at: {error}")))
    }

    /// Sets the clock, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.unix_micros.store(now.unix_micros(), Ordering::SeqCst);
    }

    /// Moves the clock forwards, no further than [`Timestamp::MAX`], and says what it shows then.
    pub fn advance(&self, by: Duration) -> Timestamp {
        self.change(|now| now.plus(by))
    }

    /// Moves the clock by `days` times 24 hours, forwards or backwards, and says what it shows then.
    pub fn advance_days(&self, days: i64) -> Timestamp {
        self.change(|now| now.plus_days(days))
    }

    fn change(&self, change: impl Fn(Timestamp) -> Timestamp) -> Timestamp {
        // One atomic step, so that no advance is lost between threads.
        let step = |micros| Some(change(Timestamp::from_unix_micros(micros)).unix_micros());
        let before = match self.unix_micros.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step) {
            Ok(before) | Err(before) => before,
        };
        change(Timestamp::from_unix_micros(before))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.unix_micros.load(Ordering::SeqCst))
    }
}

/// A clock that shows a later instant each time it is looked at, so that no two commands have the same.
///
/// Several of them, also in several processes, never show the same instant when they begin at different ones within
/// one step and have the same step.
#[derive(Debug)]
pub struct TickingClock {
    next_micros: AtomicI64,
    step_micros: i64,
}

impl TickingClock {
    /// A clock that shows `begin` first, and goes on by `step_micros` microseconds with each look.
    pub fn new(begin: Timestamp, step_micros: i64) -> Self {
        Self { next_micros: AtomicI64::new(begin.unix_micros()), step_micros }
    }
}

impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.next_micros.fetch_add(self.step_micros, Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_only_when_told() {
        let clock = ManualClock::at("2026-01-15T12:00:00Z");
        assert_eq!(clock.now(), clock.now());
        assert_eq!(clock.advance(Duration::from_micros(1)).to_string(), "2026-01-15T12:00:00.000001Z");
        clock.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.advance_days(-1).to_string(), "1969-12-31T00:00:00Z");
        clock.set(Timestamp::MAX);
        assert_eq!(clock.advance(Duration::from_secs(1)), Timestamp::MAX);
    }

    #[test]
    fn ticks_with_each_look() {
        let clock = TickingClock::new(Timestamp::UNIX_EPOCH, 3);
        let seen = [clock.now(), clock.now(), clock.now()];
        assert_eq!(seen.map(Timestamp::unix_micros), [0, 3, 6]);
    }

    #[test]
    fn loses_no_step_between_threads() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        clock.advance(Duration::from_micros(1));
                    }
                });
            }
        });
        assert_eq!(clock.now().unix_micros(), 4_000);
    }
}
