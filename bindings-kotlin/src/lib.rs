//! The engine for Kotlin and Java, by way of UniFFI.
//!
//! Types and errors are converted and nothing else is done here. Records and enumerations of the engine that UniFFI can
//! take as they are, it takes as they are (`remote`); the others have a mirror. What Kotlin sees as documentation is
//! what is written here.
#![allow(
    clippy::result_large_err,
    clippy::large_enum_variant,
    reason = "errors and answers are serialized at once; UniFFI takes no boxes in their place"
)]

pub mod certificate;
mod convert;
pub mod direct;
pub mod engine;
pub mod error;
pub mod event;
pub mod license_key;
pub mod list;
pub mod partner;
pub mod policy;
pub mod policy_link;
pub mod rules;
pub mod store;
pub mod testing;
pub mod text;
pub mod transfer;
pub mod trust_store;
mod write;

uniffi::setup_scaffolding!("misp_onboarding");
