//! Processes that race on one store, and processes and servers that are killed while they write.

use super::{Part, Step, count::cargo_test, postgres};
use crate::{require, run::cargo};

pub(super) const PART: Part = Part {
    name: "crashes",
    about: "Processes that race and processes and servers that are killed, on SQLite and PostgreSQL",
    needs: &[&require::C_COMPILER, &require::POSTGRESQL],
    prepare: postgres::prepare,
    steps: &[Step {
        name: "races and kills",
        // What the tests print is what they counted; a test of it that prints nothing shows nothing.
        command: |root| {
            cargo(root, &["test", "--no-fail-fast", "-p", "misp-onboarding-crashes", "--", "--show-output"])
        },
        count: cargo_test,
    }],
};
