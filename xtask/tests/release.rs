//! What the manifests of the published crates promise to whoever builds on them.
#![allow(clippy::unwrap_used, reason = "cargo's answer has the documented shape, or the test has failed")]

mod support;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use support::{everything_below, list, metadata, text};

/// Clippy's lint `incompatible_msrv` looks for younger parts of the standard library in our own sources.
#[test]
fn no_dependency_needs_a_younger_rust_than_we_state() {
    let metadata = metadata();
    let published = published(&metadata);
    assert!(published.len() > 3, "{published:?}");
    for package in &published {
        let name = text(&package["name"]);
        let ours = version(package["rust_version"].as_str().unwrap_or_else(|| panic!("{name} states none")));
        assert_eq!(younger_than(ours, name, &metadata), BTreeSet::new(), "{name} needs Rust {ours:?}");
        assert!(everything_below(name, &metadata).len() > 20, "the walk from {name} finds too little");
    }
}

#[test]
fn a_dependency_that_needs_a_younger_rust_is_noticed() {
    let package = |name: &str, rust: Value| json!({"id": name, "name": name, "rust_version": rust});
    let on = |name: &str| json!({"pkg": name, "dep_kinds": [{"kind": null}]});
    let metadata = json!({
        "packages": [
            package("ours", json!("1.89")), package("silent", json!(null)),
            package("same", json!("1.89.0")), package("older", json!("1.9")), package("younger", json!("1.89.1")),
        ],
        "resolve": {"nodes": [
            {"id": "ours", "deps": [on("silent"), on("same"), on("older")]},
            {"id": "silent", "deps": [on("younger")]},
            {"id": "same", "deps": []}, {"id": "older", "deps": []}, {"id": "younger", "deps": []},
        ]},
    });
    assert_eq!(younger_than(version("1.89"), "ours", &metadata), ["younger needs 1.89.1".to_owned()].into());
}

#[test]
fn features_that_are_on_by_default_are_few() {
    let metadata = metadata();
    for package in published(&metadata) {
        let name = text(&package["name"]);
        let on = package["features"].get("default").map_or(&[][..], list);
        let want: &[&str] = if name == "misp-onboarding" { &["aws-lc-rs"] } else { &[] };
        assert_eq!(on, want, "{name}");
        for dependency in list(&package["dependencies"]) {
            // Which library checks signatures is up to the host; tests, and the testkit's programs, choose one.
            let chooses = dependency["kind"] == "dev" || name == "misp-onboarding-testkit";
            if dependency["name"] == "misp-onboarding" && !chooses {
                assert_eq!(dependency["uses_default_features"], false, "{name}");
                assert_eq!(dependency["features"], json!([]), "{name}");
            }
        }
    }
}

#[test]
fn every_published_crate_says_what_it_is() {
    for package in published(&metadata()) {
        for field in ["description", "license", "repository", "readme", "rust_version"] {
            assert!(package[field].is_string(), "{} has no {field}", package["name"]);
        }
        for field in ["keywords", "categories"] {
            assert!(!list(&package[field]).is_empty(), "{} has no {field}", package["name"]);
        }
    }
}

/// The Python package takes its version from its crate; Maven cannot.
#[test]
fn crates_and_artifact_have_one_version() {
    let metadata = metadata();
    for package in published(&metadata) {
        assert_eq!(package["version"], env!("CARGO_PKG_VERSION"), "{}", package["name"]);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // The first is the artifact's own; others are of what it builds on.
    for file in ["bindings-kotlin/pom.xml", "README.md"] {
        let content = fs::read_to_string(root.join(file)).unwrap();
        let (_, after) = content.split_once("<artifactId>misp-onboarding</artifactId>").unwrap();
        let version = after.trim_start().strip_prefix("<version>").and_then(|rest| rest.split('<').next());
        assert_eq!(version, Some(env!("CARGO_PKG_VERSION")), "{file}");
    }
}

/// The packages of this workspace that may be published.
fn published(metadata: &Value) -> Vec<&Value> {
    let members = list(&metadata["workspace_members"]);
    let ours = list(&metadata["packages"]).iter().filter(|package| members.contains(&package["id"]));
    ours.filter(|package| package["publish"].is_null()).collect()
}

/// The packages below the named one that need a younger Rust.
fn younger_than(ours: Version, name: &str, metadata: &Value) -> BTreeSet<String> {
    let below = everything_below(name, metadata);
    let packages = list(&metadata["packages"]).iter().filter(|package| below.contains(text(&package["id"])));
    packages
        .filter_map(|package| {
            let needed = package["rust_version"].as_str()?;
            (version(needed) > ours).then(|| format!("{} needs {needed}", text(&package["name"])))
        })
        .collect()
}

type Version = (u32, u32, u32);

/// `1.89` or `1.89.0`, as numbers.
fn version(text: &str) -> Version {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}
