//! What tests of misp-onboarding need: the conformance suite that every store must pass, a checker of what a store
//! holds, commands that race, random commands on two stores at once, a test PKI, random chains, a clock set by hand, and
//! engines ready to use.
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]

pub mod chains;
pub mod clock;
pub mod commits;
pub mod conformance;
pub mod invariants;
pub mod model;
pub mod pki;
pub mod races;
pub mod scenario;
pub mod transfers;
