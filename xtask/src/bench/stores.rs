//! `cargo xtask bench stores`: the stores, with few license keys and with a million.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;
use misp_onboarding_testserver::{Server, installed};

use super::rows;
use crate::{
    require::{C_COMPILER, POSTGRESQL, ensure_present},
    run::{cargo, run},
};

const HELP: &str = "\
Measure the stores with 1,000 and 1,000,000 license keys over 10,000 partners: authentication beside the
bare lookup, every list beside itself with few keys, generating, importing, memory; and show the ratios in
one table.

PostgreSQL is the server at DATABASE_URL or, where that is not set, one of its own. Filled databases are kept
below target/bench/stores (in schemas that begin with `bench_` on a server of yours), so that only the first
run fills them. A bar that is missed is shown and does not fail the command. The numbers are written to
target/bench/stores.json too.

Usage: cargo xtask bench stores [--keys <NUMBER>] [--only <STORE>] [--milliseconds <NUMBER>]

Options:
  --keys <NUMBER>          License keys of the large stores, 1,000 or more; 1,000,000 unless told
  --only <STORE>           One of memory, sqlite, postgres; all unless told
  --milliseconds <NUMBER>  How long each measurement takes; 700 unless told
";

const STORES: [&str; 3] = ["memory", "sqlite", "postgres"];
/// The variable that names a server to use instead of one of our own.
const DATABASE_URL: &str = "DATABASE_URL";
/// Statistics and dead rows are seen to when a database is filled; nothing is to run in between. A cache of a
/// quarter of a small machine's memory, as PostgreSQL's manual has it.
const SETTINGS: &[&str] =
    &["autovacuum=off", "shared_buffers=512MB", "max_wal_size=4GB", "max_connections=50"];

pub(super) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    let mut told = Vec::new();
    let mut only = None;
    while let Some(arg) = args.next()? {
        match arg {
            Short('h') | Long("help") => return crate::help(HELP),
            Long("keys") => told.extend(["--keys".to_owned(), args.value()?.parse::<u32>()?.to_string()]),
            Long("milliseconds") => {
                told.extend(["--milliseconds".to_owned(), args.value()?.parse::<u32>()?.to_string()]);
            }
            Long("only") => {
                let store = args.value()?.string()?;
                if !STORES.contains(&store.as_str()) {
                    bail!("no store `{store}`; the stores are: {}", STORES.join(", "));
                }
                told.extend(["--only".to_owned(), store.clone()]);
                only = Some(store);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    ensure_present(&[&C_COMPILER])?;
    let output = root.join("target/bench/stores.json");
    let folder = output.with_extension("");
    fs::create_dir_all(&folder).context("cannot create target/bench")?;

    let mut build = cargo(root, &["run", "--release", "--package", "misp-onboarding-benches"]);
    build.args(["--bin", "stores", "--"]).arg("--output").arg(&output).args(told);
    // Stopped when it is dropped, after the benchmark.
    let mut server = None;
    if only.is_none_or(|only| only == "postgres") {
        if env::var_os(DATABASE_URL).is_none() {
            match start(&folder.join("postgres")) {
                Ok(started) => drop(build.env(DATABASE_URL, server.insert(started).url())),
                Err(reason) => drop(build.arg("--no-postgres").arg(format!("{reason:#}"))),
            }
        }
        build.args(pgbench().into_iter().flat_map(|program| ["--pgbench".into(), program.into_os_string()]));
    }
    run(&mut build)?;

    let rows = rows::read(&output)?;
    println!("\n{}\n{}", rows::show(&rows, "counted"), rows::summary(&rows));
    Ok(ExitCode::SUCCESS)
}

/// A server whose data is kept or, where it has no access to the folder, one whose data is not.
fn start(folder: &Path) -> Result<Server> {
    ensure_present(&[&POSTGRESQL])?;
    Server::open(folder, SETTINGS).or_else(|reason| {
        eprintln!("{reason:#}; the database will be filled again next time");
        Server::start(folder, SETTINGS)
    })
}

/// In the folder of the server's programs, or in the PATH of a machine that only has the client's.
fn pgbench() -> Option<PathBuf> {
    installed("pgbench").or_else(|| {
        let paths = env::var_os("PATH")?;
        env::split_paths(&paths).map(|folder| folder.join("pgbench")).find(|program| program.exists())
    })
}
