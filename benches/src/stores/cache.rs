//! Filled databases are kept from run to run.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::population::{POPULATION_VERSION, Population};
use super::subject::grouped;

/// Keys after which progress is told.
const TELL_AFTER: u32 = 100_000;

/// A name for the database of a store's crate that holds this population: letters, digits and `_`. Another schema or
/// another population has another name.
///
/// # Errors
/// The schema cannot be read.
pub(super) fn name(store: &str, population: Population) -> Result<String> {
    let Population { keys, partners } = population;
    Ok(format!("bench_{}_{POPULATION_VERSION}_{partners}_{keys}", schema(store)?))
}

/// What stands for the schema as it is in the sources: a released migration never changes, others do.
fn schema(store: &str) -> Result<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stores").join(store);
    let mut files = Vec::new();
    for folder in ["migrations", "optional"] {
        for entry in fs::read_dir(sources.join(folder)).into_iter().flatten() {
            files.push(entry?.path());
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect())
}

/// Tells how far the writing is.
#[allow(clippy::print_stderr, reason = "filling a database takes minutes")]
pub(super) fn progress(store: &str, keys: u32, population: Population) {
    if keys % TELL_AFTER < 10_000 {
        eprintln!("{store}: {} of {} keys written", grouped(keys), grouped(population.keys));
    }
}
