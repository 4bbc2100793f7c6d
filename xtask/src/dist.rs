//! `cargo xtask dist`: everything that a release uploads, in one folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use lexopt::prelude::*;

use crate::{
    fetch::remove_folder,
    package,
    require::{C_COMPILER, JDK, MAVEN, PYTHON, ensure_present},
    run::run,
    table,
    test::{kotlin, python},
};

const HELP: &str = "\
Build what a release uploads, optimized, into target/dist: the packages of the published crates, the wheel and the
source distribution for Python, the jar for Kotlin and Java. The wheel and the jar are for the machine they are built
on. Nothing is tested; `cargo xtask ci` does that.

Usage: cargo xtask dist
";

/// Where everything goes, in the workspace.
const FOLDER: &str = "target/dist";

pub(crate) fn command(mut args: lexopt::Parser, root: &Path) -> Result<ExitCode> {
    match args.next()? {
        None => {}
        Some(Short('h') | Long("help")) => return crate::help(HELP),
        Some(other) => return Err(other.unexpected().into()),
    }
    // All at once, before minutes of building.
    ensure_present(&[&C_COMPILER, &JDK, &MAVEN, &PYTHON])?;
    let folder = root.join(FOLDER);
    remove_folder(&folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;

    for package in package::check(root)? {
        copy_into(&folder, &package)?;
    }
    python::build(root, &python::environment(root)?, &folder, "release")?;
    run(kotlin::maven_in(root).args(["--quiet", "-DskipITs", "package"]))?;
    copy_into(&folder, &kotlin::jar(root))?;

    println!("\n{}\nin {FOLDER}", table::render(["file", "size"], &sizes(&folder)?, 1));
    Ok(ExitCode::SUCCESS)
}

fn copy_into(folder: &Path, file: &Path) -> Result<()> {
    let name = file.file_name().with_context(|| format!("{} has no name", file.display()))?;
    fs::copy(file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}

/// The files of a folder with their sizes, by name.
fn sizes(folder: &Path) -> Result<Vec<[String; 2]>> {
    let listing = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = listing.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort_unstable();
    let row = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::metadata(file)?.len();
        ensure!(bytes > 0, "{name} is empty");
        Ok([name, size(bytes)])
    };
    files.iter().map(row).collect()
}

/// In kilobytes of 1,000 bytes, as package registries count; what is there is never shown as 0.
fn size(bytes: u64) -> String {
    format!("{} kB", bytes.div_ceil(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_by_name_with_their_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let crate_file = elsewhere.path().join("engine-1.0.0.crate");
        fs::write(&crate_file, [0; 2_001]).unwrap();
        copy_into(folder.path(), &crate_file).unwrap();
        fs::write(folder.path().join("engine-1.0.0.jar"), [0; 1_000]).unwrap();
        fs::write(folder.path().join("a.whl"), "w").unwrap();
        let want = [["a.whl", "1 kB"], ["engine-1.0.0.crate", "3 kB"], ["engine-1.0.0.jar", "1 kB"]];
        assert_eq!(sizes(folder.path()).unwrap(), want.map(|row| row.map(str::to_owned)));
    }

    #[test]
    fn an_empty_file_is_no_release() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.whl"), "").unwrap();
        assert_eq!(sizes(folder.path()).unwrap_err().to_string(), "a.whl is empty");
    }

    #[test]
    fn what_was_not_built_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = copy_into(folder.path(), Path::new("nowhere/engine.jar")).unwrap_err();
        assert_eq!(error.to_string(), "cannot copy nowhere/engine.jar");
    }
}
