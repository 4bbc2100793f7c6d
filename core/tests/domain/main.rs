//! The rules of the onboarding guide, chapter by chapter, at both sides of each boundary, through the public API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actors;
mod authentication;
mod bad_input;
mod certificates;
mod events;
mod guarantees;
mod import;
mod license_keys;
mod lists;
mod partners;
mod policies;
mod policy_links;
mod trust_store;

use misp_onboarding::{Error, ErrorKind};

/// The code of the error that a call fails with.
fn code<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => panic!("the call must fail"),
        Err(error) => error.code(),
    }
}

/// Kind and code of the error that a call fails with.
fn kind<T>(result: Result<T, Error>) -> (ErrorKind, &'static str) {
    match result {
        Ok(_) => panic!("the call must fail"),
        Err(error) => (error.kind(), error.code()),
    }
}

/// The codes of the fields that a call names as invalid.
fn field_codes<T>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::InvalidInput(invalid)) => invalid.fields().iter().map(|field| field.code()).collect(),
        Err(error) => panic!("invalid input expected, found {error}"),
        Ok(_) => panic!("the call must fail"),
    }
}
