//! Running other programs.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context, Result, ensure};

/// The cargo that runs this program, in the workspace's root, with the versions of `Cargo.lock` and no others.
pub(crate) fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = unlocked_cargo(root);
    if let Some((subcommand, rest)) = args.split_first() {
        command.arg(subcommand);
        // Formatting looks at no dependency and knows no such option.
        if *subcommand != "fmt" {
            command.arg("--locked");
        }
        command.args(rest);
    }
    command
}

/// The cargo that runs this program, in a folder.
pub(crate) fn unlocked_cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

/// Shows the command, runs it on this terminal and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_run(command))?;
    ensure!(status.success(), "`{}` failed ({status})", shown(command));
    Ok(())
}

/// Shows the command and runs it, handing each line of its output on as soon as it is there.
///
/// The lines are shown as they come. How the program ended is for the caller to judge.
pub(crate) fn stream(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
    announce(command);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| cannot_run(command))?;
    let output = child.stdout.take().context("the program's output is not connected")?;
    for line in BufReader::new(output).split(b'\n') {
        // Not everything a test prints is UTF-8.
        let line = line.with_context(|| format!("cannot read the output of `{}`", shown(command)))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        on_line(&line);
    }
    child.wait().with_context(|| format!("cannot wait for `{}`", shown(command)))
}

/// Whether the command can be run and succeeds; it says nothing.
pub(crate) fn succeeds<S: AsRef<OsStr>>(words: &[S]) -> bool {
    let Some((program, args)) = words.split_first() else { return false };
    let quiet = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}

/// Shows the command.
pub(crate) fn announce(command: &Command) {
    eprintln!("\n$ {}", shown(command));
}

fn cannot_run(command: &Command) -> String {
    format!("cannot run `{}`", shown(command))
}

/// The command as one would type it, programs by their name alone.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/somewhere/bin/cargo");
        assert_eq!(shown(command.args(["doc", "--no-deps"])), "cargo doc --no-deps");
    }

    #[test]
    fn cargo_keeps_to_the_lock_file() {
        let command = |args: &[&str]| shown(&cargo(Path::new("."), args));
        assert!(command(&["test", "--", "--nocapture"]).ends_with(" test --locked -- --nocapture"));
        assert!(command(&["fmt", "--check"]).ends_with(" fmt --check"));
    }

    #[test]
    fn lines_are_handed_on_whatever_their_bytes() {
        let mut lines = Vec::new();
        let status =
            stream(Command::new("printf").arg(r"one\n\377two\nlast"), |line| lines.push(line.to_owned()));
        assert!(status.unwrap().success());
        assert_eq!(lines, ["one", "\u{fffd}two", "last"]);
    }

    #[test]
    fn a_failing_command_is_named() {
        let error = run(Command::new("false").arg("x")).unwrap_err();
        assert_eq!(error.to_string(), "`false x` failed (exit status: 1)");
        let error = run(&mut Command::new("no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "cannot run `no-such-program`");
    }

    #[test]
    fn only_a_program_that_runs_and_succeeds_counts() {
        assert!(succeeds(&["true"]));
        assert!(!succeeds(&["false"]));
        assert!(!succeeds(&["no-such-program"]));
        assert!(!succeeds::<&str>(&[]));
    }
}
