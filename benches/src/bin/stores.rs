//! Measures the stores and writes the ratios as JSON; `cargo xtask bench stores` shows them as a table.
#![allow(clippy::print_stderr, reason = "a command-line program talks to its terminal")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use misp_onboarding_benches::row::Row;
use misp_onboarding_benches::stores::population::{MAX_PARTNERS, Population};
use misp_onboarding_benches::stores::postgres::Server;
use misp_onboarding_benches::stores::{Effort, Run, memory, postgres, sqlite};

/// License keys of the large stores.
const KEYS: u32 = 1_000_000;
/// License keys of the small ones.
const FEW_KEYS: u32 = 1_000;
/// How long a turn takes: less than a busy machine leaves a program alone.
const TURN: Duration = Duration::from_millis(1);
/// How long a measurement takes.
const MEASUREMENT: Duration = Duration::from_millis(700);
/// How long a turn of eight connections takes.
const CONCURRENT: Duration = Duration::from_secs(4);

struct Options {
    output: PathBuf,
    keys: u32,
    only: Option<String>,
    measurement: Duration,
    /// Where PostgreSQL is, or why it is nowhere.
    postgres: Result<String, String>,
    pgbench: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = options()?;
    let folder = options.output.with_extension("");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let run = Run {
        small: Population { keys: FEW_KEYS, partners: MAX_PARTNERS },
        large: Population { keys: options.keys, partners: MAX_PARTNERS },
        effort: Effort { turn: TURN, whole: options.measurement },
        concurrent: CONCURRENT,
        folder,
    };
    let asked = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    let mut rows = Vec::new();
    // The memory store first: what it takes is told from what the process has.
    if asked("memory") {
        eprintln!("memory");
        rows.extend(memory::measure(&run)?);
    }
    if asked("sqlite") {
        eprintln!("SQLite");
        rows.extend(sqlite::measure(&run)?);
    }
    if asked("postgres") {
        eprintln!("PostgreSQL");
        match &options.postgres {
            Ok(url) => {
                let server = Server { url, pgbench: options.pgbench.as_deref() };
                rows.extend(postgres::measure(server, &run)?);
            }
            Err(reason) => rows.push(Row::absent("PostgreSQL", "", reason)),
        }
    }
    let json = serde_json::to_string_pretty(&rows)?;
    fs::write(&options.output, json).with_context(|| format!("cannot write {}", options.output.display()))
}

fn options() -> Result<Options> {
    use lexopt::prelude::*;
    let mut options = Options {
        output: PathBuf::new(),
        keys: KEYS,
        only: None,
        measurement: MEASUREMENT,
        // Not an option, as it may hold a password, and every user sees the options of every process.
        postgres: std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set".to_owned()),
        pgbench: None,
    };
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("output") => options.output = args.value()?.into(),
            Long("keys") => options.keys = args.value()?.parse()?,
            Long("only") => options.only = Some(args.value()?.string()?),
            Long("milliseconds") => options.measurement = Duration::from_millis(args.value()?.parse()?),
            Long("pgbench") => options.pgbench = Some(args.value()?.into()),
            Long("no-postgres") => options.postgres = Err(args.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.output.as_os_str().is_empty() {
        bail!("--output is needed: the file to write");
    }
    if options.keys < FEW_KEYS {
        bail!("at least {FEW_KEYS} keys are needed, found {}", options.keys);
    }
    Ok(options)
}
