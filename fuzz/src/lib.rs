//! The laws that fuzzing tries to break, one module a target: what it is given, what must hold, what it begins with.
//!
//! A law panics where it is broken. `fuzz_targets/` hands each of them to libFuzzer; `README.md` says how to run them.
#![forbid(unsafe_code)]

pub mod certificate_files;
pub mod commands;
pub mod distinguished_names;
pub mod license_keys;
pub mod list_cursors;
pub mod path_validation;
pub mod policy_documents;
mod random;
pub mod rules;

use std::path::Path;
use std::{env, fs, process};

/// An input that fuzzing begins with: its file name, which says what is in it, and its bytes.
pub type Seed = (&'static str, Vec<u8>);

/// The variable that names the folder to write seeds to.
pub const SEEDS: &str = "FUZZ_SEEDS";

/// Where [`SEEDS`] names a folder, writes the seeds into it and ends the process. They are made in code and not kept
/// as files, so that what is in them can be read.
///
/// # Panics
/// They cannot be written.
pub fn write_seeds_if_asked(seeds: fn() -> Vec<Seed>) {
    let Some(folder) = env::var_os(SEEDS) else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for (name, bytes) in seeds() {
        let file = folder.join(name);
        fs::write(&file, bytes).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
    process::exit(0);
}

/// The same as seeds from texts.
fn texts(texts: &[(&'static str, &str)]) -> Vec<Seed> {
    texts.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect()
}

/// The input as text; what is no UTF-8 in it is no input of a parser of text.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}
