//! How long the engine takes, beside the libraries a host would otherwise pick.
//!
//! `cargo xtask bench certificates` measures all of them in one run, taking turns, so that what slows the machine
//! down slows all of them; only the ratios mean something. `cargo xtask bench stores` does the same for the stores, with
//! few license keys and with a million. `cargo bench -p misp-onboarding-benches` measures the
//! engine alone, for those who change it.
#![allow(clippy::missing_errors_doc, reason = "whatever fails ends the measurement with its message")]

pub mod certificates;
pub mod contender;
pub mod row;
pub mod stores;
