//! The example `custom_store` as a user runs it; its conformance is tested within the example itself.

use std::process::Command;

use crate::support::{Ran, program};

#[test]
fn each_run_finds_what_the_runs_before_left() {
    let folder = tempfile::tempdir().unwrap();
    let program = program("custom_store");
    let run = || Ran::from(Command::new(&program).arg(folder.path().join("journal")).output().unwrap());
    for number in 1..=3 {
        let ran = run();
        assert_eq!(ran.code, 0, "{}", ran.all());
        assert_eq!(ran.stdout.lines().count(), number, "{}", ran.all());
        assert!(ran.stdout.starts_with(&format!("Group {number} is active since ")), "{}", ran.all());
    }
}

#[test]
fn what_cannot_be_opened_is_told_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let program = program("custom_store");
    let ran = Ran::from(Command::new(&program).arg(folder.path()).output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("error: the store cannot answer now: "), "{}", ran.stderr);
    let ran = Ran::from(Command::new(&program).output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (1, "error: name the file to keep the records in\n"));
}
