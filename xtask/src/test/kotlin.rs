//! The Maven artifact's tests: they run from the jar that Maven has packed.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{Part, Step, count::maven, postgres};
use crate::require;

pub(super) const PART: Part = Part {
    name: "kotlin",
    about: "Tests of the Kotlin binding, from the packed jar",
    needs: &[&require::C_COMPILER, &require::JDK, &require::MAVEN, &require::POSTGRESQL],
    prepare: postgres::prepare,
    steps: &[Step {
        name: "Maven artifact",
        command: |root| {
            let mut command = maven_in(root);
            command.arg("verify");
            command
        },
        count: maven,
    }],
};

/// Maven, in the artifact's folder.
pub(crate) fn maven_in(root: &Path) -> Command {
    let mut command = Command::new("mvn");
    command.current_dir(root.join("bindings-kotlin")).args(["--batch-mode", "--no-transfer-progress"]);
    without_cargo(&mut command);
    command
}

/// The jar that Maven packs. The artifact and this program have one version, as a test holds.
pub(crate) fn jar(root: &Path) -> PathBuf {
    root.join("bindings-kotlin/target").join(concat!("misp-onboarding-", env!("CARGO_PKG_VERSION"), ".jar"))
}

/// Cargo puts its own folders on the path to libraries, and a library that is found there comes before that in the jar.
pub(crate) fn without_cargo(command: &mut Command) {
    command.env_remove("LD_LIBRARY_PATH");
}
