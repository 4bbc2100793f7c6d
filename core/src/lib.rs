//! Onboarding of MOSIP infrastructure providers (MISPs).
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod certificate;
pub mod time;

pub use time::{Clock, SystemClock, Timestamp};
