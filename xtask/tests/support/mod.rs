//! What cargo knows of this workspace and of everything that it is built from.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// `cargo metadata` of the workspace, with all features.
pub(crate) fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The ids of all packages that `package` needs to be built, with all of its features and for any platform.
pub(crate) fn everything_below<'a>(package: &str, metadata: &'a Value) -> BTreeSet<&'a str> {
    let nodes: BTreeMap<_, _> =
        list(&metadata["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
    let named = |candidate: &&Value| candidate["name"] == package;
    let start = list(&metadata["packages"]).iter().filter(named).map(|package| text(&package["id"]));
    let mut open: Vec<_> = start.collect();
    assert!(!open.is_empty(), "there is no package {package}");
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        for dependency in list(&nodes[id]["deps"]) {
            let for_tests_alone = list(&dependency["dep_kinds"]).iter().all(|kind| kind["kind"] == "dev");
            let id = text(&dependency["pkg"]);
            if !for_tests_alone && found.insert(id) {
                open.push(id);
            }
        }
    }
    found
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
