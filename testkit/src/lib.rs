//! What the engine and its stores are tested with.
//!
//! [`conformance`] is the suite that every store must pass, with sample records.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod conformance;
