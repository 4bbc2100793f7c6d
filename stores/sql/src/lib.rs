//! What the SQL stores of `misp-onboarding` share: how a page of a list becomes statements, and
//! records and rows become each other.
//!
//! This crate is a part of `misp-onboarding-sqlite` and `misp-onboarding-postgres` and changes with them. It knows no
//! database driver: it makes the text of statements and the values that go with them, and reads rows through [`Row`].
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod certificates;
pub mod events;
pub mod license_keys;
mod list;
pub mod partners;
mod place;
pub mod policies;
pub mod policy_links;
mod row;
mod statement;
mod table_row;
pub mod tables;
pub mod words;

use misp_onboarding::store::StoreError;

use list::{Conditions, Order};
pub use row::{Fields, Row};
pub use statement::{Builder, Dialect, Statement, Value};
pub use table_row::{Cell, Copied, Otherwise, TableRow};

/// Something that this version of the stores does not know: a later version of the engine added it.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a {0} known to the store is needed, found a newer one")]
pub struct Unsupported(pub &'static str);

impl From<Unsupported> for StoreError {
    fn from(error: Unsupported) -> Self {
        Self::backend(error)
    }
}

/// The list cannot be had in a way that a later version of the engine asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsupportedSortKey;

impl From<UnsupportedSortKey> for StoreError {
    fn from(_: UnsupportedSortKey) -> Self {
        Unsupported("sort key").into()
    }
}
