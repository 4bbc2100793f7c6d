//! What tests of misp-onboarding need: a test PKI, random chains, a clock set by hand, engines ready to use, and the
//! suite that every store must pass.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod chains;
pub mod clock;
pub mod conformance;
pub mod pki;
pub mod scenario;
