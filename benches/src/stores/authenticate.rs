//! Authenticating random keys, beside the bare lookup.

use std::hint::black_box;

use anyhow::{Result, ensure};
use misp_onboarding::license_key::KeyHasher;

use super::measure::{Effort, side_by_side};
use super::subject::Subject;
use crate::row::Row;

/// Keys that are presented before the first one is again.
const PRESENTED: usize = 100_000;

/// A good license key, and what a store finds it by.
#[derive(Clone, Debug)]
pub(super) struct Presented {
    /// As a partner sends it.
    pub key: String,
    /// Its SHA-256.
    pub digest: [u8; 32],
}

/// Good keys from all over the population, in no order.
pub(super) fn presented(subject: &Subject) -> Vec<Presented> {
    let keys = subject.population.good_keys().take(PRESENTED);
    keys.map(|number| {
        let key = super::population::Population::license_key(number);
        let digest = *key.digest(&KeyHasher::sha256()).as_bytes();
        Presented { key: key.reveal().to_owned(), digest }
    })
    .collect()
}

/// Authenticates a key that must be good.
///
/// # Errors
/// The store fails, or the key is refused.
pub(super) fn authenticate(subject: &Subject, key: &Presented) -> Result<()> {
    let verdict = subject.engine.authenticate(&key.key)?;
    ensure!(verdict.is_ok(), "a good key was refused: {verdict:?}");
    black_box(verdict).ok();
    Ok(())
}

/// Our authentication beside a lookup of the same kind of keys.
///
/// # Errors
/// One of them fails.
pub(super) fn beside(
    store: &str,
    subject: &Subject,
    effort: Effort,
    (name, bare, bar): (&str, &mut dyn FnMut(&Presented) -> Result<()>, Option<f64>),
) -> Result<Row> {
    let keys = presented(subject);
    // Each has keys of its own, so that neither finds in the caches what the other one just looked up.
    let (mut ours, mut theirs) = (keys.iter().cycle(), keys.iter().cycle().skip(keys.len() / 2));
    let (ours, theirs) = side_by_side(
        effort,
        || ours.next().map_or(Ok(()), |key| authenticate(subject, key)),
        || theirs.next().map_or(Ok(()), &mut *bare),
    )?;
    let case = format!("{store}, {}, authenticate", subject.size());
    Ok(Row::of_times(case, ours, (name, theirs), bar))
}
