//! The cases, by what they are about.

pub(super) mod round_trip;
