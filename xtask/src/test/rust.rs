//! The workspace's own tests, and the engine's once more for each choice of cryptography.

use std::{path::Path, process::Command};

use super::{Part, Prepared, Step, count::cargo_test};
use crate::{fetch, require, run::cargo};

pub(super) const PART: Part = Part {
    name: "rust",
    about: "Unit, integration and documentation tests of the crates that need no server, JDK or Python",
    needs: &[&require::C_COMPILER, &require::GIT, &require::OPENSSL, &require::PYTHON],
    prepare: |root| fetch::PKITS.fetch(root).map(|_| Prepared::default()),
    steps: &[
        Step { name: "default crates", command: |root| test(root, &[]), count: cargo_test },
        Step {
            name: "engine with ring",
            command: |root| {
                test(root, &["-p", "misp-onboarding", "--no-default-features", "--features", "ring"])
            },
            count: cargo_test,
        },
        Step {
            name: "engine with all features",
            command: |root| test(root, &["-p", "misp-onboarding", "--all-features"]),
            count: cargo_test,
        },
    ],
};

fn test(root: &Path, choice: &[&str]) -> Command {
    let mut command = cargo(root, &["test", "--no-fail-fast"]);
    command.args(choice);
    command
}
