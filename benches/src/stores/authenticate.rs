//! Authenticating random keys, beside the bare lookup.

use std::hint::black_box;
use std::ops::Range;

use anyhow::{Result, bail};
use misp_onboarding::license_key::KeyHasher;

use super::measure::{Effort, side_by_side};
use super::population::Population;
use super::subject::Subject;
use crate::row::Row;

/// Keys that are presented before the first one is again.
const PRESENTED: usize = 100_000;

/// Good license keys from all over the population, in no order. They lie side by side, so that reading one costs what
/// it costs a server that just received it.
pub(super) struct Presentation {
    texts: String,
    keys: Vec<(Range<usize>, [u8; 32])>,
}

/// A good license key, and what a store finds it by.
#[derive(Clone, Copy)]
pub(super) struct Presented<'a> {
    /// As a partner sends it.
    pub key: &'a str,
    /// Its SHA-256.
    pub digest: &'a [u8; 32],
}

/// A lookup without us.
type LookUp<'a> = &'a mut dyn FnMut(Presented<'_>) -> Result<()>;

impl Presentation {
    /// At most so many keys of the subject.
    pub(super) fn of(subject: &Subject, most: usize) -> Self {
        let mut presentation = Self { texts: String::new(), keys: Vec::new() };
        for number in subject.population.good_keys().take(most) {
            let key = Population::license_key(number);
            let begin = presentation.texts.len();
            presentation.texts.push_str(key.reveal());
            let digest = *key.digest(&KeyHasher::sha256()).as_bytes();
            presentation.keys.push((begin..presentation.texts.len(), digest));
        }
        presentation
    }

    /// One after the other.
    pub(super) fn keys(&self) -> impl ExactSizeIterator<Item = Presented<'_>> + Clone {
        self.keys.iter().map(|(place, digest)| Presented { key: &self.texts[place.clone()], digest })
    }
}

/// Authenticates a key that must be good.
///
/// # Errors
/// The store fails, or the key is refused.
pub(super) fn authenticate(subject: &Subject, key: Presented<'_>) -> Result<()> {
    let answer = subject.engine.authenticate(key.key);
    // Looked at where it is: moving it elsewhere would be measured too.
    black_box(&answer);
    match answer {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(refusal)) => bail!("a good key was refused: {refusal}"),
        Err(error) => Err(error.into()),
    }
}

/// Our authentication beside a lookup of the same kind of keys.
///
/// # Errors
/// One of them fails.
pub(super) fn beside(
    store: &str,
    subject: &Subject,
    effort: Effort,
    (name, bare, bar): (&str, LookUp<'_>, Option<f64>),
) -> Result<Row> {
    let presentation = Presentation::of(subject, PRESENTED);
    let keys = presentation.keys();
    // Each has keys of its own, so that neither finds in the caches what the other one just looked up.
    let (mut ours, mut theirs) = (keys.clone().cycle(), keys.clone().cycle().skip(keys.len() / 2));
    let (ours, theirs) = side_by_side(
        effort,
        || ours.next().map_or(Ok(()), |key| authenticate(subject, key)),
        || theirs.next().map_or(Ok(()), &mut *bare),
    )?;
    let case = format!("{store}, {}, authenticate", subject.size());
    Ok(Row::of_times(case, ours, (name, theirs), bar))
}
