//! The Maven artifact's tests: they run from the jar that Maven has packed.

use std::process::Command;

use super::{Part, Prepared, Step, count::maven};
use crate::require;

pub(super) const PART: Part = Part {
    name: "kotlin",
    about: "Tests of the Kotlin binding, from the packed jar",
    needs: &[&require::C_COMPILER, &require::JDK, &require::MAVEN],
    prepare: |_| Ok(Prepared::default()),
    steps: &[Step {
        name: "Maven artifact",
        command: |root| {
            let mut command = Command::new("mvn");
            command.current_dir(root.join("bindings-kotlin")).args([
                "--batch-mode",
                "--no-transfer-progress",
                "verify",
            ]);
            command
        },
        count: maven,
    }],
};
