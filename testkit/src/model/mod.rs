//! Random commands on two stores at once: every answer, list and event must be the same, and as a small model has it.
//!
//! Two engines with the same clock and the same random numbers are given the same commands, one on
//! [`MemoryStore`](misp_onboarding::store::MemoryStore), the other on the store under test. So ids and keys are equal,
//! and whatever differs is the store's doing. Beside them a model keeps what the commands must have made of partners,
//! certificates, policies, links and keys. It is written from the definition of the product and asks none of the
//! engine's rules, so it also finds what both stores get wrong alike: a command that is refused without a reason, or
//! for another one, and a verdict on a key that is not what it should be.
//!
//! ```no_run
//! use misp_onboarding::store::MemoryStore;
//! use misp_onboarding_testkit::model::Comparison;
//!
//! let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.regressions");
//! Comparison { cases: 100, regressions }.run(MemoryStore::new);
//! ```

mod certificates;
mod command;
mod engines;
mod game;
mod keys;
mod known;
mod links;
mod lists;
mod partners;
mod policies;
mod text;
mod trust;

use misp_onboarding::store::Store;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};

use command::Play;

/// How a store is compared with the in-memory store.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// How many sequences of commands are tried. The environment variable `PROPTEST_CASES` overrides it.
    pub cases: u32,
    /// The file that keeps the seeds of sequences that failed once; they are tried first.
    pub regressions: &'static str,
}

impl Comparison {
    /// Compares, each time beginning with a store that `empty_store` makes.
    ///
    /// # Panics
    /// With the shortest sequence of commands found that ends in a difference.
    pub fn run<S: Store + 'static>(self, empty_store: impl Fn() -> S) {
        let defaults = Config::default();
        let cases = if std::env::var_os("PROPTEST_CASES").is_some() { defaults.cases } else { self.cases };
        let mut runner = TestRunner::new(Config {
            cases,
            max_shrink_iters: 2_000,
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(self.regressions))),
            ..defaults
        });
        let result = runner.run(&command::plays(), |play: Play| {
            game::play(&play, empty_store()).map_err(|difference| TestCaseError::fail(difference.to_string()))
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(reason, play)) => panic!("{reason}\nin the sequence\n{play}"),
            Err(TestError::Abort(reason)) => panic!("no sequence could be tried: {reason}"),
        }
    }
}
