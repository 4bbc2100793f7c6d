//! What the engine can do, it can do from every language: each operation of core is reachable from Kotlin and Python.
#![allow(clippy::unwrap_used, reason = "a file that is not there is a failed test")]

use std::{collections::BTreeSet, fs, path::Path};

/// What a host of another language has no use for: the store as a Rust value.
const RUST_ONLY: &[&str] = &["store"];

/// The calls that take no engine, which every language has under its own spelling.
const STATELESS: &[&str] = &["verify_path", "validate"];

#[test]
fn every_operation_is_reachable_from_kotlin() {
    // UniFFI makes a method of each of these; the artifact's own tests look for them in the class.
    let exported =
        methods(&read("bindings-kotlin/src/engine/mod.rs"), "#[uniffi::export]\nimpl Onboarding {");
    assert_eq!(missing(&operations(), &exported), BTreeSet::new());
    let functions = read("bindings-kotlin/src/certificate/stateless.rs");
    assert_eq!(missing(&set(STATELESS), &defined(&functions, "pub fn ")), BTreeSet::new());
    let transfer = read("bindings-kotlin/src/main/kotlin/io/github/misponboarding/Transfer.kt");
    assert_eq!(missing(&transfers(), &defined(&transfer, "\n    fun ")), BTreeSet::new());
}

#[test]
fn every_operation_is_reachable_from_python() {
    let stub = read("bindings-python/python/misp_onboarding/_native.pyi");
    let class = stub.split_once("\nclass Onboarding:\n").unwrap().1;
    let class = class.split("\nclass ").next().unwrap();
    assert_eq!(missing(&operations(), &defined(class, "    def ")), BTreeSet::new());
    let functions = defined(&stub, "\ndef ");
    assert_eq!(missing(&set(STATELESS), &functions), BTreeSet::new());
    // What moves a store; `import` is a keyword there.
    let moving = set(&["export", "import_", "resume", "unfinished", "verify"]);
    assert_eq!(missing(&moving, &functions), BTreeSet::new());
}

#[test]
fn a_missing_operation_is_noticed() {
    let found = methods(
        "impl Onboarding {\n    pub fn partner(&self, id: X) {}\n    fn hidden(&self) {}\n}\n",
        "impl Onboarding {",
    );
    assert_eq!(found, set(&["partner"]));
    assert_eq!(missing(&set(&["partner", "policy"]), &found), set(&["policy"]));
}

/// The engine's public methods.
fn operations() -> BTreeSet<String> {
    let folder = root().join("core/src/onboarding");
    let mut operations = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        operations.extend(methods(&source, "impl Onboarding {"));
    }
    for name in RUST_ONLY {
        assert!(operations.remove(*name), "{name} is no operation of core any more");
    }
    assert!(operations.len() > 40, "core has only {operations:?}");
    operations
}

/// The functions that move a store.
fn transfers() -> BTreeSet<String> {
    let sources =
        ["export", "import", "unfinished"].map(|file| read(&format!("core/src/transfer/{file}.rs")));
    let functions: BTreeSet<String> =
        sources.iter().flat_map(|source| defined(source, "\npub fn ")).collect();
    assert!(functions.len() >= 5, "core has only {functions:?}");
    functions
}

/// The public methods that take `self`, of the blocks that begin so.
fn methods(source: &str, block: &str) -> BTreeSet<String> {
    let blocks = source.split(block).skip(1).map(|rest| rest.split("\n}\n").next().unwrap());
    blocks
        .flat_map(|block| block.split("    pub fn ").skip(1))
        .filter_map(|method| {
            let (name, arguments) = method.split_once(['(', '<'])?;
            arguments.trim_start().starts_with("&self").then(|| name.to_owned())
        })
        .collect()
}

/// What is defined by the keyword.
fn defined(source: &str, keyword: &str) -> BTreeSet<String> {
    source.split(keyword).skip(1).filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())).collect()
}

fn missing(wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> BTreeSet<String> {
    wanted.difference(found).cloned().collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
