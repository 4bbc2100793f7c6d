//! Text in names: the string types of X.520 and the preparation that RFC 5280 section 7.1 asks for before values
//! are compared.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::reader::tag;

/// The decoded value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn into_string(self) -> String {
        self.0.into_owned()
    }
}

/// The text of a string with this tag; `None` for another type or an invalid encoding.
pub(super) fn decode(tag: u8, content: &[u8]) -> Option<Text<'_>> {
    let text = match tag {
        // The types of seven bits are read as UTF-8 too: it contains ASCII, and some issuers put it there.
        tag::UTF8_STRING
        | tag::PRINTABLE_STRING
        | tag::IA5_STRING
        | tag::NUMERIC_STRING
        | tag::VISIBLE_STRING => Cow::Borrowed(std::str::from_utf8(content).ok()?),
        // T.61 in name only: what is written into it is Latin-1, and so OpenSSL and Java read it.
        tag::TELETEX_STRING => Cow::Owned(content.iter().map(|&octet| char::from(octet)).collect()),
        tag::BMP_STRING => {
            let (pairs, []) = content.as_chunks::<2>() else { return None };
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            Cow::Owned(char::decode_utf16(units).collect::<Result<_, _>>().ok()?)
        }
        tag::UNIVERSAL_STRING => {
            let (quads, []) = content.as_chunks::<4>() else { return None };
            let scalars = quads.iter().map(|quad| char::from_u32(u32::from_be_bytes(*quad)));
            Cow::Owned(scalars.collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Text(text))
}

/// Appends the form in which values are compared: case folded, normalized, control characters removed, white
/// space trimmed and collapsed (RFC 4518 sections 2.2, 2.3 and 2.6.1).
pub(super) fn prepare(text: &Text<'_>, out: &mut Vec<u8>) {
    let text = text.as_str();
    if is_tidy(text.as_bytes()) {
        let start = out.len();
        out.extend_from_slice(text.as_bytes());
        out.get_mut(start..).unwrap_or_default().make_ascii_lowercase();
    } else if text.is_ascii() {
        push_collapsed(text.bytes().filter_map(|octet| map_ascii(octet.to_ascii_lowercase())), out);
    } else {
        let mapped: String = text.chars().filter_map(map).collect();
        // Normalization can bring back what folding removes (a script capital becomes a plain one), so fold
        // again after it, as table B.2 of RFC 3454 does in one step.
        let folded: String = fold(&mapped).nfkc().collect();
        let prepared: String = fold(&folded).nfkc().collect();
        push_collapsed(prepared.bytes(), out);
    }
}

/// Whether only the case of ASCII letters is left to prepare, which is so for nearly every value there is.
fn is_tidy(text: &[u8]) -> bool {
    let mut after_space = true;
    for &octet in text {
        if !matches!(octet, b' '..=b'~') || (after_space && octet == b' ') {
            return false;
        }
        after_space = octet == b' ';
    }
    !after_space
}

fn fold(text: &str) -> String {
    unicase::UniCase::unicode(text).to_folded_case()
}

/// Appends `octets` with white space collapsed to one space and none at the ends.
fn push_collapsed(octets: impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    let start = out.len();
    let mut space_pending = false;
    for octet in octets {
        if octet == b' ' {
            space_pending = true;
        } else {
            if std::mem::take(&mut space_pending) && out.len() > start {
                out.push(b' ');
            }
            out.push(octet);
        }
    }
}

/// [`map`] for ASCII.
fn map_ascii(octet: u8) -> Option<u8> {
    match octet {
        b'\t'..=b'\r' => Some(b' '),
        0..b' ' | 0x7f => None,
        _ => Some(octet),
    }
}

/// RFC 4518 section 2.2: what is removed and what becomes a space.
fn map(c: char) -> Option<char> {
    match c {
        '\t'..='\r' | '\u{85}' => Some(' '),
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => None,
        '\u{ad}' | '\u{34f}' | '\u{6dd}' | '\u{70f}' | '\u{1806}' | '\u{180b}'..='\u{180e}' => None,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2063}' => None,
        '\u{206a}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' => None,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}' => None,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' => Some(' '),
        '\u{205f}' | '\u{3000}' => Some(' '),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(text: &str) -> String {
        let mut out = Vec::new();
        prepare(&Text(Cow::Borrowed(text)), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn comparison_ignores_case_and_the_amount_of_white_space() {
        for (text, expected) in [
            ("", ""),
            ("   ", ""),
            (" Example  Telecom\t", "example telecom"),
            ("Telecom\0 \u{7f}", "telecom"),
            ("a\tb\nc\u{b}d\u{c}e\rf", "a b c d e f"),
            ("é\tb\nc\u{b}d\u{c}e\rf", "é b c d e f"),
            ("a\u{8}b\u{e}c\u{1f}d", "abcd"),
            ("é\u{8}b\u{e}c\u{1f}d", "ébcd"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("\u{a0}\u{c9}cole\u{3000} Normale", "école normale"),
            ("E\u{301}cole", "école"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("\u{210c}aus", "haus"),
            ("soft\u{ad}hyphen ﬁ", "softhyphen fi"),
        ] {
            assert_eq!(prepared(text), expected, "{text}");
        }
    }

    #[test]
    fn in_a_tidy_text_only_case_is_left_to_prepare() {
        for (text, tidy) in [
            ("Example Bank", true),
            ("!~", true),
            ("", false),
            (" a", false),
            ("a ", false),
            ("a  b", false),
            ("a\tb", false),
            ("a\u{7f}", false),
            ("é", false),
        ] {
            assert_eq!(is_tidy(text.as_bytes()), tidy, "{text:?}");
        }
    }

    #[test]
    fn every_string_type_gives_its_text() {
        for (tag, content, text) in [
            (tag::UTF8_STRING, "é".as_bytes(), Some("é")),
            (tag::UTF8_STRING, &[0xe9], None),
            (tag::PRINTABLE_STRING, b"ab", Some("ab")),
            (tag::TELETEX_STRING, &[0x61, 0xe9], Some("aé")),
            (tag::BMP_STRING, &[0x00, 0x61, 0x20, 0xac], Some("a€")),
            (tag::BMP_STRING, &[0xd8, 0x00], None),
            (tag::BMP_STRING, &[0x00], None),
            (tag::UNIVERSAL_STRING, &[0, 1, 0xf6, 0], Some("\u{1f600}")),
            (tag::UNIVERSAL_STRING, &[0, 0, 0xd8, 0], None),
            (tag::UNIVERSAL_STRING, &[0, 0, 0], None),
            (tag::INTEGER, &[1], None),
        ] {
            assert_eq!(decode(tag, content).as_ref().map(Text::as_str), text, "{tag:#04x} {content:02x?}");
        }
    }
}
