//! Which texts contain a part: by trigrams.

use std::collections::BTreeMap;

use crate::text::Substring;

const TRIGRAM: usize = 3;

/// What stands behind the end of a text, twice: so a part of one or two characters begins a trigram wherever it stands.
const END: char = '\0';

/// For each three characters in a row, the texts that have them.
///
/// Texts are only ever added: what a row was called before is found too, so whoever searches compares the row itself.
#[derive(Debug)]
pub(super) struct Words<I> {
    /// Whose text it is; texts are told by their place here.
    rows: Vec<I>,
    having: BTreeMap<[char; TRIGRAM], Vec<u32>>,
}

impl<I> Default for Words<I> {
    fn default() -> Self {
        Self { rows: Vec::new(), having: BTreeMap::new() }
    }
}

impl<I: Copy + Ord> Words<I> {
    pub(super) fn add(&mut self, row: I, text: &str) {
        // Four billion texts fill any memory first; beyond them a text would only not be found by a part of it.
        let Ok(place) = u32::try_from(self.rows.len()) else { return };
        self.rows.push(row);
        for trigram in trigrams(text.chars().chain([END, END])) {
            let having = self.having.entry(trigram).or_default();
            if having.last() != Some(&place) {
                having.push(place);
            }
        }
    }

    /// The rows that may contain the text, each once: those with the rarest of its trigrams, or with any that begins with a
    /// shorter text. None where they are more than `most` texts.
    pub(super) fn candidates(&self, part: &Substring, most: usize) -> Option<Vec<I>> {
        let mut characters = part.folded().chars();
        let (first, second, third) = (characters.next()?, characters.next(), characters.next());
        let having: Vec<&[u32]> = if third.is_some() {
            let having = trigrams(part.folded().chars()).map(|trigram| self.having.get(&trigram));
            having
                .map(|texts| texts.map_or(&[][..], Vec::as_slice))
                .min_by_key(|texts| texts.len())
                .into_iter()
                .collect()
        } else {
            let begin = [first, second.unwrap_or(char::MIN), char::MIN];
            let end = [first, second.unwrap_or(char::MAX), char::MAX];
            self.having.range(begin..=end).map(|(_, texts)| texts.as_slice()).collect()
        };
        if having.iter().map(|texts| texts.len()).sum::<usize>() > most {
            return None;
        }
        let places = having.into_iter().flatten().filter_map(|place| usize::try_from(*place).ok());
        let mut rows: Vec<I> = places.filter_map(|place| self.rows.get(place).copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        Some(rows)
    }
}

fn trigrams(text: impl Iterator<Item = char>) -> impl Iterator<Item = [char; TRIGRAM]> {
    let mut before = [None; TRIGRAM - 1];
    text.filter_map(move |character| {
        let [first, second] = before;
        before = [second, Some(character)];
        Some([first?, second?, character])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_each_part() {
        let mut words = Words::default();
        words.add(1, "alpha beta");
        words.add(2, "alphabet");
        words.add(1, "gamma");
        let found = |part: &str| words.candidates(&part.parse().unwrap(), 9);
        assert_eq!(found("ALPHA"), Some(vec![1, 2]));
        assert_eq!(found("a b"), Some(vec![1]));
        assert_eq!(found("habet"), Some(vec![2]));
        assert_eq!(found("mm"), Some(vec![1]));
        assert_eq!(found("ma"), Some(vec![1]), "at the end");
        assert_eq!(found("t"), Some(vec![1, 2]));
        assert_eq!(found("q"), Some(vec![]));
        assert_eq!(found("amm"), Some(vec![1]));
        assert_eq!(found("delta"), Some(vec![]));
        for part in ["alpha", "al", "a"] {
            assert_eq!(words.candidates(&part.parse().unwrap(), 1), None, "too many");
        }
    }
}
