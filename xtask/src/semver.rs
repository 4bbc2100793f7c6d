//! `cargo xtask semver`: whether the published crates may be released under the version they state.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail, ensure};
use lexopt::prelude::*;

use crate::{
    package::PUBLISHED,
    run::{run, succeeds, unlocked_cargo},
};

const HELP: &str = "\
Compare the public interface of each published crate with that of the last release, which is the last tag before this
commit that is `v` and a version, and fail where the version now stated promises more than was kept. Where there is no
such tag, there is nothing to compare with: that is said, and is no failure.

It needs cargo-semver-checks: cargo install cargo-semver-checks --locked

Usage: cargo xtask semver
";

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    match args.next()? {
        None => {}
        Some(Short('h') | Long("help")) => return crate::help(HELP),
        Some(other) => return Err(other.unexpected().into()),
    }
    let Some(tag) = last_release(root)? else {
        println!("no release is tagged here (a tag `v0.1.0` would be one): nothing to compare with");
        return Ok(ExitCode::SUCCESS);
    };
    if !succeeds(&["cargo", "semver-checks", "--version"]) {
        bail!(
            "missing: cargo-semver-checks; install with\n\n    cargo install cargo-semver-checks --locked\n"
        );
    }
    run(&mut comparison(root, &tag))?;
    Ok(ExitCode::SUCCESS)
}

fn comparison(root: &Path, tag: &str) -> Command {
    // The tool resolves both versions outside of this workspace and takes no `--locked`.
    let mut command = unlocked_cargo(root);
    command.args(["semver-checks", "--baseline-rev", tag]);
    command.args(PUBLISHED.iter().flat_map(|name| ["-p", name]));
    command
}

/// The last tag before or at this commit that names a release.
///
/// # Errors
///
/// This is no repository of git, or git cannot be run.
fn last_release(root: &Path) -> Result<Option<String>> {
    // A version that only prepares another sorts before it.
    let args = [
        "-c",
        "versionsort.suffix=-",
        "tag",
        "--list",
        "v[0-9]*",
        "--merged",
        "HEAD",
        "--sort=-version:refname",
    ];
    let output = Command::new("git").args(args).current_dir(root).output().context("cannot run `git`")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git cannot list tags: {}", complaint.trim());
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_release_is_the_highest_version_among_the_tags_behind_the_commit() {
        let folder = tempfile::tempdir().unwrap();
        let git = |args: &[&str]| {
            let who = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
            let output = Command::new("git").args(who).args(args).current_dir(folder.path()).output();
            let output = output.unwrap();
            assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        git(&["init", "--quiet"]);
        let commit = || git(&["commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message", "more"]);
        let last = || last_release(folder.path()).unwrap();
        commit();
        assert_eq!(last(), None);
        git(&["tag", "vendor"]);
        git(&["tag", "0.0.1"]);
        assert_eq!(last(), None, "neither is `v` and a version");
        git(&["tag", "v0.9.0"]);
        commit();
        git(&["tag", "v0.10.0-rc.1"]);
        git(&["tag", "v0.10.0"]);
        commit();
        assert_eq!(last().as_deref(), Some("v0.10.0"));
        git(&["tag", "v0.11.0"]);
        git(&["checkout", "--quiet", "v0.9.0"]);
        assert_eq!(last().as_deref(), Some("v0.9.0"), "the later ones are not behind this commit");
    }

    #[test]
    fn a_folder_without_history_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = last_release(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("git cannot list tags: fatal"), "{error}");
    }

    #[test]
    fn every_published_crate_is_compared() {
        let command = comparison(Path::new("."), "v0.1.0");
        let words: Vec<_> = command.get_args().map(|word| word.to_str().unwrap()).collect();
        assert_eq!(words[..3], ["semver-checks", "--baseline-rev", "v0.1.0"]);
        assert_eq!(words.iter().filter(|word| **word == "-p").count(), PUBLISHED.len());
    }
}
