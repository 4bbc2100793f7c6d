//! Programs that show the engine at work; run one with `cargo run --release --example NAME`.
