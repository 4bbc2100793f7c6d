//! The project's own commands: `cargo xtask test`, `cargo xtask ci`, `cargo xtask bench`,
//! `cargo xtask fuzz`, `cargo xtask dist`, `cargo xtask semver`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]

mod bench;
mod ci;
mod dist;
mod fetch;
mod fuzz;
mod package;
mod require;
mod run;
mod semver;
mod table;
mod test;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

const HELP: &str = "\
The project's own commands.

Usage: cargo xtask <COMMAND> [--help]

Commands:
  test    Run every test there is
  ci      Run what CI runs: formatting, lints, features, documentation, dependencies, packages, fuzzing, tests
  bench   Measure the engine beside other libraries
  fuzz    Try to break the laws that parsers, path validation and the engine obey
  dist    Build what a release uploads: crates, wheel, source distribution and jar
  semver  Compare the public interface with the last release's
";

fn main() -> ExitCode {
    match command(lexopt::Parser::from_env()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(mut args: lexopt::Parser) -> Result<ExitCode> {
    use lexopt::prelude::*;
    let root = workspace_root()?;
    match args.next()? {
        Some(Value(name)) if name == "test" => test::command(args, &root),
        Some(Value(name)) if name == "ci" => ci::command(args, &root),
        Some(Value(name)) if name == "bench" => bench::command(args, &root),
        Some(Value(name)) if name == "fuzz" => fuzz::command(args, &root),
        Some(Value(name)) if name == "dist" => dist::command(args, &root),
        Some(Value(name)) if name == "semver" => semver::command(args, &root),
        Some(Value(name)) => bail!("no command `{}`; try `cargo xtask --help`", name.to_string_lossy()),
        None | Some(Short('h') | Long("help")) => help(HELP),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn help(text: &str) -> Result<ExitCode> {
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn workspace_root() -> Result<PathBuf> {
    let parent = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(parent.context("xtask has no folder above it")?.to_owned())
}
