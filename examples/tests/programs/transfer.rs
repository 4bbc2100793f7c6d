//! The example `transfer`: moving what a store holds to another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, OnceLock};

use crate::support;
use misp_onboarding::Onboarding;
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::scenario::Scenario;
use misp_onboarding_testkit::transfers::Furnished;

fn run(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).output().unwrap()
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| support::program("transfer"))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_file_moves_to_another_and_keys_are_judged_there_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let [old, file, new] = ["old.db", "export.jsonl", "new.db"].map(|name| folder.path().join(name));
    let furnished = Furnished::new(Arc::new(SqliteStore::open(&old).unwrap()));
    let exported = run(&["export", text(&old), text(&file)]);
    assert!(exported.status.success(), "{}", stderr(&exported));
    assert!(run(&["verify", text(&file)]).status.success());
    let whole = fs::read_to_string(&file).unwrap();
    for key in &furnished.keys {
        assert!(!whole.contains(key.as_str()));
    }
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o777,
        0o600
    );

    // Broken off somewhere, it is gone on with.
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let cut = run(&["import", text(&file), text(&new)]);
    assert_eq!(cut.status.code(), Some(1));
    assert!(stderr(&cut).contains("the file was cut"), "{}", stderr(&cut));
    assert!(!new.exists(), "nothing is made of a file that was cut");
    assert!(run(&["export", text(&old), text(&file)]).status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), whole);
    let complete = run(&["export", text(&old), text(&file)]);
    assert_eq!(complete.status.code(), Some(1), "a complete file is not written over");
    assert_eq!(fs::read_to_string(&file).unwrap(), whole);

    for already in ["0 were there already", "imported 0 records"] {
        let imported = run(&["import", text(&file), text(&new)]);
        assert!(imported.status.success(), "{}", stderr(&imported));
        let told = String::from_utf8_lossy(&imported.stdout).into_owned();
        assert!(told.contains(already), "{told}");
    }
    let store = Arc::new(SqliteStore::open(&new).unwrap());
    let engine = Onboarding::builder(store.clone()).build().unwrap();
    assert_eq!(furnished.verdicts(&engine), furnished.verdicts(&furnished.scenario.onboarding));

    // A store that is in use is refused.
    Scenario::new(store).partner("newcomer");
    let refused = run(&["import", text(&file), text(&new)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("must be in the store as in the file"), "{}", stderr(&refused));
}

#[test]
fn arguments_that_make_no_sense_are_told_with_the_help() {
    for arguments in [&[][..], &["export"], &["import", "x"], &["--what"], &["verify", "a", "b"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains("Usage:"), "{}", stderr(&output));
    }
    assert!(run(&["--help"]).status.success());
    let missing = run(&["verify", "/nowhere/at/all"]);
    assert_eq!(missing.status.code(), Some(1));
}
