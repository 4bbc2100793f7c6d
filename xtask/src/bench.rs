//! `cargo xtask bench`: how long the engine takes, beside the libraries a host would otherwise pick.

mod certificates;
mod kotlin;
mod python;
mod rows;
mod stores;

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};
use lexopt::prelude::*;

const HELP: &str = "\
Measure the engine beside what a host would otherwise use, all in one run, and show the ratios.

Usage: cargo xtask bench <COMMAND> [--help]

Commands:
  certificates  Validation of certificates, beside other libraries
  kotlin        Calls from Kotlin, beside Rust and Java's own PKIX
  python        Calls from Python, beside the same calls from Rust
  stores        The stores, beside bare lookups and with few keys and many
";

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    match args.next()? {
        Some(Value(name)) if name == "certificates" => certificates::command(args, root),
        Some(Value(name)) if name == "kotlin" => kotlin::command(args, root),
        Some(Value(name)) if name == "python" => python::command(args, root),
        Some(Value(name)) if name == "stores" => stores::command(args, root),
        Some(Value(name)) => {
            bail!(
                "no benchmark `{}`; the benchmarks are: certificates, kotlin, python, stores",
                name.to_string_lossy()
            )
        }
        None | Some(Short('h') | Long("help")) => crate::help(HELP),
        Some(other) => Err(other.unexpected().into()),
    }
}
