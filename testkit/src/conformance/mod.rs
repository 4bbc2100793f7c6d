//! The suite that every store must pass.
//!
//! A store written in Rust adds one line to its tests, and each case becomes a test of its own:
//!
//! ```
//! use misp_onboarding::store::MemoryStore;
//!
//! misp_onboarding_testkit::store_conformance!(|| MemoryStore::new());
//! # fn main() {}
//! ```
//!
//! [`report`] runs the same cases for a store that is reached some other way, and tells how each went.

mod cases;
mod check;
mod layer;
mod list;
pub mod samples;
mod snapshot;

use std::panic::{AssertUnwindSafe, catch_unwind};

use misp_onboarding::store::{Store, StoreError};

pub use check::{Failure, Verdict};
pub use layer::{Guard, Guarded, Layer, Layered};

/// Something that every store must do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Case {
    /// What the store must do, as the name of a test.
    pub name: &'static str,
    /// Tries it with an empty store, which is of no use afterwards.
    pub run: fn(&dyn Store) -> Verdict,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The case's name.
    pub case: &'static str,
    /// What the store did otherwise than it must; none where it passed.
    pub failure: Option<String>,
}

/// Runs every case, each with a store that `empty_store` makes, and reports on all of them.
///
/// A store that panics, or cannot be made, fails the case.
pub fn report(mut empty_store: impl FnMut() -> Result<Box<dyn Store>, StoreError>) -> Vec<Outcome> {
    let mut run = |case: &Case| -> Verdict {
        let store = empty_store()?;
        catch_unwind(AssertUnwindSafe(|| (case.run)(store.as_ref())))
            .unwrap_or_else(|_| Err(Failure::new("the store must not panic, it did")))
    };
    CASES
        .iter()
        .map(|case| Outcome { case: case.name, failure: run(case).err().map(|failure| failure.to_string()) })
        .collect()
}

/// Runs the case with this name, as a test does.
///
/// # Panics
/// When the store fails it.
#[track_caller]
pub fn test<S: Store>(name: &str, empty_store: impl FnOnce() -> S) {
    let Some(case) = CASES.iter().find(|case| case.name == name) else { panic!("there is no case {name}") };
    if let Err(failure) = (case.run)(&empty_store()) {
        panic!("{failure}");
    }
}

/// Makes one test of each case of the suite; takes a closure that makes an empty store.
#[macro_export]
macro_rules! store_conformance {
    ($empty_store:expr) => {
        $crate::__conformance_cases! { __conformance_tests { $empty_store } }
    };
}

/// The cases, listed once.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    ($callback:ident { $($argument:tt)* }) => {
        $crate::$callback! { { $($argument)* }
            round_trip: [
                trust_domains_come_back_as_written,
                ca_certificates_come_back_as_written,
                partners_come_back_as_written,
                partner_certificates_come_back_as_written,
                policy_groups_come_back_as_written,
                policies_come_back_as_written,
                policy_links_come_back_as_written,
                license_keys_come_back_as_written,
            ]
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ({ $empty_store:expr } $($module:ident: [$($case:ident,)+])+) => {
        $($(
            #[test]
            fn $case() {
                $crate::conformance::test(stringify!($case), $empty_store);
            }
        )+)+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_table {
    ({} $($module:ident: [$($case:ident,)+])+) => {
        /// Every case of the suite.
        pub const CASES: &[Case] = &[
            $($(Case { name: stringify!($case), run: cases::$module::$case },)+)+
        ];
    };
}

__conformance_cases! { __conformance_table {} }
