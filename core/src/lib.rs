//! Onboarding of MOSIP infrastructure providers (MISPs).
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod actor;
pub mod certificate;
pub mod event;
pub mod id;
pub mod license_key;
pub mod list;
pub mod partner;
pub mod policy;
pub mod policy_link;
mod state;
pub mod store;
pub mod text;
pub mod time;
pub mod trust_store;

pub use actor::{Actor, Role};
pub use time::{Clock, SystemClock, Timestamp};
