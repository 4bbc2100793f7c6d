//! The project writes American English; above all it says license key, as MOSIP does.

use std::{fs, path::Path, process::Command};

/// Stems that only British spelling has. Some need their ending: `minimis` would also find `de minimis`.
const BRITISH: &[&str] = &[
    "licence",
    "behaviour",
    "colour",
    "favour",
    "honour",
    "neighbour",
    "artefact",
    "defence",
    "offence",
    "centre",
    "labelled",
    "modelled",
    "whilst",
    "authorise",
    "authorisation",
    "canonicalis",
    "categoris",
    "customis",
    "initialis",
    "minimise",
    "normalis",
    "optimise",
    "optimisation",
    "organisation",
    "organise",
    "parameteris",
    "prioritis",
    "randomis",
    "recognis",
    "sanitis",
    "serialis",
    "summaris",
    "synchronis",
    "utilis",
];

/// This file lists the words.
const EXEMPT: &str = "xtask/tests/spelling.rs";

#[test]
fn tracked_files_are_in_american_english() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let listing = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().unwrap();
    assert!(listing.status.success(), "{}", String::from_utf8_lossy(&listing.stderr));
    let names = String::from_utf8(listing.stdout).unwrap();
    let mut found = Vec::new();
    for name in names.split_terminator('\0').filter(|name| *name != EXEMPT) {
        // A file may be deleted and not yet committed, or hold no text.
        let Ok(content) = fs::read_to_string(root.join(name)) else { continue };
        found.extend(british_words(&content).map(|(line, word)| format!("{name}:{line}: {word}")));
    }
    assert!(names.contains("Cargo.toml"), "git lists no files");
    assert!(found.is_empty(), "British spelling:\n{}", found.join("\n"));
}

#[test]
fn british_words_are_found_whatever_their_case() {
    let text = "An optimistic license key\nfn normaliseText() // LICENCE";
    assert_eq!(british_words(text).collect::<Vec<_>>(), [(2, "licence"), (2, "normalis")]);
}

/// The words with the numbers of their lines.
fn british_words(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    text.lines().zip(1..).flat_map(|(line, number)| {
        let line = line.to_lowercase();
        BRITISH.iter().filter(move |word| line.contains(**word)).map(move |word| (number, *word))
    })
}
