//! The measurements of stores, each once, with as few keys as they take.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use misp_onboarding_benches::row::Row;
use misp_onboarding_benches::stores::population::Population;
use misp_onboarding_benches::stores::{Effort, Run, memory, sqlite};

fn run(folder: &std::path::Path) -> Run {
    Run {
        small: Population { keys: 1_000, partners: 200 },
        large: Population { keys: 1_200, partners: 200 },
        effort: Effort { turn: Duration::ZERO, whole: Duration::ZERO },
        concurrent: Duration::ZERO,
        folder: folder.to_owned(),
    }
}

fn cases(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.case.as_str()).collect()
}

#[test]
fn the_memory_store_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let rows = memory::measure(&run(folder.path())).unwrap();
    let cases = cases(&rows);
    for case in
        ["authenticate", "page 50,000 by cursor", "filter name, rare", "by expires_at, ascending", "generate"]
    {
        assert!(cases.contains(&format!("memory, 1,200 keys, {case}").as_str()), "{case}: {cases:?}");
    }
    assert!(
        rows.iter().all(|row| row.ratio.is_none_or(|ratio| ratio.is_finite() && ratio > 0.0)),
        "{rows:?}"
    );
}

#[test]
fn the_sqlite_store_is_measured_and_its_file_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let rows = sqlite::measure(&run).unwrap();
    let commits = rows.iter().find(|row| row.unit == Some("commits a command")).unwrap();
    assert_eq!(commits.amount, Some(1.0));
    let files = || {
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect::<Vec<_>>()
    };
    let first = files();
    assert_eq!(first.len(), 2, "one for each size: {first:?}");
    // What was generated was taken away: names and instants are free again.
    assert_eq!(cases(&sqlite::measure(&run).unwrap()), cases(&rows));
    assert_eq!(files(), first);
}
