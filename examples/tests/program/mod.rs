//! The examples, built as the README says.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The example's program. After a `cargo test` of the workspace there is nothing left to build.
pub(crate) fn built(example: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--example", example, "--message-format", "json"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = cargo.current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).unwrap();
    let messages = messages.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let program = messages.into_iter().find(|message| message["target"]["name"] == example).unwrap();
    program["executable"].as_str().unwrap().into()
}
