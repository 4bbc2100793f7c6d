//! The in-memory store.

use std::collections::HashMap;
use std::fs;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Result, ensure};
use misp_onboarding::license_key::KeyHasher;
use misp_onboarding::store::{MemoryStore, Store};
use sha2::{Digest, Sha256};

use super::authenticate::{self, Presented};
use super::generate::{self, Generating};
use super::population::Population;
use super::subject::Subject;
use super::{Run, lists};
use crate::row::Row;

const NAME: &str = "memory";
/// At most this many times one SHA-256 and one lookup.
const AUTHENTICATE_BAR: f64 = 1.5;

/// Measures it.
///
/// # Errors
/// The store fails.
pub fn measure(run: &Run) -> Result<Vec<Row>> {
    let before = resident_bytes();
    let large = filled(run.large)?;
    let after = resident_bytes();
    let small = filled(run.small)?;
    let mut rows = Vec::new();
    for subject in [&small, &large] {
        rows.extend(authentication(subject, run)?);
    }
    rows.extend(lists::measure(NAME, &small, &large, run.effort)?);
    let (mut few, mut many) = (Generating::new(&small), Generating::new(&large));
    rows.extend(generate::measure(NAME, (&mut few, &mut many), None, run.effort)?);
    let case = format!("{NAME}, {}, resident memory", large.size());
    rows.push(match before.zip(after) {
        Some((before, after)) => {
            let bytes = (after - before) / f64::from(run.large.keys);
            Row::of_amount(case, (bytes, "bytes a key"), None)
        }
        None => Row::absent(case, "", "the system has no /proc/self/status"),
    });
    Ok(rows)
}

fn filled(population: Population) -> Result<Subject> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    population.write(&store, &mut |_| {})?;
    Subject::new(store, population)
}

/// What of this process is in memory.
fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
    Some(kibibytes * 1_024.0)
}

/// Beside what finding a key by its digest costs whoever writes it down: one SHA-256 by the library for it, and one lookup
/// in the standard library's map. A map whose hash is the digest's own first bytes, as the store's is, is shown too.
fn authentication(subject: &Subject, run: &Run) -> Result<[Row; 2]> {
    let usual: HashMap<_, _> = map(subject);
    let mut look_up = |key: Presented<'_>| hash_and_find(&usual, key);
    let yardstick = ("SHA-256 and a map", &mut look_up as _, Some(AUTHENTICATE_BAR));
    let first = authenticate::beside(NAME, subject, run.effort, yardstick)?;
    drop(usual);
    let chosen: HashMap<_, _, BuildHasherDefault<FirstBytes>> = map(subject);
    let mut look_up = |key: Presented<'_>| hash_and_find(&chosen, key);
    let yardstick = ("SHA-256 and a map hashed by first bytes", &mut look_up as _, None);
    Ok([first, authenticate::beside(NAME, subject, run.effort, yardstick)?])
}

fn map<S: BuildHasher + Default>(subject: &Subject) -> HashMap<[u8; 32], u32, S> {
    let keys = 0..subject.population.keys;
    let digest = |key| *Population::license_key(key).digest(&KeyHasher::sha256()).as_bytes();
    keys.map(|key| (digest(key), key)).collect()
}

fn hash_and_find<S: BuildHasher>(map: &HashMap<[u8; 32], u32, S>, key: Presented<'_>) -> Result<()> {
    let digest: [u8; 32] = Sha256::digest(key.key.as_bytes()).into();
    ensure!(black_box(map.get(&digest)).is_some(), "a key is missing");
    Ok(())
}

/// Takes the first eight bytes for the hash.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// The length that comes before the bytes is the same for all.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
