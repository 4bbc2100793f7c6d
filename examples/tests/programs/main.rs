//! Every example as a user runs it: a process with arguments, files and an exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be set up is a failed test")]

mod custom_store;
mod forward_events;
mod onboard;
mod remind;
mod service;
mod support;
mod transfer;
