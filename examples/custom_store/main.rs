//! A store of one's own: records in memory, every commit a line of JSON in a file.
//!
//! `cargo run --example custom_store -- FILE` creates one more policy group in the file and lists what is there.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command-line program talks to its terminal")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "what cannot be set up is a failed test"))]

mod reads;
mod store;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use misp_onboarding::list::ListRequest;
use misp_onboarding::policy::NewPolicyGroup;
use misp_onboarding::{Actor, Onboarding, Role};
use store::JournalStore;

fn main() -> ExitCode {
    misp_onboarding_examples::exit(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("name the file to keep the records in")?;
    let onboarding = Onboarding::builder(Arc::new(JournalStore::open(path.as_ref())?)).build()?;
    let manager = Actor::new("max".parse()?, [Role::PolicyManager]);

    let there = onboarding.list_policy_groups(&manager, &ListRequest::default().counted())?;
    let name = format!("Group {}", there.total.unwrap_or(0) + 1);
    let description = "Made to be found again the next time".to_owned();
    onboarding.create_policy_group(&manager, &NewPolicyGroup { name, description })?;

    for group in onboarding.list_policy_groups(&manager, &ListRequest::default())?.items {
        println!("{} is {} since {}", group.name, group.state, group.created_at);
    }
    Ok(())
}

/// What a store must do, whatever it is made of: one line in its tests.
#[cfg(test)]
mod conformance {
    use misp_onboarding_testkit::conformance::Guarded;

    use super::JournalStore;

    misp_onboarding_testkit::store_conformance!(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = JournalStore::open(&folder.path().join("journal")).unwrap();
        Guarded::new(store, folder)
    });
}
