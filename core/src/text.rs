//! Text as people type it: brought to one form, checked against a rule, compared without regard to case.

mod short;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::state::state_enum;
pub(crate) use short::ShortText;

/// Brings text into the form in which it is checked and kept: NFC, without white space at either end.
pub(crate) fn normalize(raw: &str) -> String {
    // ASCII is in that form already, and needs no look at the tables of Unicode.
    if raw.is_ascii() {
        return raw.trim().to_owned();
    }
    raw.trim().nfc().collect::<String>().trim().to_owned()
}

/// The form in which two texts that differ only in case are equal: Unicode case folding, then NFC.
///
/// Stores keep it beside the text itself, for unique constraints, sorting (byte by byte) and substring filters.
pub fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    unicase::UniCase::unicode(text).to_folded_case().nfc().collect()
}

/// Which rule a field broke, what the rule needs and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{required} needed, found {found}")]
#[non_exhaustive]
pub struct FieldProblem {
    /// The rule's stable name, such as `length`.
    pub rule: FieldRule,
    /// What the rule needs.
    pub required: String,
    /// What was found; of contact data only a description.
    pub found: String,
}

impl FieldProblem {
    pub(crate) fn new(rule: FieldRule, required: impl Into<String>, found: impl Into<String>) -> Self {
        Self { rule, required: required.into(), found: found.into() }
    }
}

impl FieldProblem {
    pub(crate) fn not_one_of(allowed: impl Iterator<Item = &'static str>, found: &str) -> Self {
        let allowed: Vec<_> = allowed.collect();
        let found: String = found.chars().take(64).collect();
        Self::new(FieldRule::Range, format!("one of {}", allowed.join(", ")), format!("{found:?}"))
    }
}

state_enum!(
    /// The rules a field can break.
    FieldRule {
        /// Too short or too long.
        Length = "length",
        /// Holds a control character, or an invisible formatting character.
        ControlCharacter = "control_character",
        /// Holds a character that does not belong there.
        Characters = "characters",
        /// Not of the form the field needs.
        Format = "format",
        /// Outside the range or list the field needs.
        Range = "range",
        /// Already used by another record.
        Taken = "taken",
        /// Names a record that does not exist.
        Unknown = "unknown",
        /// Names a record that is not active.
        NotActive = "not_active",
    }
);

/// Text of `min` to `max` characters (Unicode scalar values) after normalizing, without control characters.
pub(crate) fn bounded(raw: &str, min: usize, max: usize) -> Result<String, FieldProblem> {
    // A longer text cannot become short enough: NFC shortens a text at most threefold in characters, and white
    // space is not worth a megabyte of work.
    if raw.len() > max.saturating_mul(64).saturating_add(1024) {
        return Err(length_problem(min, max, format!("{} bytes", raw.len())));
    }
    let text = normalize(raw);
    if let Some(control) = text.chars().find(|c| controls(*c)) {
        return Err(FieldProblem::new(
            FieldRule::ControlCharacter,
            "text without control and formatting characters",
            format!("U+{:04X}", u32::from(control)),
        ));
    }
    let length = text.chars().count();
    if length < min || length > max {
        return Err(length_problem(min, max, format!("{length}")));
    }
    Ok(text)
}

/// Whether the character controls the output instead of being part of the text: control characters, line and
/// paragraph separators, and invisible formatting characters, which would let two names look the same. The joiners
/// that Persian and the scripts of India are written with stay.
fn controls(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    const ZERO_WIDTH_JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c.general_category(), Control | Format | LineSeparator | ParagraphSeparator)
        && !ZERO_WIDTH_JOINERS.contains(&c)
}

fn length_problem(min: usize, max: usize, found: String) -> FieldProblem {
    FieldProblem::new(FieldRule::Length, format!("{min} to {max} characters"), found)
}

/// Declares a text type that can only hold text its rule accepts, kept in a `SmolStr` unless `kept` names something else.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $check:expr, debug = $debug:tt) => {
        $crate::text::text_type!($(#[$doc])* $name, $check, debug = $debug, kept = smol_str::SmolStr);
    };
    ($(#[$doc:meta])* $name:ident, $check:expr, debug = $debug:tt, kept = $kept:ty) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($kept);

        impl $name {
            /// Normalizes and checks `raw`.
            ///
            /// # Errors
            /// The rule that `raw` breaks, with what it needs and what was found.
            pub fn parse(raw: &str) -> Result<Self, $crate::text::FieldProblem> {
                let check: fn(&str) -> Result<String, $crate::text::FieldProblem> = $check;
                check(raw).map(|text| Self(text.into()))
            }

            /// For stores: takes text that was checked before it was kept, and does not check it again.
            pub fn from_stored(text: impl AsRef<str>) -> Self {
                Self(<$kept>::new(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form in which texts that differ only in case are equal; see [`fold_case`](crate::text::fold_case).
            pub fn folded(&self) -> String {
                $crate::text::fold_case(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::FieldProblem;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                Self::parse(raw)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        $crate::wire::text_on_the_wire!($name as_str);

        $crate::text::text_type!(@debug $name $debug);
    };
    (@debug $name:ident shown) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
    // Contact data must not reach a log by way of a derived Debug.
    (@debug $name:ident elided) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(elided)"))
            }
        }
    };
}
pub(crate) use text_type;

text_type!(
    /// What somebody says about a request, a decision or a distrust: 1 to 500 characters.
    Comment,
    |raw| bounded(raw, 1, 500),
    debug = shown
);

text_type!(
    /// What a policy group or a policy is for: 1 to 256 characters.
    Description,
    |raw| bounded(raw, 1, 256),
    debug = shown
);

/// What the text of a name must contain, without regard to case; `%`, `_` and `*` are ordinary characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substring(String);

impl Substring {
    /// The most characters a filter may have.
    pub const MAX_CHARACTERS: usize = 128;

    /// Normalizes and checks `raw`: 1 to 128 characters.
    ///
    /// # Errors
    /// The rule that `raw` breaks.
    pub fn parse(raw: &str) -> Result<Self, FieldProblem> {
        bounded(raw, 1, Self::MAX_CHARACTERS).map(|text| Self(fold_case(&text)))
    }

    /// The case-folded text to look for in case-folded names.
    pub fn folded(&self) -> &str {
        &self.0
    }

    /// Whether a case-folded name contains this text.
    pub fn is_in(&self, folded_name: &str) -> bool {
        folded_name.contains(&self.0)
    }
}

crate::wire::text_on_the_wire!(Substring folded);

impl std::str::FromStr for Substring {
    type Err = FieldProblem;

    fn from_str(raw: &str) -> Result<Self, FieldProblem> {
        Self::parse(raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_after_normalizing_at_both_sides_of_each_bound() {
        for (name, raw, ok) in [
            ("empty", String::new(), false),
            ("white space only", " \t ".into(), false),
            ("one", "x".into(), true),
            ("at the maximum", "é".repeat(500), true),
            ("one over", "é".repeat(501), false),
            ("decomposed at the maximum", "e\u{301}".repeat(500), true),
            ("white space around the maximum", format!("  {} ", "x".repeat(500)), true),
            ("a megabyte", "x".repeat(1 << 20), false),
        ] {
            assert_eq!(Comment::parse(&raw).is_ok(), ok, "{name}");
        }
    }

    #[test]
    fn control_characters_are_refused_inside_and_named() {
        for raw in
            ["a\u{0}b", "a\nb", "a\u{7f}b", "a\u{85}b", "a\u{200b}b", "a\u{202e}b", "a\u{2028}b", "a\u{ad}b"]
        {
            let problem = Comment::parse(raw).unwrap_err();
            assert_eq!(problem.rule, FieldRule::ControlCharacter, "{problem}");
            assert!(problem.found.starts_with("U+"));
        }
        assert!(Comment::parse("می\u{200c}خواهم").is_ok(), "a joiner belongs to the word");
    }

    #[test]
    fn folding_makes_texts_that_differ_in_case_equal_in_every_script() {
        for (a, b) in
            [("Straße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ÉCOLE", "e\u{301}cole"), ("Дом", "дОМ")]
        {
            assert_eq!(fold_case(&normalize(a)), fold_case(&normalize(b)), "{a} {b}");
        }
    }
}
