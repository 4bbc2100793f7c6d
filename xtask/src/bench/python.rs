//! `cargo xtask bench python`: calls from Python, beside the same calls from Rust.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};
use lexopt::prelude::*;

use super::rows;
use crate::{
    require::{C_COMPILER, PYTHON, ensure_present},
    run::run,
    test::python::{environment, pip},
};

const HELP: &str = "\
Measure calls from Python beside the same calls from Rust, in one process and in turns, and show the ratios
in one table; and say how large the wheel is.

Eight threads shall validate certificates, and find license keys in SQLite, on every core. In the store in memory a
key is found in less time than it takes to hand the interpreter's lock from one thread to another: that row has no bar.

A bar that is missed is shown and does not fail the command. The numbers are written to
target/bench/python.json too.

Usage: cargo xtask bench python [--rounds <NUMBER>]

Options:
  --rounds <NUMBER>  How many turns each of the two takes; 100 unless told
";

pub(super) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    let mut rounds = 100;
    while let Some(arg) = args.next()? {
        match arg {
            Short('h') | Long("help") => return crate::help(HELP),
            Long("rounds") => rounds = args.value()?.parse::<u32>()?,
            other => return Err(other.unexpected().into()),
        }
    }
    ensure_present(&[&C_COMPILER, &PYTHON])?;
    let python = environment(root)?;
    let folder = root.join("target/bench/python");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).context("cannot create target/bench")?;
    let package = root.join("bindings-python");
    run(Command::new(python.with_file_name("maturin"))
        .args(["build", "--quiet", "--locked", "--release", "--out"])
        .arg(&folder)
        .current_dir(&package))?;
    // Beside the environment of the tests, which may be at work.
    let installed = folder.join("installed");
    run(pip(&python)
        .args(["--no-deps", "--no-index", "--find-links"])
        .arg(&folder)
        .arg("--target")
        .arg(&installed)
        .arg("misp-onboarding"))?;

    let output = root.join("target/bench/python.json");
    run(Command::new(&python)
        .arg(package.join("benches/calls.py"))
        .arg(&output)
        .arg(rounds.to_string())
        .env("PYTHONPATH", &installed))?;
    let rows = rows::read(&output)?;
    println!("\n{}\n{}\n{}", rows::show(&rows, "counted"), rows::summary(&rows), size(&folder)?);
    Ok(ExitCode::SUCCESS)
}

/// What the wheel weighs.
fn size(folder: &Path) -> Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder).context("cannot list what was built")? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "whl") {
            let bytes = entry.metadata()?.len();
            text += &format!("{}: {:.1} MB", entry.file_name().to_string_lossy(), bytes as f64 / 1e6);
        }
    }
    Ok(text)
}
