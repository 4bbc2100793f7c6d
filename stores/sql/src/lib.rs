//! What the SQL stores of `misp-onboarding` share: how a page of the list of license keys becomes statements.
//!
//! This crate is a part of `misp-onboarding-sqlite` and `misp-onboarding-postgres` and changes with them. It knows no
//! database driver: it makes the text of statements and the values that go with them.
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod license_keys;
mod statement;
mod words;

pub use statement::{Builder, Dialect, Statement, Value};
pub use words::END;

/// The list cannot be had in a way that a later version of the engine asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsupportedSortKey;
