//! What must hold of a store's contents whatever happened before: crashes, races, a host's own store.
//!
//! [`check`] reads a whole store through the [`Store`] trait, as a host could, and tells everything that is wrong with
//! it: a change that is there in part, a key that outlived its partner, a name taken twice, a record that its events do
//! not explain, a version that skipped a number, a lookup that disagrees with a list.
//!
//! ```
//! use misp_onboarding_testkit::{invariants, scenario::Scenario};
//!
//! let scenario = Scenario::in_memory();
//! let partner = scenario.ready_partner("bank");
//! scenario.license_key(&partner, "production");
//! assert_eq!(invariants::check(scenario.onboarding.store())?, Vec::<String>::new());
//! # Ok::<(), misp_onboarding_testkit::conformance::Failure>(())
//! ```
//!
//! It takes for granted that the engine made the contents: records committed past it have no events.

mod certificates;
mod commits;
mod contents;
mod history;
mod license_keys;
mod lookups;
mod partners;
mod policies;
mod policy_links;

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use misp_onboarding::store::{RecordId, Store};

pub use contents::Contents;
use contents::Index;

use crate::conformance::Failure;
use history::History;

/// Everything that is wrong with what the store holds, one text for each; empty where all is well.
///
/// It reads every record and every event, lists page by page, and looks each record up again: some hundred thousand
/// records take seconds to minutes and fit in memory.
///
/// # Errors
/// The store cannot be read, or others keep changing it meanwhile.
pub fn check(store: &dyn Store) -> Result<Vec<String>, Failure> {
    let contents = Contents::read(store)?;
    let mut found = contents.violations();
    found.append(&mut lookups::violations(store, &contents)?);
    Ok(found)
}

impl Contents {
    /// Everything that is wrong with them, one text for each.
    pub fn violations(&self) -> Vec<String> {
        let mut violations = Violations::default();
        let history = History::follow(self, &mut violations);
        let index = Index::of(self);
        certificates::check(self, &index, &history, &mut violations);
        policies::check(self, &index, &history, &mut violations);
        partners::check(self, &index, &history, &mut violations);
        policy_links::check(self, &index, &history, &mut violations);
        license_keys::check(self, &index, &history, &mut violations);
        violations.found
    }
}

/// What was found wrong so far.
#[derive(Default)]
struct Violations {
    found: Vec<String>,
}

impl Violations {
    /// Takes down that something must hold of a record where it does not.
    fn must(&mut self, holds: bool, of: impl Display, what: impl Display) {
        if !holds {
            self.found.push(format!("{of}: {what}"));
        }
    }

    /// Takes down where what was found is not what is wanted.
    fn equal<T: PartialEq + Debug>(&mut self, of: impl Display, what: &str, found: T, wanted: T) {
        if found != wanted {
            self.found.push(format!("{of}: {what} must be {wanted:?}, found {found:?}"));
        }
    }

    /// Takes down each that has the same as another one before it.
    fn unique<K: Hash + Eq + Debug>(&mut self, what: &str, items: impl IntoIterator<Item = (RecordId, K)>) {
        let mut seen: HashMap<K, RecordId> = HashMap::new();
        for (of, key) in items {
            if let Some(other) = seen.get(&key) {
                self.found.push(format!("{of}: {what} must be its own, found {key:?} of {other} too"));
            } else {
                seen.insert(key, of);
            }
        }
    }
}
