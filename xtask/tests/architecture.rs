//! Dependencies point one way: `core` <- `testkit`, `stores` <- `bindings-*`, `crashes`, `examples`, `benches`;
//! `testserver` <- tests of `stores` and `crashes`, `xtask`.
#![allow(clippy::unwrap_used, reason = "cargo's answer has the documented shape, or the test has failed")]

mod support;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use support::{everything_below, list, metadata, text};

/// Which folders the crates of a folder may build on.
struct Layer {
    folder: &'static str,
    may_use: &'static [&'static str],
    tests_may_also_use: &'static [&'static str],
}

/// The first that fits holds. A folder's name ends at its first `/` or `-`: `stores/sqlite` is of `stores`,
/// `bindings-python` of `bindings`; one that is named in full is itself alone.
const LAYERS: &[Layer] = &[
    Layer { folder: "core", may_use: &[], tests_may_also_use: &["testkit"] },
    Layer { folder: "testkit", may_use: &["core"], tests_may_also_use: &[] },
    Layer { folder: "testserver", may_use: &[], tests_may_also_use: &[] },
    Layer { folder: "stores/sql", may_use: &["core"], tests_may_also_use: &[] },
    Layer {
        folder: "stores",
        may_use: &["core", "stores/sql"],
        tests_may_also_use: &["testkit", "testserver"],
    },
    Layer { folder: "crashes", may_use: &["core", "stores", "testkit"], tests_may_also_use: &["testserver"] },
    Layer { folder: "bindings", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "examples", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "benches", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "fuzz", may_use: &["core", "stores", "testkit"], tests_may_also_use: &[] },
    Layer { folder: "xtask", may_use: &["testserver"], tests_may_also_use: &[] },
];

/// What neither the engine nor the testkit may pull in, however indirectly.
const FOREIGN: [(&str, &[&str]); 3] = [
    (
        "a database",
        &["rusqlite", "libsqlite3-sys", "postgres", "tokio-postgres", "sqlx-core", "diesel", "redb", "sled"],
    ),
    ("an async runtime", &["tokio", "async-std", "async-executor", "smol", "futures", "futures-executor"]),
    (
        "another language",
        &["pyo3", "pyo3-ffi", "uniffi", "uniffi_core", "jni", "jni-sys", "napi", "cbindgen"],
    ),
];

#[test]
fn workspace_crates_depend_one_way() {
    assert_eq!(wrong_edges(&metadata()), BTreeSet::new());
}

#[test]
fn the_engine_knows_no_database_async_runtime_or_ffi() {
    let metadata = metadata();
    for package in ["misp-onboarding", "misp-onboarding-testkit"] {
        assert_eq!(foreign_to(package, &metadata), BTreeSet::new());
    }
    // The walk does find what is there.
    let found = foreign_to("misp-onboarding-postgres", &metadata);
    let want = ["misp-onboarding-postgres builds on a database: postgres"].map(str::to_owned).into();
    assert!(found.is_superset(&want), "{found:?}");
}

#[test]
fn the_source_of_the_engine_has_nothing_async_and_nothing_unsafe() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut looked_at = 0;
    for file in rust_files(&core) {
        let source = fs::read_to_string(&file).unwrap();
        assert_eq!(foreign_words(&source), [""; 0], "{}", file.display());
        looked_at += 1;
    }
    assert!(looked_at > 50, "only {looked_at} files were found");
}

#[test]
fn each_kind_of_foreign_package_is_noticed_however_deep() {
    for (kind, names) in FOREIGN {
        for name in names {
            let on = |package: &str, kind: Value| json!({"pkg": package, "dep_kinds": [{"kind": kind}]});
            let package = |name: &str| json!({"id": name, "name": name});
            let metadata = |kind: Value| {
                json!({
                    "packages": [package("core"), package("harmless"), package(name)],
                    "resolve": {"nodes": [
                        {"id": "core", "deps": [on("harmless", json!(null))]},
                        {"id": "harmless", "deps": [on(name, kind)]},
                        {"id": name, "deps": []},
                    ]},
                })
            };
            let want = BTreeSet::from([format!("core builds on {kind}: {name}")]);
            for needed_for in [json!(null), json!("build")] {
                assert_eq!(foreign_to("core", &metadata(needed_for)), want);
            }
            assert_eq!(foreign_to("core", &metadata(json!("dev"))), BTreeSet::new(), "tests may use {name}");
        }
    }
}

#[test]
fn each_foreign_word_is_noticed_and_comments_are_not() {
    for (source, words) in [
        ("pub async fn partner() {}", &["async"][..]),
        ("    let partner = store.partner().await?;", &["await"]),
        ("unsafe { call() }", &["unsafe"]),
        ("extern \"C\" { fn call(); }", &["extern"]),
        ("use std::future::Future;", &["Future"]),
        ("/// An async host calls it from its pool.", &[]),
        ("fn asynchronous() {} // async", &[]),
        ("#![forbid(unsafe_code)]", &[]),
    ] {
        assert_eq!(foreign_words(source), words, "{source}");
    }
}

#[test]
fn a_wrong_edge_is_noticed() {
    let package = |folder: &str, dependencies: Value| json!({"manifest_path": format!("/w/{folder}/Cargo.toml"), "dependencies": dependencies});
    let on = |folder: &str, kind: Value| json!({"path": format!("/w/{folder}"), "kind": kind});
    let metadata = json!({"workspace_root": "/w", "packages": [
        package("core", json!([on("stores/sqlite", json!(null)), on("testkit", json!("dev")), {"kind": null}])),
        package("stores/sqlite", json!([on("core", json!(null)), on("testkit", json!("build"))])),
        package("stores/postgres", json!([on("stores/sql", json!(null)), on("stores/sqlite", json!(null))])),
        package("stores/sql", json!([on("core", json!(null)), on("stores/sqlite", json!(null))])),
        package("bindings-python", json!([on("stores/sqlite", json!(null))])),
        package("tools", json!([])),
    ]});
    let want = [
        "core must not depend on stores/sqlite",
        "stores/postgres must not depend on stores/sqlite",
        "stores/sql must not depend on stores/sqlite",
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
        let Some(layer) = LAYERS.iter().find(|layer| [from, group(from)].contains(&layer.folder)) else {
            wrong.insert(format!("{from} has no layer here"));
            continue;
        };
        for dependency in list(&package["dependencies"]) {
            let Some(to) = dependency["path"].as_str().and_then(|path| inside(root, Path::new(path))) else {
                continue;
            };
            let for_tests = dependency["kind"] == "dev";
            let among = |folders: &[&str]| folders.contains(&to) || folders.contains(&group(to));
            let allowed = among(layer.may_use) || for_tests && among(layer.tests_may_also_use);
            if !allowed {
                wrong.insert(format!("{from} must not depend on {to}"));
            }
        }
    }
    wrong
}

/// What the package pulls in that is foreign to it.
fn foreign_to(package: &str, metadata: &Value) -> BTreeSet<String> {
    let below = everything_below(package, metadata);
    let mut found = BTreeSet::new();
    for candidate in list(&metadata["packages"]) {
        let name = text(&candidate["name"]);
        for (kind, _) in FOREIGN.iter().filter(|(_, names)| names.contains(&name)) {
            if below.contains(text(&candidate["id"])) {
                found.insert(format!("{package} builds on {kind}: {name}"));
            }
        }
    }
    found
}

/// The words of the source, comments aside, that belong to async code or to code in other languages.
fn foreign_words(source: &str) -> Vec<&str> {
    const WORDS: [&str; 5] = ["async", "await", "extern", "unsafe", "Future"];
    let code = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| WORDS.contains(word)).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The path below the root, as text.
fn inside<'a>(root: &Path, path: &'a Path) -> Option<&'a str> {
    path.strip_prefix(root).ok()?.to_str()
}

fn group(folder: &str) -> &str {
    folder.split(['/', '-']).next().unwrap_or(folder)
}
