//! The cases, by what they are about.

pub(super) mod authentication;
pub(super) mod boundaries;
pub(super) mod commits;
pub(super) mod concurrency;
pub(super) mod event_log;
pub(super) mod filters;
pub(super) mod long_list;
pub(super) mod lookups;
pub(super) mod model;
pub(super) mod paging;
pub(super) mod round_trip;
pub(super) mod uniqueness;
