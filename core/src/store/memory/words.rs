//! Which texts contain a part: by trigrams.

use std::collections::HashMap;

use crate::text::Substring;

const TRIGRAM: usize = 3;

/// For each three characters in a row, the texts that have them.
///
/// Texts are only ever added: what a row was called before is found too, so whoever searches compares the row itself.
#[derive(Debug)]
pub(super) struct Words<I> {
    /// Whose text it is; texts are told by their place here.
    rows: Vec<I>,
    having: HashMap<[char; TRIGRAM], Vec<u32>>,
}

impl<I> Default for Words<I> {
    fn default() -> Self {
        Self { rows: Vec::new(), having: HashMap::new() }
    }
}

impl<I: Copy + Ord> Words<I> {
    pub(super) fn add(&mut self, row: I, text: &str) {
        // Four billion texts fill any memory first; beyond them a text would only not be found by a part of it.
        let Ok(place) = u32::try_from(self.rows.len()) else { return };
        self.rows.push(row);
        for trigram in trigrams(text) {
            let having = self.having.entry(trigram).or_default();
            if having.last() != Some(&place) {
                having.push(place);
            }
        }
    }

    /// The rows that may contain the text, each once: those with the rarest of its trigrams, at most `most` texts.
    /// None where it has no trigram or they are more.
    pub(super) fn candidates(&self, part: &Substring, most: usize) -> Option<Vec<I>> {
        let having =
            trigrams(part.folded()).map(|trigram| self.having.get(&trigram).map_or(&[][..], Vec::as_slice));
        let rarest = having.min_by_key(|texts| texts.len()).filter(|texts| texts.len() <= most)?;
        let places = rarest.iter().filter_map(|place| usize::try_from(*place).ok());
        let mut rows: Vec<I> = places.filter_map(|place| self.rows.get(place).copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        Some(rows)
    }
}

fn trigrams(text: &str) -> impl Iterator<Item = [char; TRIGRAM]> {
    let mut before = [None; TRIGRAM - 1];
    text.chars().filter_map(move |character| {
        let [first, second] = before;
        before = [second, Some(character)];
        Some([first?, second?, character])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_each_part_of_three_characters_or_more() {
        let mut words = Words::default();
        words.add(1, "alpha beta");
        words.add(2, "alphabet");
        words.add(1, "gamma");
        let found = |part: &str| words.candidates(&part.parse().unwrap(), 9);
        assert_eq!(found("ALPHA"), Some(vec![1, 2]));
        assert_eq!(found("a b"), Some(vec![1]));
        assert_eq!(found("habet"), Some(vec![2]));
        assert_eq!(found("mm"), None, "too short");
        assert_eq!(found("amm"), Some(vec![1]));
        assert_eq!(found("delta"), Some(vec![]));
        assert_eq!(words.candidates(&"alpha".parse().unwrap(), 1), None, "too many");
    }
}
