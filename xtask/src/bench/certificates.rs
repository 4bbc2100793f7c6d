//! `cargo xtask bench certificates`: validation of certificates.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    process::ExitCode,
};

use anyhow::{Context, Result};
use lexopt::prelude::*;

use super::rows;
use crate::{
    fetch,
    require::{C_COMPILER, JDK, LIBSSL, PYTHON, Tool, ensure_present},
    run::{cargo, run},
};

const HELP: &str = "\
Measure the validation of certificates beside other libraries, and show the ratios in one table.

What the others need is installed where that is allowed; a library that cannot be measured is listed
with the reason. A bar that is missed is shown and does not fail the command. The numbers are written to
target/bench/certificates.json too.

Usage: cargo xtask bench certificates [--rounds <NUMBER>] [--cold]

Options:
  --rounds <NUMBER>  How many turns each library takes; 200 unless told
  --cold             Start every turn with cold caches instead of after as many other certificates
";

/// The Python package that is measured.
const CRYPTOGRAPHY: &str = "cryptography==50.0.2";

pub(super) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    let mut rounds = None;
    let mut cold = false;
    while let Some(arg) = args.next()? {
        match arg {
            Short('h') | Long("help") => return crate::help(HELP),
            Long("cold") => cold = true,
            Long("rounds") => rounds = Some(args.value()?.parse::<u32>()?),
            other => return Err(other.unexpected().into()),
        }
    }
    ensure_present(&[&C_COMPILER])?;
    let output = root.join("target/bench/certificates.json");
    fs::create_dir_all(output.with_extension("")).context("cannot create target/bench")?;

    let mut build = cargo(root, &["run", "--release", "--package", "misp-onboarding-benches"]);
    build.args(["--bin", "certificates"]);
    let mut told = Vec::new();
    match optional(&LIBSSL) {
        Ok(()) => drop(build.args(["--features", "openssl"])),
        Err(reason) => told.extend(["--no-openssl".to_owned(), reason]),
    }
    told.extend(
        match optional(&PYTHON).and_then(|()| cryptography(root).map_err(|error| format!("{error:#}"))) {
            Ok(python) => ["--python".to_owned(), python.display().to_string()],
            Err(reason) => ["--no-python".to_owned(), reason],
        },
    );
    told.extend(match optional(&JDK) {
        Ok(()) => ["--java".to_owned(), "java".to_owned()],
        Err(reason) => ["--no-java".to_owned(), reason],
    });
    build.arg("--").arg("--output").arg(&output).args(told);
    if let Some(rounds) = rounds {
        build.args(["--rounds", &rounds.to_string()]);
    }
    if cold {
        build.arg("--cold");
    }
    run(&mut build)?;

    println!("\n{}", rows::show(&rows::read(&output)?, "allocations"));
    Ok(ExitCode::SUCCESS)
}

/// Installs a tool that only one yardstick needs; the error says why that yardstick is not measured.
fn optional(tool: &Tool) -> Result<(), String> {
    ensure_present(&[tool]).map_err(|error| {
        eprintln!("{error:#}");
        format!("needs {}, which is not there", tool.name)
    })
}

/// A Python that has the package.
fn cryptography(root: &Path) -> Result<PathBuf> {
    let python = fetch::python(root)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"])
        .arg(CRYPTOGRAPHY))?;
    Ok(python)
}
