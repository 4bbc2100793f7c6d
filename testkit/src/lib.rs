//! What tests of misp-onboarding need: a test PKI and a clock set by hand.
#![forbid(unsafe_code)]

pub mod clock;
pub mod pki;
