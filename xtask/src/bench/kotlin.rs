//! `cargo xtask bench kotlin`: what calling from Kotlin costs, and Java's own validation of certificates.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, ensure};
use lexopt::prelude::*;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::rows;
use crate::{
    require::{C_COMPILER, JDK, MAVEN, ensure_present},
    run::{cargo, run},
    test::kotlin::{jar, maven_in, without_cargo},
};

const HELP: &str = "\
Measure two calls from Kotlin beside the same calls in Rust, and the validation of a certificate beside Java's own PKIX
on the same certificates, none of which it has seen lately. A bar that is missed is shown and does not fail the command.
The numbers are written to target/bench/kotlin.json too.

Usage: cargo xtask bench kotlin
";

/// What a call from Kotlin may cost beside the same call in Rust, in nanoseconds.
const MOST_ADDED: f64 = 5_000.0;
/// How much of the time of Java's PKIX an inspection may take.
const MOST_OF_PKIX: f64 = 0.5;

#[derive(Deserialize)]
struct Rust {
    authenticate_ns: f64,
    inspect_ns: f64,
}

#[derive(Deserialize)]
struct Kotlin {
    authenticate_ns: f64,
    inspect_ns: f64,
    pkix_ns: f64,
}

pub(super) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    match args.next()? {
        None => {}
        Some(Short('h') | Long("help")) => return crate::help(HELP),
        Some(other) => return Err(other.unexpected().into()),
    }
    ensure_present(&[&C_COMPILER, &JDK, &MAVEN])?;
    let (folder, output) = (root.join("target/bench/kotlin"), root.join("target/bench/kotlin.json"));
    fs::create_dir_all(&folder).context("cannot create target/bench")?;
    let artifact = root.join("bindings-kotlin");
    run(maven_in(root).args([
        "--quiet",
        "-DskipITs",
        "package",
        "dependency:build-classpath",
        "-Dmdep.outputFile=target/classpath",
    ]))?;
    let dependencies = fs::read_to_string(artifact.join("target/classpath"))?;
    let jar = jar(root);
    let classes = artifact.join("target/test-classes");
    let class_path = format!("{}:{}:{}", jar.display(), classes.display(), dependencies.trim());

    let mut in_rust = cargo(root, &["run", "--release", "--quiet", "--package", "misp-onboarding-kotlin"]);
    in_rust.args(["--example", "baseline", "--"]).arg(&folder);
    let rust: Rust = serde_json::from_str(&printed(&mut in_rust)?)?;
    let mut in_kotlin = Command::new("java");
    without_cargo(&mut in_kotlin);
    in_kotlin.args(["-cp", &class_path, "io.github.misponboarding.bench.BenchKt"]).arg(&folder);
    let kotlin: Kotlin = serde_json::from_str(&printed(&mut in_kotlin)?)?;

    fs::write(&output, serde_json::to_vec_pretty(&compare(&rust, &kotlin))?)?;
    println!("\n{}", rows::show(&rows::read(&output)?, ""));
    Ok(ExitCode::SUCCESS)
}

/// What a program prints on its last line.
fn printed(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed: {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().last().context("nothing was printed")?.to_owned())
}

/// The rows of the table.
fn compare(rust: &Rust, kotlin: &Kotlin) -> Json {
    let row = |case: &str, yardstick: &str, ours: f64, theirs: f64, bar: Option<f64>| json!({"case": case, "yardstick": yardstick, "ours_ns": ours, "yardstick_ns": theirs, "ratio": ours / theirs, "bar": bar});
    let added = |case: &str, kotlin: f64, rust: f64| {
        row(&format!("{case}: added by Kotlin"), "5 us", (kotlin - rust).max(0.0), MOST_ADDED, Some(1.0))
    };
    json!([
        row("authenticate", "in Rust", kotlin.authenticate_ns, rust.authenticate_ns, None),
        added("authenticate", kotlin.authenticate_ns, rust.authenticate_ns),
        row("inspect", "in Rust", kotlin.inspect_ns, rust.inspect_ns, None),
        added("inspect", kotlin.inspect_ns, rust.inspect_ns),
        row("inspect", "Java's PKIX", kotlin.inspect_ns, kotlin.pkix_ns, Some(MOST_OF_PKIX)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_are_on_what_kotlin_adds_and_on_what_pkix_takes() {
        let rust = Rust { authenticate_ns: 500.0, inspect_ns: 30_000.0 };
        let kotlin = Kotlin { authenticate_ns: 2_500.0, inspect_ns: 36_000.0, pkix_ns: 90_000.0 };
        let rows = compare(&rust, &kotlin);
        let met: Vec<_> = rows
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| Some(row["ratio"].as_f64()? <= row["bar"].as_f64()?))
            .collect();
        assert_eq!(met, [true, false, true]);
        assert_eq!(rows[1]["ratio"], json!(0.4));
    }
}
