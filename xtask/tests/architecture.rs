//! Dependencies point one way: `core` <- `testkit`, `stores` <- `bindings-*`, `crashes`, `examples`, `benches`;
//! `testserver` <- tests of `stores` and `crashes`, `xtask`.
#![allow(clippy::unwrap_used, reason = "cargo's answer has the documented shape, or the test has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::{Value, json};

/// Which folders the crates of a folder may build on.
struct Layer {
    folder: &'static str,
    may_use: &'static [&'static str],
    tests_may_also_use: &'static [&'static str],
}

/// A folder's name ends at its first `/` or `-`: `stores/sqlite` is of `stores`, `bindings-python` of `bindings`.
const LAYERS: &[Layer] = &[
    Layer { folder: "core", may_use: &[], tests_may_also_use: &["testkit"] },
    Layer { folder: "testkit", may_use: &["core"], tests_may_also_use: &[] },
    Layer { folder: "testserver", may_use: &[], tests_may_also_use: &[] },
    Layer { folder: "stores", may_use: &["core"], tests_may_also_use: &["testkit", "testserver"] },
    Layer { folder: "crashes", may_use: &["core", "stores", "testkit"], tests_may_also_use: &["testserver"] },
    Layer { folder: "bindings", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "examples", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "benches", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "fuzz", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "xtask", may_use: &["testserver"], tests_may_also_use: &[] },
];

/// What neither the engine nor the testkit may pull in, however indirectly: databases, async runtimes, FFI.
const FOREIGN: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "postgres",
    "tokio-postgres",
    "sqlx-core",
    "diesel",
    "tokio",
    "async-std",
    "smol",
    "pyo3",
    "uniffi",
    "jni",
];

#[test]
fn workspace_crates_depend_one_way() {
    assert_eq!(wrong_edges(&metadata()), BTreeSet::new());
}

#[test]
fn the_engine_knows_no_database_async_runtime_or_ffi() {
    let metadata = metadata();
    for package in ["misp-onboarding", "misp-onboarding-testkit"] {
        let all = everything_below(package, &metadata);
        let foreign: Vec<_> = FOREIGN.iter().filter(|name| all.contains(**name)).collect();
        assert!(foreign.is_empty(), "{package} builds on {foreign:?}");
        assert!(all.contains("sha2"), "{package}: the walk found only {all:?}");
    }
}

#[test]
fn a_wrong_edge_is_noticed() {
    let package = |folder: &str, dependencies: Value| json!({"manifest_path": format!("/w/{folder}/Cargo.toml"), "dependencies": dependencies});
    let on = |folder: &str, kind: Value| json!({"path": format!("/w/{folder}"), "kind": kind});
    let metadata = json!({"workspace_root": "/w", "packages": [
        package("core", json!([on("stores/sqlite", json!(null)), on("testkit", json!("dev")), {"kind": null}])),
        package("stores/sqlite", json!([on("core", json!(null)), on("testkit", json!("build"))])),
        package("bindings-python", json!([on("stores/sqlite", json!(null))])),
        package("tools", json!([])),
    ]});
    let want = [
        "core must not depend on stores/sqlite",
        "stores/sqlite must not depend on testkit",
        "tools has no layer here",
    ];
    assert_eq!(wrong_edges(&metadata), want.map(str::to_owned).into());
}

fn wrong_edges(metadata: &Value) -> BTreeSet<String> {
    let root = Path::new(text(&metadata["workspace_root"]));
    let mut wrong = BTreeSet::new();
    for package in list(&metadata["packages"]) {
        let manifest = Path::new(text(&package["manifest_path"]));
        // What lies outside comes from a registry.
        let Some(from) = manifest.parent().and_then(|path| inside(root, path)) else { continue };
        let Some(layer) = LAYERS.iter().find(|layer| layer.folder == group(from)) else {
            wrong.insert(format!("{from} has no layer here"));
            continue;
        };
        for dependency in list(&package["dependencies"]) {
            let Some(to) = dependency["path"].as_str().and_then(|path| inside(root, Path::new(path))) else {
                continue;
            };
            let for_tests = dependency["kind"] == "dev";
            let allowed = layer.may_use.contains(&group(to))
                || for_tests && layer.tests_may_also_use.contains(&group(to));
            if !allowed {
                wrong.insert(format!("{from} must not depend on {to}"));
            }
        }
    }
    wrong
}

/// The names of all packages that `package` needs to be built, with all of its features and for any platform.
fn everything_below<'a>(package: &str, metadata: &'a Value) -> BTreeSet<&'a str> {
    let names: BTreeMap<_, _> = list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let nodes: BTreeMap<_, _> =
        list(&metadata["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = names.iter().filter(|(_, name)| **name == package).map(|(id, _)| *id).collect();
    while let Some(id) = open.pop() {
        for dependency in list(&nodes[id]["deps"]) {
            let for_tests_alone = list(&dependency["dep_kinds"]).iter().all(|kind| kind["kind"] == "dev");
            let id = text(&dependency["pkg"]);
            if !for_tests_alone && found.insert(id) {
                open.push(id);
            }
        }
    }
    found.into_iter().map(|id| names[id]).collect()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The path below the root, as text.
fn inside<'a>(root: &Path, path: &'a Path) -> Option<&'a str> {
    path.strip_prefix(root).ok()?.to_str()
}

fn group(folder: &str) -> &str {
    folder.split(['/', '-']).next().unwrap_or(folder)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
