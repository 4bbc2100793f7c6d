//! What tests of misp-onboarding need: a test PKI, random chains, and a clock set by hand.
#![forbid(unsafe_code)]

pub mod chains;
pub mod clock;
pub mod pki;
