//! Eight connections at once, beside PostgreSQL's own program for measuring.
//!
//! Both ask the same server for the same keys with the same prepared statement, over as many connections, each with a
//! thread of its own, and take turns of the same length. Whoever asks shares the processors with the server, so the
//! rate is that of a lookup with both its sides: what ours adds is the engine's work on a key and what the client library
//! takes more than libpq does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use misp_onboarding_postgres::FIND_BY_DIGEST;

use super::authenticate::{Presentation, Presented, authenticate};
use super::postgres::Server;
use super::subject::Subject;
use crate::row::Row;

const CONNECTIONS: usize = 8;
/// Our rate is to be 0.9 of pgbench's, so one of our lookups may take so many of its.
const BAR: f64 = 1.0 / 0.9;
/// pgbench can make up no digest by itself, so each key is a script of its own, which each connection prepares while the
/// time runs already: so few that this takes less than a hundredth of it.
const KEYS: usize = 8;
const ROUNDS: u32 = 5;

/// Both take turns; the best turn of each counts.
///
/// # Errors
/// One of them fails.
pub(super) fn measure(
    store: &str,
    subject: &Subject,
    server: Server<'_>,
    schema: &str,
    turn: Duration,
) -> Result<Row> {
    let case = format!("{store}, {}, authenticate, {CONNECTIONS} connections", subject.size());
    let Some(pgbench) = server.pgbench else {
        return Ok(Row::absent(case, "pgbench", "pgbench is not installed"));
    };
    let presentation = Presentation::of(subject, KEYS);
    let keys: Vec<_> = presentation.keys().collect();
    let scripts = tempfile::tempdir()?;
    for number in 0..keys.len() {
        let script = FIND_BY_DIGEST.replace("$1", &format!(":key{number}"));
        fs::write(script_of(scripts.path(), number), format!("{script};\n"))?;
    }
    let mut best: (f64, f64) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        best.0 = best.0.max(ours(subject, &keys, turn)?);
        best.1 = best.1.max(theirs((pgbench, scripts.path()), &keys, (server, schema), turn)?);
    }
    let (ours, theirs) = best;
    Ok(Row::of_times(case, 1e9 / ours, ("pgbench", 1e9 / theirs), Some(BAR))
        .with_amount(ours.round(), "keys a second"))
}

/// Keys a second.
fn ours(subject: &Subject, keys: &[Presented<'_>], turn: Duration) -> Result<f64> {
    let (begin, over) = (Barrier::new(CONNECTIONS + 1), AtomicBool::new(false));
    let work = |number: usize| -> Result<u64> {
        // Every connection is open and has prepared the statement before the time runs.
        let ready = keys.iter().copied().try_for_each(|key| authenticate(subject, key));
        begin.wait();
        ready?;
        let mut done = 0;
        for key in keys.iter().copied().cycle().skip(number * keys.len() / CONNECTIONS) {
            if over.load(Ordering::Relaxed) {
                break;
            }
            authenticate(subject, key)?;
            done += 1;
        }
        Ok(done)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|number| scope.spawn(move || work(number))).collect();
        begin.wait();
        let started = Instant::now();
        thread::sleep(turn);
        over.store(true, Ordering::Relaxed);
        let mut done = 0;
        for thread in threads {
            done += thread.join().map_err(|_| anyhow!("a thread panicked"))??;
        }
        Ok(done as f64 / started.elapsed().as_secs_f64())
    })
}

/// Keys a second that pgbench gets for the same statement and the same keys.
fn theirs(
    (pgbench, scripts): (&Path, &Path),
    keys: &[Presented<'_>],
    (server, schema): (Server<'_>, &str),
    turn: Duration,
) -> Result<f64> {
    let mut command = Command::new(pgbench);
    let connections = CONNECTIONS.to_string();
    command.args(["--no-vacuum", "-M", "prepared", "-c", &connections, "-j", &connections]);
    command.args(["-T", &turn.as_secs().max(1).to_string()]);
    for (number, key) in keys.iter().enumerate() {
        let digest: String = key.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        command.arg("-D").arg(format!("key{number}=\\x{digest}")).arg("-f").arg(script_of(scripts, number));
    }
    command.arg(server.url).env("PGOPTIONS", format!("-c search_path={schema} -c jit=off"));
    let output = command.stdin(Stdio::null()).output().context("cannot run pgbench")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench failed ({}):\n{said}", output.status);
    rate(&String::from_utf8_lossy(&output.stdout)).context("pgbench told no rate")
}

fn script_of(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number}.sql"))
}

/// The rate in what pgbench tells.
fn rate(told: &str) -> Option<f64> {
    let rate = told.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rate.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_rate_is_read_from_what_pgbench_tells() {
        let told = "latency average = 0.1 ms\ninitial connection time = 5 ms\n\
                    tps = 12345.678901 (without initial connection time)\n";
        assert_eq!(super::rate(told), Some(12_345.678_901));
        assert_eq!(super::rate("nothing"), None);
    }
}
