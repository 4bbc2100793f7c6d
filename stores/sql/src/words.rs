//! Parts of names: what an index of trigrams is asked for.

use misp_onboarding::text::Substring;

use crate::statement::{Builder, pattern};

/// The characters of a trigram, and so the fewest of a text that PostgreSQL's index finds.
const TRIGRAM: usize = 3;

/// What stands behind the end of each text in SQLite's index, twice: so a part of one or two characters begins a trigram
/// wherever it stands. No name has this character.
pub const END: char = '\u{1}';

/// An index of the trigrams of texts in SQLite: a table of FTS5 with an id and a text, and the one that lists its trigrams.
pub(crate) struct Words {
    table: &'static str,
    trigrams: &'static str,
}

/// The names of license keys.
pub(crate) const LICENSE_KEYS: Words = Words { table: "license_key_words", trigrams: "license_key_trigrams" };
/// The names of partners' organizations.
pub(crate) const PARTNERS: Words = Words { table: "partner_words", trigrams: "partner_trigrams" };

impl Words {
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

    fn find(&self, sql: &mut Builder, column: &str, text: &Substring) -> String {
        let Self { table, trigrams } = self;
        if has_trigrams(text) {
            let place = sql.bind(expression(text));
            return format!("SELECT {column} FROM {table} w WHERE w.{table} MATCH {place}");
        }
        let first = sql.bind(text.folded());
        let last = sql.bind(format!("{0}{1}{1}", text.folded(), char::MAX));
        format!(
            "SELECT {column} FROM {trigrams} t CROSS JOIN {table} w WHERE t.term BETWEEN {first} AND {last} \
             AND w.{table} MATCH '\"' || replace(t.term, '\"', '\"\"') || '\"'"
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
    text.folded().chars().nth(TRIGRAM - 1).is_some()
}

/// FTS5's expression for names that may contain this text: with its first trigram and its last. Each more would cost a search
/// in each segment of the index, and two find few wrong ones. Whether a name has the text between them is for whoever
/// searches to compare.
fn expression(text: &Substring) -> String {
    let characters: Vec<char> = text.folded().chars().collect();
    let last = characters.len().saturating_sub(TRIGRAM);
    let mut places = vec![0, last];
    places.dedup();
    let chosen = places.into_iter().filter_map(|place| characters.get(place..place + TRIGRAM));
    // Between quotes nothing but a quote is special.
    let phrases = chosen.map(|trigram| format!("\"{}\"", String::from_iter(trigram).replace('"', "\"\"")));
    phrases.collect::<Vec<_>>().join(" AND ")
}
