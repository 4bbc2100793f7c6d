//! Real processes on one store: some are killed while they write, some race each other. The tests look at what they
//! leave behind.
//!
//! Each process writes through a [`journal`], which tells on standard output what it is about to commit and what came
//! of it. What was told outlives the process, so the [`ledger`] knows which commits must be there afterwards, which
//! must not, and of which nobody can know, and compares the store with them to the last digit. What must hold of any
//! store is checked by `misp_onboarding_testkit::invariants`.
//!
//! A process that is killed loses nothing that it handed to the operating system. So these tests show that commits
//! are whole, in their order and told of only when they are done; they do not show that the disk keeps them when the
//! power fails. For that the stores rely on SQLite's `synchronous=FULL` and PostgreSQL's `fsync`.
#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "what these programs cannot set up is a failed test")]

pub mod journal;
pub mod ledger;
pub mod place;
pub mod process;
pub mod race;
pub mod supply;
pub mod work;
