//! `cargo xtask bench certificates`: validation of certificates.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    process::ExitCode,
};

use anyhow::{Context, Result};
use lexopt::prelude::*;
use serde::Deserialize;

use crate::{
    fetch,
    require::{C_COMPILER, JDK, LIBSSL, PYTHON, Tool, ensure_present},
    run::{cargo, run},
    table,
};

const HELP: &str = "\
Measure the validation of certificates beside other libraries, and show the ratios in one table.

What the others need is installed where that is allowed; a library that cannot be measured is listed
with the reason. A bar that is missed is shown and does not fail the command. The numbers are written to
target/bench/certificates.json too.

Usage: cargo xtask bench certificates [--rounds <NUMBER>] [--cold]

Options:
  --rounds <NUMBER>  How many turns each library takes; 200 unless told
  --cold             Start every turn with cold caches instead of after as many other certificates
";

/// The Python package that is measured.
const CRYPTOGRAPHY: &str = "cryptography==50.0.2";

/// One measurement beside another, as the benchmark writes it.
#[derive(Deserialize)]
struct Row {
    case: String,
    yardstick: String,
    ours_ns: Option<f64>,
    yardstick_ns: Option<f64>,
    ratio: Option<f64>,
    bar: Option<f64>,
    allocations: Option<f64>,
    absent: Option<String>,
}

pub(super) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    let mut rounds = None;
    let mut cold = false;
    while let Some(arg) = args.next()? {
        match arg {
            Short('h') | Long("help") => return crate::help(HELP),
            Long("cold") => cold = true,
            Long("rounds") => rounds = Some(args.value()?.parse::<u32>()?),
            other => return Err(other.unexpected().into()),
        }
    }
    ensure_present(&[&C_COMPILER])?;
    let output = root.join("target/bench/certificates.json");
    fs::create_dir_all(output.with_extension("")).context("cannot create target/bench")?;

    let mut build = cargo(root, &["run", "--release", "--package", "misp-onboarding-benches"]);
    build.args(["--bin", "certificates"]);
    let mut told = Vec::new();
    match optional(&LIBSSL) {
        Ok(()) => drop(build.args(["--features", "openssl"])),
        Err(reason) => told.extend(["--no-openssl".to_owned(), reason]),
    }
    told.extend(
        match optional(&PYTHON).and_then(|()| cryptography(root).map_err(|error| format!("{error:#}"))) {
            Ok(python) => ["--python".to_owned(), python.display().to_string()],
            Err(reason) => ["--no-python".to_owned(), reason],
        },
    );
    told.extend(match optional(&JDK) {
        Ok(()) => ["--java".to_owned(), "java".to_owned()],
        Err(reason) => ["--no-java".to_owned(), reason],
    });
    build.arg("--").arg("--output").arg(&output).args(told);
    if let Some(rounds) = rounds {
        build.args(["--rounds", &rounds.to_string()]);
    }
    if cold {
        build.arg("--cold");
    }
    run(&mut build)?;

    let json = fs::read_to_string(&output).with_context(|| format!("cannot read {}", output.display()))?;
    println!("\n{}", show(&serde_json::from_str::<Vec<Row>>(&json)?));
    Ok(ExitCode::SUCCESS)
}

/// Installs a tool that only one yardstick needs; the error says why that yardstick is not measured.
fn optional(tool: &Tool) -> Result<(), String> {
    ensure_present(&[tool]).map_err(|error| {
        eprintln!("{error:#}");
        format!("needs {}, which is not there", tool.name)
    })
}

/// A Python that has the package.
fn cryptography(root: &Path) -> Result<PathBuf> {
    let python = fetch::python(root)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"])
        .arg(CRYPTOGRAPHY))?;
    Ok(python)
}

fn show(rows: &[Row]) -> String {
    let microseconds = |time: Option<f64>| time.map(|time| format!("{:.1}", time / 1e3)).unwrap_or_default();
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            let verdict = match (row.ratio, row.bar, &row.absent) {
                (_, _, Some(reason)) => format!("absent: {reason}"),
                (Some(ratio), Some(bar), _) if ratio <= bar => format!("at most {bar}: met"),
                (_, Some(bar), _) => format!("at most {bar}: MISSED"),
                _ => String::new(),
            };
            [
                row.case.clone(),
                row.yardstick.clone(),
                verdict,
                microseconds(row.ours_ns),
                microseconds(row.yardstick_ns),
                row.ratio.map(|ratio| format!("{ratio:.3}")).unwrap_or_default(),
                row.allocations.map(|count| format!("{count:.0}")).unwrap_or_default(),
            ]
        })
        .collect();
    let header = ["case", "yardstick", "bar", "ours, us", "yardstick, us", "ratio", "allocations"];
    table::render(header, &cells, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_of_each_bar_whether_it_is_met() {
        let json = r#"[
            {"case": "a", "yardstick": "b", "ours_ns": 2500, "yardstick_ns": 2000, "ratio": 1.25, "bar": 1.3,
             "allocations": 7, "absent": null},
            {"case": "a", "yardstick": "c", "ours_ns": 2500, "yardstick_ns": 2000, "ratio": 1.25, "bar": 1.2,
             "allocations": null, "absent": null},
            {"case": "a", "yardstick": "d", "ours_ns": null, "yardstick_ns": null, "ratio": null, "bar": null,
             "allocations": null, "absent": "no such library"}
        ]"#;
        let table = show(&serde_json::from_str::<Vec<Row>>(json).unwrap());
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect())
            .collect();
        assert_eq!(lines[2], ["a", "b", "at most 1.3: met", "2.5", "2.0", "1.250", "7"]);
        assert_eq!(lines[3], ["a", "c", "at most 1.2: MISSED", "2.5", "2.0", "1.250"]);
        assert_eq!(lines[4], ["a", "d", "absent: no such library"]);
    }
}
