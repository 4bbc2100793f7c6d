//! The suite catches stores that are broken in one way each, and no case of it lets every one of them pass.
#![allow(clippy::unwrap_used)]

mod changes;
mod lists;
mod races;
mod reads;

use std::collections::BTreeSet;

use misp_onboarding::store::{MemoryStore, Store, StoreError};
use misp_onboarding_testkit::conformance::{self, CASES};

/// A way in which a store can be broken, and the cases that must notice.
pub(crate) struct Flaw {
    name: &'static str,
    store: fn() -> Box<dyn Store>,
    caught_by: &'static [&'static str],
}

/// Declares a store that does one thing wrong, over the in-memory one, which is field 0 of it. What it remembers is
/// field 1.
macro_rules! flaw {
    (
        $(#[$doc:meta])* $name:ident $(remembering $memory:ty)?, caught by [$($case:ident),+ $(,)?] {
            $($method:tt)*
        }
    ) => {
        $(#[$doc])*
        struct $name(misp_onboarding::store::MemoryStore, #[allow(dead_code, unused_parens)] ($($memory)?));

        impl $name {
            const FLAW: crate::Flaw = crate::Flaw {
                name: stringify!($name),
                store: || {
                    let store = Self(Default::default(), Default::default());
                    Box::new(misp_onboarding_testkit::conformance::Layered(store))
                },
                caught_by: &[$(stringify!($case)),+],
            };
        }

        impl misp_onboarding_testkit::conformance::Layer for $name {
            fn below(&self) -> &dyn misp_onboarding::store::Store {
                &self.0
            }

            $($method)*
        }
    };
}
pub(crate) use flaw;

/// Each case that should catch a flaw must fail with it.
pub(crate) fn all_caught(flaws: &[Flaw]) {
    let mut missed = Vec::new();
    for flaw in flaws {
        for name in flaw.caught_by {
            let case =
                CASES.iter().find(|case| case.name == *name).unwrap_or_else(|| panic!("no case {name}"));
            if (case.run)((flaw.store)().as_ref()).is_ok() {
                missed.push(format!("{name} lets {} pass", flaw.name));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn every_case_catches_a_flaw() {
    let flaws = [reads::FLAWS, changes::FLAWS, lists::FLAWS, races::FLAWS];
    let catching: BTreeSet<&str> =
        flaws.iter().copied().flatten().flat_map(|flaw| flaw.caught_by).copied().collect();
    let idle: Vec<&str> =
        CASES.iter().map(|case| case.name).filter(|name| !catching.contains(name)).collect();
    assert!(idle.is_empty(), "cases that no broken store fails: {idle:#?}");
}

#[test]
fn the_report_names_every_case_and_what_failed() {
    let outcomes = conformance::report(|| Ok(Box::new(MemoryStore::new())));
    assert_eq!(outcomes.len(), CASES.len());
    assert!(outcomes.iter().all(|outcome| outcome.failure.is_none()), "{outcomes:#?}");
}

#[test]
fn the_report_goes_on_after_a_store_that_cannot_be_made_or_panics() {
    let mut made = 0;
    let outcomes = conformance::report(|| {
        made += 1;
        match made % 2 {
            0 => Err(StoreError::unavailable("no disk")),
            _ => Ok((reads::PANICS.store)()),
        }
    });
    assert_eq!(outcomes.len(), CASES.len());
    let failure = |index: usize| outcomes[index].failure.clone().unwrap_or_default();
    assert!(failure(0).contains("must not panic"), "{}", failure(0));
    assert!(failure(1).contains("cannot answer now: no disk"), "{}", failure(1));
}
