//! Onboarding of MOSIP infrastructure providers (MISPs).
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod actor;
pub mod certificate;
mod decision;
pub mod error;
pub mod event;
pub mod id;
pub mod license_key;
pub mod list;
pub mod onboarding;
pub mod partner;
pub mod policy;
pub mod policy_link;
pub mod rules;
mod state;
pub mod store;
pub mod text;
pub mod time;
pub mod trust_store;

pub use actor::{Actor, Role};
pub use error::{Error, ErrorKind};
pub use onboarding::Onboarding;
pub use rules::Rules;
pub use time::{Clock, SystemClock, Timestamp};
