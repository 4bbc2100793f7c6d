//! What tests of misp-onboarding need: a test PKI, random chains, a clock set by hand, and engines ready to use.
#![forbid(unsafe_code)]

pub mod chains;
pub mod clock;
pub mod pki;
pub mod scenario;
