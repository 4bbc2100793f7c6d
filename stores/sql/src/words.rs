//! Parts of names: what an index of trigrams is asked for.

use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};

use misp_onboarding::text::Substring;

use crate::statement::{Builder, pattern};

/// The characters of a trigram.
const TRIGRAM: usize = 3;

/// What stands behind the end of each text in SQLite's index, twice: so a part of one or two characters begins a trigram
/// wherever it stands. No name has this character.
const END: char = '\u{1}';

/// An index of the trigrams of texts in SQLite.
#[derive(Debug, PartialEq, Eq)]
pub struct WordIndex {
    /// The table of FTS5, of ids and texts.
    pub table: &'static str,
    /// The table that lists each trigram of its texts once. FTS5 looks for a trigram in each segment of its index; that no
    /// text has it is told here at once.
    pub trigrams: &'static str,
    /// The column whose texts it has.
    pub column: &'static str,
}

/// The names of license keys.
pub const LICENSE_KEYS: WordIndex =
    WordIndex { table: "license_key_words", trigrams: "license_key_trigrams", column: "name_folded" };
/// The names of partners' organizations.
pub const PARTNERS: WordIndex =
    WordIndex { table: "partner_words", trigrams: "partner_trigrams", column: "organization_folded" };

/// Three characters that follow one another in a text of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trigram([char; TRIGRAM]);

impl fmt::Display for Trigram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|character| f.write_char(*character))
    }
}

impl Hash for Trigram {
    /// As one number: an import computes it for every character of its names, and in pieces it takes longer.
    fn hash<H: Hasher>(&self, state: &mut H) {
        // A character has at most 21 bits.
        let packed = self.0.iter().fold(0, |packed, character| packed << 21 | u64::from(*character));
        state.write_u64(packed);
    }
}

/// A text as it is put into the index.
pub fn indexed(text: &str) -> String {
    format!("{text}{END}{END}")
}

/// The trigrams of a text, those that it has more than once as often. Of a text with fewer characters there are none.
pub fn trigrams(text: &str) -> impl Iterator<Item = Trigram> {
    let mut characters = text.chars().map(as_indexed);
    let mut two = characters.next().zip(characters.next());
    characters.filter_map(move |third| {
        let (first, second) = two.replace((two?.1, third))?;
        Some(Trigram([first, second, third]))
    })
}

/// FTS5 reads the last two characters of Unicode's first plane, which mean nothing, as the replacement character.
fn as_indexed(character: char) -> char {
    match character {
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        character => character,
    }
}

impl WordIndex {
    /// The ids of rows whose text may contain this one, some of them more than once. What has the trigrams in another
    /// order is found too, and what the row was called before: the row itself is to be compared.
    pub(crate) fn ids(&self, sql: &mut Builder, text: &Substring) -> String {
        self.find(sql, "id", text)
    }

    /// A row for each text that may contain this one.
    pub(crate) fn texts(&self, sql: &mut Builder, text: &Substring) -> String {
        self.find(sql, "1", text)
    }

    /// A row for each text that contains this one. What was found is looked at, which costs more than finding it.
    pub(crate) fn texts_compared(&self, sql: &mut Builder, text: &Substring) -> String {
        let found = self.find(sql, "1", text);
        format!("{found} AND {}", sql.contains("w.text", text))
    }

    /// The trigrams are looked for first: where one of them is in no text, FTS5 is not asked.
    fn find(&self, sql: &mut Builder, column: &str, text: &Substring) -> String {
        let Self { table, trigrams: listed, .. } = self;
        let part: String = text.folded().chars().map(as_indexed).collect();
        let mut all = trigrams(&part);
        let first = all.next();
        // The first and the last: each more would cost a search in each segment of FTS5's index, and two find few wrong
        // ones. Whether a text has what lies between them is for whoever searches to compare.
        let mut meant: Vec<String> = [first, all.last()]
            .into_iter()
            .flatten()
            .map(|trigram| format!("= {}", sql.bind(trigram.to_string())))
            .collect();
        if meant.is_empty() {
            let begins = (sql.bind(&*part), sql.bind(format!("{part}{0}{0}", char::MAX)));
            meant.push(format!("BETWEEN {} AND {}", begins.0, begins.1));
        }
        let (mut from, mut conditions, mut expressions) = (Vec::new(), Vec::new(), Vec::new());
        for (name, meant) in ["trigram", "other"].into_iter().zip(meant) {
            from.push(format!("{listed} {name}"));
            conditions.push(format!("{name}.term {meant}"));
            // Between quotes nothing but a quote is special to FTS5.
            expressions.push(format!(r#"'"' || replace({name}.term, '"', '""') || '"'"#));
        }
        format!(
            "SELECT {column} FROM {} CROSS JOIN {table} w WHERE {} AND w.{table} MATCH {}",
            from.join(" CROSS JOIN "),
            conditions.join(" AND "),
            expressions.join(" || ' AND ' || "),
        )
    }
}

/// The characters of a key's name and each two that follow one another, in the words of PostgreSQL's index
/// `license_keys_short_parts`.
const SHORT_PARTS: &str = r"(string_to_array(regexp_replace(k.name_folded, '(..)', E'\\1\x01', 'g') || E'\x01'
    || regexp_replace(substr(k.name_folded, 2), '(..)', E'\\1\x01', 'g'), E'\x01')
    || string_to_array(k.name_folded, NULL))";

/// The condition, in PostgreSQL, that the name of a key `k` contains this text, in the words of the index that finds it.
///
/// The text comes from a subquery: one that the planner saw would be planned for anew each time, which takes longer than
/// finding the keys.
pub(crate) fn named_in_postgres(sql: &mut Builder, name: &Substring) -> String {
    if has_trigrams(name) {
        format!("k.name_folded LIKE (SELECT CAST({} AS TEXT))", sql.bind(pattern(name)))
    } else {
        format!("{SHORT_PARTS} @> ARRAY[(SELECT CAST({} AS TEXT))]", sql.bind(name.folded()))
    }
}

/// The condition, in PostgreSQL, that a folded column contains this text. An index of trigrams is found by `LIKE` alone;
/// for a text without a trigram it would be read whole.
pub(crate) fn compared_in_postgres(sql: &mut Builder, column: &str, text: &Substring) -> String {
    if has_trigrams(text) {
        format!("{column} LIKE {}", sql.bind(pattern(text)))
    } else {
        sql.contains(column, text)
    }
}

fn has_trigrams(text: &Substring) -> bool {
    trigrams(text.folded()).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_trigram_from_each_of_its_characters_but_two() {
        let all = |text: &str| trigrams(text).map(|trigram| trigram.to_string()).collect::<Vec<_>>();
        for text in ["", "a", "ab", "éü"] {
            assert!(all(text).is_empty(), "{text}");
        }
        assert_eq!(all("abc"), ["abc"]);
        assert_eq!(all("a\"日é"), ["a\"日", "\"日é"]);
        assert_eq!(all(&indexed("ab")), ["ab\u{1}", "b\u{1}\u{1}"]);
        assert_eq!(all("\u{fffe}\u{ffff}\u{fffd}"), ["\u{fffd}\u{fffd}\u{fffd}"]);
    }
}
