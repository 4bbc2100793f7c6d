//! `cargo xtask fuzz`: the laws of `fuzz/`, tried for a while on input that coverage guides.

mod report;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use lexopt::prelude::*;

use crate::{
    require::{C_COMPILER, CXX_COMPILER, Tool, ensure_present},
    run::{announce, cargo, run},
};
use report::{Outcome, Statistics};

/// Every target: a file in `fuzz/fuzz_targets`, and what its law is about.
const TARGETS: &[(&str, &str)] = &[
    ("certificate_files", "certificate files in every form, inspect and upload"),
    ("path_validation", "paths in random PKIs with defects"),
    ("distinguished_names", "comparing and showing names"),
    ("license_keys", "the form of license keys"),
    ("list_cursors", "cursors of every list"),
    ("policy_documents", "policy documents"),
    ("rules", "the configuration, JSON and TOML"),
    ("commands", "sequences of commands, a model and the invariants of a store"),
];

/// What they are built and run with.
pub(crate) const NEEDS: &[&Tool] = &[&C_COMPILER, &CXX_COMPILER];

/// How long CI tries each target.
const SECONDS: u32 = 10;

/// Counters at every edge, and the operands of every comparison: what libFuzzer needs to see. All of it is stable, and
/// what `cargo fuzz --sanitizer none` builds with (ADR-0015).
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1";

/// What is tried, and for how long.
struct Plan {
    targets: Vec<&'static str>,
    seconds: u32,
    /// Where libFuzzer's random numbers begin; of itself it begins elsewhere each time.
    seed: Option<u32>,
}

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    let mut plan = Plan { targets: Vec::new(), seconds: SECONDS, seed: None };
    while let Some(arg) = args.next()? {
        match arg {
            Short('h') | Long("help") => return crate::help(&help()),
            Long("target") => plan.targets.push(find_target(&args.value()?.string()?)?),
            Long("seconds") => plan.seconds = args.value()?.parse()?,
            Long("seed") => plan.seed = Some(args.value()?.parse()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if plan.targets.is_empty() {
        plan.targets = all();
    }
    plan.carry_out(root)?;
    Ok(ExitCode::SUCCESS)
}

/// What CI does: the same random numbers each time, so that a commit that passed goes on passing.
pub(crate) fn briefly(root: &Path) -> Result<()> {
    Plan { targets: all(), seconds: SECONDS, seed: Some(1) }.carry_out(root)
}

/// Lints the targets as the workspace is linted.
pub(crate) fn lint(root: &Path) -> Result<()> {
    run(&mut cargo(root, &["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
    run(covered(root, "clippy", &host()?).args(["--", "-D", "warnings"]))
}

fn all() -> Vec<&'static str> {
    TARGETS.iter().map(|(name, _)| *name).collect()
}

fn find_target(name: &str) -> Result<&'static str> {
    let Some((name, _)) = TARGETS.iter().find(|(known, _)| *known == name) else {
        bail!("no target `{name}`; the targets are: {}", all().join(", "))
    };
    Ok(name)
}

fn help() -> String {
    let targets: String = TARGETS.iter().map(|(name, about)| format!("  {name:<20} {about}\n")).collect();
    format!(
        "\
Try to break the laws of fuzz/, one target after another.

Inputs that reach something new are kept in target/fuzz/corpus and begun with the next time; an input that breaks a
law goes to target/fuzz/artifacts.

Usage: cargo xtask fuzz [--target <NAME>]... [--seconds <N>] [--seed <N>]

Options:
  --target <NAME>  Only this target; may be given more than once
  --seconds <N>    How long each target is tried; by default {SECONDS}
  --seed <N>       Where libFuzzer's random numbers begin, for a run that can be repeated

Targets:
{targets}"
    )
}

impl Plan {
    /// # Errors
    ///
    /// A tool is missing, something cannot be built or run, or a law is broken.
    fn carry_out(&self, root: &Path) -> Result<()> {
        ensure_present(NEEDS)?;
        let programs = self.build(root)?;
        let mut outcomes = Vec::new();
        for target in &self.targets {
            let folder = root.join("target/fuzz");
            outcomes.push(self.attempt(target, &programs.join(target), &folder)?);
        }
        println!("\n{}", report::table(&outcomes));
        let broken: Vec<_> =
            outcomes.iter().filter(|outcome| !outcome.passed).map(|outcome| outcome.target).collect();
        ensure!(broken.is_empty(), "broken: {}", broken.join(", "));
        Ok(())
    }

    /// Builds the targets and says where they are.
    fn build(&self, root: &Path) -> Result<PathBuf> {
        let host = host()?;
        let mut command = covered(root, "build", &host);
        for target in &self.targets {
            command.args(["--bin", target]);
        }
        run(&mut command)?;
        Ok(root.join("target/fuzz").join(host).join("release"))
    }

    fn attempt(&self, target: &'static str, program: &Path, folder: &Path) -> Result<Outcome> {
        let [seeds, corpus, artifacts] =
            ["seeds", "corpus", "artifacts"].map(|part| folder.join(part).join(target));
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        run(Command::new(program).env("FUZZ_SEEDS", &seeds))?;
        let mut command = Command::new(program);
        command.arg(format!("-max_total_time={}", self.seconds)).arg("-print_final_stats=1");
        command.args(self.seed.map(|seed| format!("-seed={seed}")));
        // The slash makes it a folder, not the beginning of a file's name.
        command.arg(format!("-artifact_prefix={}/", artifacts.display())).args([&corpus, &seeds]);
        let start = Instant::now();
        let (passed, told) = logged(&mut command, &folder.join(format!("{target}.log")))?;
        if !passed {
            eprintln!("{}", report::end_of(&told));
        }
        Ok(Outcome { target, passed, statistics: Statistics::read(&told), time: start.elapsed() })
    }
}

/// A command of cargo on the targets. They are for a platform that is named, so that build scripts and macros, which run
/// where they are built, are not covered.
fn covered(root: &Path, command: &str, host: &str) -> Command {
    let mut command = cargo(root, &[command, "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    command.args(["--target", host, "--target-dir", "target/fuzz"]);
    command.env("RUSTFLAGS", COVERAGE).env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Runs a target, and says whether it ended well and what it told. That goes to a file, as there may be much of it.
fn logged(command: &mut Command, log: &Path) -> Result<(bool, String)> {
    let context = || format!("cannot write {}", log.display());
    let file = File::create(log).with_context(context)?;
    let errors = file.try_clone().with_context(context)?;
    announce(command);
    let status = command.stdin(Stdio::null()).stdout(file).stderr(errors).status();
    let status = status.context("cannot run a fuzz target")?;
    let told = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
    Ok((status.success(), String::from_utf8_lossy(&told).into_owned()))
}

/// The platform that this is, as rustc names it.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run `rustc`")?;
    let told = String::from_utf8_lossy(&output.stdout);
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_target_there_is_can_be_named() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let files = fs::read_dir(root.join("fuzz/fuzz_targets")).unwrap();
        let files: BTreeSet<_> = files
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(files, all().into_iter().map(str::to_owned).collect());
        for (name, about) in TARGETS {
            assert_eq!(find_target(name).unwrap(), *name);
            assert!(help().contains(about));
        }
        let error = find_target("cobol").unwrap_err();
        assert!(error.to_string().starts_with("no target `cobol`; the targets are: certificate_files"));
    }

    #[test]
    fn what_a_target_tells_is_kept_and_its_end_is_judged() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let said = |script: &str| logged(Command::new("sh").args(["-c", script]), &log).unwrap();
        assert_eq!(said("echo out; echo err >&2"), (true, "out\nerr\n".to_owned()));
        assert_eq!(said("echo broken >&2; exit 77"), (false, "broken\n".to_owned()));
    }

    #[test]
    fn the_platform_is_known() {
        assert!(host().unwrap().contains('-'));
    }
}
