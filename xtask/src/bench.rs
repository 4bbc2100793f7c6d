//! `cargo xtask bench`: how long the engine takes, beside the libraries a host would otherwise pick.

mod certificates;

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};
use lexopt::prelude::*;

const HELP: &str = "\
Measure the engine beside other libraries, all in one run, and show the ratios.

Usage: cargo xtask bench <COMMAND> [--help]

Commands:
  certificates  Validation of certificates
";

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    match args.next()? {
        Some(Value(name)) if name == "certificates" => certificates::command(args, root),
        Some(Value(name)) => {
            bail!("no benchmark `{}`; the benchmarks are: certificates", name.to_string_lossy())
        }
        None | Some(Short('h') | Long("help")) => crate::help(HELP),
        Some(other) => Err(other.unexpected().into()),
    }
}
