//! Programs that show the engine at work; run one with `cargo run --release --example NAME`.

use std::error::Error;
use std::process::ExitCode;

/// How a program ends: with what went wrong, and why, on the error output where it failed.
#[allow(clippy::print_stderr, reason = "a command-line program talks to its terminal")]
pub fn exit(result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("error: {}", with_causes(&*error));
    ExitCode::FAILURE
}

/// What an error says, and what the errors that caused it say.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Compiles the programs in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
