//! Contenders in other languages: programs that take their turns when asked.
//!
//! The program gets the folder of the scenarios and the instant as its arguments. For each line `slug first count`
//! on its standard input it validates those leaves and writes one line of JSON: `{"ns": 1}` with the time it took by
//! its own clock, or `{"error": "..."}`.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use super::{Contender, Turn};
use crate::certificates::Scenario;

/// A running program.
#[derive(Debug)]
pub struct Process {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Ns(u64),
    Error(String),
}

impl Process {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {name}"))?;
        let requests = child.stdin.take().context("no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("no standard output")?);
        Ok(Self { child, requests, answers })
    }

    fn ask(&mut self, slug: &str, turn: Turn) -> Result<Duration> {
        writeln!(self.requests, "{slug} {} {}", turn.first, turn.count)?;
        self.requests.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        match serde_json::from_str(&line).with_context(|| format!("not an answer: {line:?}"))? {
            Answer::Ns(time) => Ok(Duration::from_nanos(time)),
            Answer::Error(error) => Err(anyhow!(error)),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing is left to be done where it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program as a contender, warmed up by `warm_up` leaves.
pub fn process<'a>(
    name: &str,
    process: &'a RefCell<Process>,
    scenario: &Scenario,
    warm_up: usize,
) -> Result<Contender<'a>> {
    let slug = scenario.slug();
    process
        .borrow_mut()
        .ask(&slug, Turn { first: 0, count: warm_up })
        .with_context(|| format!("{name}, {slug}"))?;
    Ok(Contender::elsewhere(name, move |turn| process.borrow_mut().ask(&slug, turn)))
}
