//! Commands that race: exactly one outcome, whatever the order.
//!
//! Each [`Race`] is two commands that cannot both have their way, given at the same moment, round after round, and what
//! must have become of it. A [`Track`] runs them on two threads, each with a store handle of its own; `subject` and
//! outcomes are texts, so that other processes can run them too.
#![allow(clippy::expect_used, reason = "a race that cannot be set up is a failed test")]

mod certificates;
mod events;
mod license_keys;
mod partners;
mod policies;

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::sync::{Arc, Barrier};
use std::thread;

use misp_onboarding::Error;
use misp_onboarding::store::Store;

pub use events::follow_events_while_writing;

use crate::invariants;
use crate::scenario::Scenario;

/// Two commands that cannot both have their way.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Race {
    /// What races.
    pub name: &'static str,
    /// Makes what a round is about; its name is no other round's.
    pub prepare: fn(&Scenario, name: &str) -> Subject,
    /// Gives the first command. The answer is what it made, as text.
    pub one: fn(&Scenario, &Subject) -> Result<String, Error>,
    /// Gives the second command.
    pub two: fn(&Scenario, &Subject) -> Result<String, Error>,
    /// Asserts what must have become of the round, also where each command was given several times.
    pub check: fn(&Scenario, &Subject, &Outcomes),
}

/// Every race.
pub fn all() -> Vec<Race> {
    // Those of certificates come last, as each round leaves a CA behind.
    [partners::RACES, policies::RACES, license_keys::RACES, certificates::RACES].concat()
}

/// What a round is about: texts by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The texts, as another process takes them over.
    pub texts: BTreeMap<String, String>,
}

impl Subject {
    fn with(mut self, name: &str, value: impl Display) -> Self {
        self.texts.insert(name.to_owned(), value.to_string());
        self
    }

    fn text(&self, name: &str) -> &str {
        self.texts.get(name).expect("the race was prepared with it")
    }

    fn get<T: FromStr<Err: Debug>>(&self, name: &str) -> T {
        self.text(name).parse().expect("it was written by the race itself")
    }
}

/// Which of the two commands of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Side {
    One,
    Two,
}

/// What became of the commands of a round, each in its turn: what it made, or the code of why not.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// In any order.
    pub all: Vec<(Side, Result<String, String>)>,
}

impl Outcomes {
    /// What the commands of one side made.
    fn made(&self, side: Side) -> Vec<&str> {
        let of_side = self.all.iter().filter(|(other, _)| *other == side);
        of_side.filter_map(|(_, result)| result.as_deref().ok()).collect()
    }

    /// Exactly one command got its way; the others of each side say one of these.
    fn one_wins(&self, reasons_one: &[&str], reasons_two: &[&str]) -> (Side, &str) {
        self.lose_with(Side::One, reasons_one);
        self.lose_with(Side::Two, reasons_two);
        match (&self.made(Side::One)[..], &self.made(Side::Two)[..]) {
            ([made], []) => (Side::One, made),
            ([], [made]) => (Side::Two, made),
            _ => panic!("exactly one must get its way: {self:?}"),
        }
    }

    /// Exactly one command of the side got its way; the others of that side say one of these.
    fn one_of_side_wins(&self, side: Side, reasons: &[&str]) {
        self.lose_with(side, reasons);
        assert_eq!(self.made(side).len(), 1, "exactly one of side {side:?} must get its way: {self:?}");
    }

    /// Those of the side that did not get their way say one of these.
    fn lose_with(&self, side: Side, reasons: &[&str]) {
        for (other, result) in &self.all {
            if let (true, Err(code)) = (*other == side, result) {
                assert!(
                    reasons.contains(&&**code),
                    "side {side:?} must lose with one of {reasons:?}: {self:?}"
                );
            }
        }
    }
}

/// Two engines on one set of records.
pub struct Track {
    one: Scenario,
    two: Scenario,
}

impl Track {
    /// Two engines on two handles of the same records; the same handle twice will do.
    pub fn new(one: Arc<dyn Store>, two: Arc<dyn Store>) -> Self {
        Self { one: Scenario::new(one), two: Scenario::new(two) }
    }

    /// Runs every race for some rounds, then checks that no invariant is broken.
    ///
    /// # Panics
    /// When a race has another outcome than it may have.
    pub fn run_all(&self, rounds: usize) {
        for (number, race) in all().iter().enumerate() {
            for round in 0..rounds {
                self.run(race, &format!("{number}-{round}"));
            }
        }
        let violations = invariants::check(self.one.onboarding.store()).expect("the store is read");
        assert!(violations.is_empty(), "{violations:#?}");
    }

    fn run(&self, race: &Race, name: &str) {
        let subject = (race.prepare)(&self.one, name);
        let barrier = Barrier::new(2);
        let give = |command: fn(&Scenario, &Subject) -> Result<String, Error>, scenario: &Scenario| {
            barrier.wait();
            command(scenario, &subject).map_err(|error| error.code().to_owned())
        };
        let (one, two) = thread::scope(|scope| {
            let one = scope.spawn(|| give(race.one, &self.one));
            let two = give(race.two, &self.two);
            (one.join().expect("the first racer finishes"), two)
        });
        (race.check)(&self.one, &subject, &Outcomes { all: vec![(Side::One, one), (Side::Two, two)] });
    }
}
