//! Programs that show the engine at work; run one with `cargo run --release --example NAME`.

/// Compiles the programs in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
