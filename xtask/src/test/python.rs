//! The Python package: its tests, its types, and what it is distributed as.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use super::{
    Part, Prepared, Step,
    count::{Counts, one_line},
    postgres,
};
use crate::{
    fetch::remove_folder,
    require,
    run::{run, succeeds},
};

pub(super) const PART: Part = Part {
    name: "python",
    about: "Tests and types of the Python package, and its wheel and source distribution in empty environments",
    needs: &[&require::C_COMPILER, &require::OPENSSL, &require::POSTGRESQL, &require::PYTHON],
    prepare,
    steps: &[
        Step { name: "pytest", command: |root| python(root, &["-m", "pytest", "--quiet"]), count: pytest },
        Step {
            name: "stubs",
            command: |root| python(root, &["-m", "mypy.stubtest", "misp_onboarding._native"]),
            count: |line| one_line(line, "Success: no issues found in 1 module"),
        },
        Step {
            name: "ruff",
            command: |root| python(root, &["-m", "ruff", "check"]),
            count: |line| one_line(line, "All checks passed!"),
        },
        Step {
            name: "ruff format",
            command: |root| python(root, &["-m", "ruff", "format", "--check"]),
            // With the number of files before it.
            count: |line| {
                one_line(line.trim_start_matches(|c: char| c.is_ascii_digit()), " files already formatted")
            },
        },
        Step {
            name: "mypy --strict",
            command: |root| python(root, &["-m", "mypy"]),
            count: |line| one_line(line, "Success: no issues found in"),
        },
        Step {
            name: "pyright",
            command: |root| {
                python(root, &["-m", "pyright", "--pythonpath", "../target/python/venv/bin/python"])
            },
            count: |line| one_line(line, "0 errors, 0 warnings,"),
        },
        Step {
            name: "wheel",
            command: |root| elsewhere(root, "*.whl"),
            count: |line| one_line(line, "runs from"),
        },
        Step {
            name: "source distribution",
            command: |root| elsewhere(root, "*.tar.gz"),
            count: |line| one_line(line, "runs from"),
        },
    ],
};

/// Where the environment and what is built are.
const FOLDER: &str = "target/python";

/// Makes the environment, builds the wheel and the source distribution, installs the wheel, and starts a server.
///
/// They are built with the profile of the tests: what it compiles is there already where the other parts ran.
fn prepare(root: &Path) -> Result<Prepared> {
    let python = environment(root)?;
    let built = root.join(FOLDER).join("built");
    remove_folder(&built)?;
    build(root, &python, &built, "dev")?;
    run(pip(&python)
        .args(["--force-reinstall", "--no-deps", "--no-index", "--find-links"])
        .args([built.as_os_str(), "misp-onboarding".as_ref()]))?;
    postgres::prepare(root)
}

/// Builds the wheel, with a profile of cargo, and the source distribution into a folder, by the Python of
/// [`environment`].
pub(crate) fn build(root: &Path, python: &Path, folder: &Path, profile: &str) -> Result<()> {
    let maturin = |words: &[&str]| {
        let mut command = Command::new(python.with_file_name("maturin"));
        command.args(words).arg("--out").arg(folder).current_dir(root.join("bindings-python"));
        run(&mut command)
    };
    maturin(&["build", "--quiet", "--locked", "--profile", profile, "--interpreter", "python3"])?;
    maturin(&["sdist"])
}

/// The Python of an environment with everything that the package's tests and builds need.
pub(crate) fn environment(root: &Path) -> Result<PathBuf> {
    let folder = root.join(FOLDER).join("venv");
    let python = folder.join("bin/python");
    if !succeeds(&[python.as_os_str(), "-m".as_ref(), "pip".as_ref(), "--version".as_ref()]) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    }
    run(pip(&python).arg("--requirement").arg(root.join("bindings-python/requirements.txt")))?;
    Ok(python)
}

/// `pip install` in the environment of this Python.
pub(crate) fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    command
}

/// The environment's Python, in the package's folder.
fn python(root: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(root.join(FOLDER).join("venv/bin/python"));
    command.args(words).current_dir(root.join("bindings-python"));
    // pyright would look for a later version of itself.
    command.env("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1");
    command
}

/// Installs what was built in an empty environment and runs the README's program there.
fn elsewhere(root: &Path, built: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg(root.join("xtask/run_elsewhere.py")).arg(root.join("README.md"));
    command.arg(root.join(FOLDER).join("built")).arg(built);
    // A source distribution is compiled; what it needs from elsewhere is there already.
    command.env("CARGO_TARGET_DIR", target(root)).env("MATURIN_PEP517_ARGS", "--profile dev");
    command
}

fn target(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// `82 passed, 1 skipped in 4.92s`, pytest's last line.
fn pytest(line: &str) -> Option<Counts> {
    let (facts, _time) = line.trim_matches(['=', ' ']).split_once(" in ")?;
    let mut counts = Counts::default();
    for fact in facts.split(", ") {
        let (number, what) = fact.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match what {
            "passed" => counts.passed += number,
            "failed" | "error" | "errors" => counts.failed += number,
            _ => counts.ignored += number,
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_pytest_is_read() {
        let counts = |passed, failed, ignored| Some(Counts { passed, failed, ignored });
        for (line, want) in [
            ("82 passed in 4.92s", counts(82, 0, 0)),
            ("==== 1 failed, 81 passed, 3 deselected in 3.49s ====", counts(81, 1, 3)),
            ("2 errors in 0.10s", counts(0, 2, 0)),
            ("1 failed, 2 passed, 1 error in 75.31s (0:01:15)", counts(2, 2, 0)),
            ("no tests ran in 0.01s", None),
            ("....... [100%]", None),
            ("", None),
        ] {
            assert_eq!(pytest(line), want, "{line}");
        }
    }
}
