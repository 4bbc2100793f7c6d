//! The crates as strangers get them: packed, unpacked elsewhere, and compiled there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    fetch::remove_folder,
    run::{cargo, run, unlocked_cargo},
};

/// The crates that are published, each after those it builds on.
pub(crate) const PUBLISHED: [&str; 5] = [
    "misp-onboarding",
    "misp-onboarding-testkit",
    "misp-onboarding-sql",
    "misp-onboarding-sqlite",
    "misp-onboarding-postgres",
];

/// Packs the published crates and compiles what came out, each other's packages in place of those on crates.io. Gives
/// back the packages.
///
/// `cargo package` can do so by itself, but then builds every dependency once more: the packages lie outside of this
/// workspace and do not know its profiles.
pub(crate) fn check(root: &Path) -> Result<Vec<PathBuf>> {
    let packed = root.join("target/package");
    // Nothing may be left of another version.
    remove_folder(&packed)?;
    run(cargo(root, &["package", "--no-verify", "--allow-dirty"])
        .args(PUBLISHED.iter().flat_map(|name| ["-p", name])))?;

    let unpacked = packed.join("unpacked");
    fs::create_dir(&unpacked).with_context(|| format!("cannot create {}", unpacked.display()))?;
    let (mut packages, mut folders) = (Vec::new(), Vec::new());
    for name in PUBLISHED {
        let package = package_of(name, &packed)?;
        run(Command::new("tar").arg("xzf").arg(&package).arg("-C").arg(&unpacked))?;
        let folder = package.file_stem().with_context(|| format!("{} has no name", package.display()))?;
        let folder = folder.to_string_lossy().into_owned();
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
            ensure!(unpacked.join(&folder).join(file).is_file(), "the package of {name} has no {file}");
        }
        folders.push((name, folder));
        packages.push(package);
    }
    let own = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    fs::write(unpacked.join("Cargo.toml"), workspace(&folders, &own)).context("cannot write a workspace")?;
    // The same versions as here; what only other crates of the workspace need is dropped from the copy.
    fs::copy(root.join("Cargo.lock"), unpacked.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    run(unlocked_cargo(&unpacked)
        .args(["check", "--offline", "--workspace", "--target-dir"])
        .arg(root.join("target")))?;
    Ok(packages)
}

/// The one file that cargo packed for a crate.
fn package_of(name: &str, packed: &Path) -> Result<PathBuf> {
    let listing = fs::read_dir(packed).with_context(|| format!("cannot read {}", packed.display()))?;
    let mut found = Vec::new();
    for entry in listing {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let version = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        if version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit())) {
            found.push(path);
        }
    }
    ensure!(found.len() == 1, "one package of {name} is needed, found {found:?}");
    Ok(found.remove(0))
}

/// The manifest of a workspace of the packages, with the profiles of this one so that dependencies are built once.
fn workspace(folders: &[(&str, String)], own: &str) -> String {
    let members: Vec<_> = folders.iter().map(|(_, folder)| format!("{folder:?}")).collect();
    let patches: String =
        folders.iter().map(|(name, folder)| format!("{name} = {{ path = {folder:?} }}\n")).collect();
    let profiles = own.find("[profile.").map_or("", |start| &own[start..]);
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[patch.crates-io]\n{patches}\n{profiles}",
        members.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_that_may_be_published_is_packed() {
        let root = crate::workspace_root().unwrap();
        let output = cargo(&root, &["metadata", "--format-version", "1", "--no-deps"]).output().unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap().iter();
        let may_be = packages.filter(|package| package["publish"].is_null());
        let mut names: Vec<_> = may_be.map(|package| package["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        let mut packed = PUBLISHED;
        packed.sort_unstable();
        assert_eq!(names, packed);
    }

    #[test]
    fn packages_replace_each_other_and_keep_the_profiles() {
        let folders = [("a", "a-1.0.0".to_owned()), ("b", "b-1.0.0".to_owned())];
        let own = "[workspace]\nmembers = [\"core\"]\n\n[profile.dev]\ndebug = 1\n";
        let want = "\
[workspace]
resolver = \"3\"
members = [\"a-1.0.0\", \"b-1.0.0\"]

[patch.crates-io]
a = { path = \"a-1.0.0\" }
b = { path = \"b-1.0.0\" }

[profile.dev]
debug = 1
";
        assert_eq!(workspace(&folders, own), want);
    }

    #[test]
    fn a_crate_is_not_taken_for_one_whose_name_begins_alike() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["engine-1.0.0.crate", "engine-sqlite-1.0.0.crate"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        assert_eq!(package_of("engine", folder.path()).unwrap(), folder.path().join("engine-1.0.0.crate"));
        assert!(package_of("engine-postgres", folder.path()).is_err());
    }
}
