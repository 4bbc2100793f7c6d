//! `cargo xtask test`: every test there is.

mod count;
mod crashes;
pub(crate) mod kotlin;
mod postgres;
pub(crate) mod python;
mod rust;

use std::{any::Any, path::Path, process::Command, process::ExitCode, time::Duration, time::Instant};

use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::{
    require::{Tool, ensure_present},
    run::stream,
    table,
};
use count::Counts;

/// Every part of the tests. A new language or store is one more line.
pub(crate) const PARTS: &[&Part] =
    &[&rust::PART, &postgres::PART, &crashes::PART, &kotlin::PART, &python::PART];

/// Tests that need the same tools.
pub(crate) struct Part {
    name: &'static str,
    about: &'static str,
    needs: &'static [&'static Tool],
    /// Gets ready what the steps need.
    prepare: fn(&Path) -> Result<Prepared>,
    steps: &'static [Step],
}

/// What was made ready for the steps of a part.
#[derive(Default)]
struct Prepared {
    /// Environment variables that the steps are run with.
    environment: Vec<(&'static str, String)>,
    /// What must live as long as the steps run, such as a server.
    alive: Option<Box<dyn Any>>,
}

/// One run of a test runner.
struct Step {
    name: &'static str,
    command: fn(&Path) -> Command,
    /// What a line of the runner's output adds to the counts.
    count: fn(&str) -> Option<Counts>,
}

/// How a step went.
struct Outcome {
    part: &'static str,
    step: &'static str,
    counts: Counts,
    time: Duration,
}

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    let mut only = Vec::new();
    while let Some(arg) = args.next()? {
        match arg {
            Short('h') | Long("help") => return crate::help(&help()),
            Long("only") => only.push(find_part(&args.value()?.string()?)?.name),
            other => return Err(other.unexpected().into()),
        }
    }
    let chosen = |part: &&&Part| only.is_empty() || only.contains(&part.name);
    let parts: Vec<_> = PARTS.iter().filter(chosen).copied().collect();
    let outcomes = run_parts(&parts, root)?;
    let total: Counts = outcomes.iter().map(|outcome| outcome.counts).sum();
    println!("\n{}\n{} passed, {} failed", summary(&outcomes), total.passed, total.failed);
    let good = total.failed == 0 && total.passed > 0;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The tools that the parts need.
pub(crate) fn needs(parts: &[&Part]) -> Vec<&'static Tool> {
    parts.iter().flat_map(|part| part.needs).copied().collect()
}

fn find_part(name: &str) -> Result<&'static Part> {
    let Some(part) = PARTS.iter().find(|part| part.name == name) else {
        bail!(
            "no part `{name}`; the parts are: {}",
            PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ")
        )
    };
    Ok(part)
}

fn help() -> String {
    let parts: String = PARTS.iter().map(|part| format!("  {:<10} {}\n", part.name, part.about)).collect();
    format!(
        "\
Run every test there is.

What a part needs and the machine lacks is installed from Debian's packages where that is allowed;
otherwise the command to run is shown.

Usage: cargo xtask test [--only <PART>]...

Options:
  --only <PART>  Run this part alone; may be given more than once

Parts:
{parts}"
    )
}

/// # Errors
///
/// A tool is missing, or a test runner cannot be run. Tests that fail are an outcome, not an error.
fn run_parts(parts: &[&Part], root: &Path) -> Result<Vec<Outcome>> {
    ensure_present(&needs(parts))?;
    let mut outcomes = Vec::new();
    for part in parts {
        let start = Instant::now();
        let prepared = match (part.prepare)(root) {
            Ok(prepared) => prepared,
            Err(error) => {
                eprintln!("error: cannot prepare the part `{}`: {error:#}", part.name);
                let counts = Counts::default().judged(false);
                outcomes.push(Outcome {
                    part: part.name,
                    step: "preparation",
                    counts,
                    time: start.elapsed(),
                });
                continue;
            }
        };
        for step in part.steps {
            outcomes.push(run_step(part, step, root, &prepared)?);
        }
        drop(prepared.alive);
    }
    Ok(outcomes)
}

fn run_step(part: &Part, step: &Step, root: &Path, prepared: &Prepared) -> Result<Outcome> {
    let start = Instant::now();
    let mut counts = Counts::default();
    let mut command = (step.command)(root);
    command.envs(prepared.environment.iter().map(|(name, value)| (*name, value)));
    let status = stream(&mut command, |line| counts += (step.count)(line).unwrap_or_default())?;
    let counts = counts.judged(status.success());
    Ok(Outcome { part: part.name, step: step.name, counts, time: start.elapsed() })
}

fn summary(outcomes: &[Outcome]) -> String {
    let rows: Vec<_> = outcomes
        .iter()
        .map(|Outcome { part, step, counts: Counts { passed, failed, ignored }, time }| {
            let numbers = [passed, failed, ignored].map(|count| count.to_string());
            let [passed, failed, ignored] = numbers;
            [part.to_string(), step.to_string(), passed, failed, ignored, table::duration(*time)]
        })
        .collect();
    table::render(["part", "step", "passed", "failed", "ignored", "time"], &rows, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_part_is_refused_with_the_known_ones() {
        let error = find_part("cobol").err().unwrap();
        assert!(error.to_string().starts_with("no part `cobol`; the parts are: rust"), "{error}");
        assert_eq!(find_part("rust").unwrap().name, "rust");
    }

    #[test]
    fn help_lists_every_part() {
        for part in PARTS {
            assert!(help().contains(part.about));
        }
    }

    const PART: Part =
        Part { name: "p", about: "", needs: &[], prepare: |_| Ok(Prepared::default()), steps: &[] };

    fn counts(command: fn(&Path) -> Command) -> Counts {
        let step = Step { name: "s", command, count: count::cargo_test };
        run_step(&PART, &step, Path::new("."), &Prepared::default()).unwrap().counts
    }

    #[test]
    fn a_step_adds_up_what_its_runner_prints() {
        let printed = counts(|_| {
            let mut command = Command::new("printf");
            command.arg(
                "test result: ok. 2 passed; 0 failed; 1 ignored;\n\
                 test result: ok. 3 passed; 0 failed; 0 ignored;",
            );
            command
        });
        assert_eq!(printed, Counts { passed: 5, failed: 0, ignored: 1 });
    }

    #[test]
    fn a_step_that_breaks_or_runs_nothing_fails() {
        let failed = Counts { failed: 1, ..Counts::default() };
        assert_eq!(counts(|_| Command::new("false")), failed);
        assert_eq!(counts(|_| Command::new("true")), failed);
    }

    #[test]
    fn steps_are_run_with_what_was_prepared() {
        let command = |_: &Path| {
            let mut command = Command::new("sh");
            command.args(["-c", "echo \"test result: ok. $PASSED passed; 0 failed; 0 ignored;\""]);
            command
        };
        let step = Step { name: "s", command, count: count::cargo_test };
        let prepared = Prepared { environment: vec![("PASSED", "7".to_owned())], alive: None };
        assert_eq!(run_step(&PART, &step, Path::new("."), &prepared).unwrap().counts.passed, 7);
    }

    #[test]
    fn a_part_that_cannot_be_prepared_fails_without_hiding_the_others() {
        const UNPREPARED: Part = Part { prepare: |_| bail!("no data"), ..PART };
        const STEPS: &[Step] =
            &[Step { name: "s", command: |_| Command::new("true"), count: count::cargo_test }];
        const NEXT: Part = Part { steps: STEPS, ..PART };
        let outcomes = run_parts(&[&UNPREPARED, &NEXT], Path::new(".")).unwrap();
        let steps: Vec<_> = outcomes.iter().map(|outcome| (outcome.step, outcome.counts.failed)).collect();
        assert_eq!(steps, [("preparation", 1), ("s", 1)]);
    }
}
