//! Object identifiers, kept as their DER content octets.

use std::fmt;
use std::str::FromStr;

/// anyPolicy, 2.5.29.32.0, as DER content octets.
pub(super) const ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];

/// An object identifier such as `2.5.29.32.0`.
///
/// Kept as the content octets of its DER encoding, so arcs of any size survive; two identifiers are equal when
/// those octets are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(Box<[u8]>);

impl Oid {
    /// The identifier with these DER content octets; `None` where they are not a valid encoding
    /// (X.690 section 8.19).
    pub fn from_der_content(content: &[u8]) -> Option<Self> {
        is_valid(content).then(|| Self(content.into()))
    }

    /// Whether it is anyPolicy, 2.5.29.32.0 (RFC 5280 section 4.2.1.4).
    pub(super) fn is_any_policy(&self) -> bool {
        *self.0 == *ANY_POLICY
    }

    /// The content octets of the DER encoding, without tag and length.
    pub fn der_content(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Oid {
    /// Dotted decimal, for example `1.2.840.113549.1.1.11`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dotted(f, &self.0)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an object identifier in dotted decimal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an object identifier in dotted decimal such as 2.5.29.32.0 is needed, found \"{}\"", found.escape_debug())]
#[non_exhaustive]
pub struct InvalidOid {
    /// The text, at most its first 64 characters.
    pub found: String,
}

impl FromStr for Oid {
    type Err = InvalidOid;

    fn from_str(text: &str) -> Result<Self, InvalidOid> {
        parse_dotted(text)
            .map(|content| Self(content.into_boxed_slice()))
            .ok_or_else(|| InvalidOid { found: text.chars().take(64).collect() })
    }
}

impl serde::Serialize for Oid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Oid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether `content` is a well-formed encoding: at least one arc, each ended and none padded with leading zeros
/// (X.690 sections 8.19.2 and 8.19.4).
pub(super) fn is_valid(content: &[u8]) -> bool {
    let mut arc_starts = true;
    for &octet in content {
        if arc_starts && octet == 0x80 {
            return false;
        }
        arc_starts = octet & 0x80 == 0;
    }
    arc_starts && !content.is_empty()
}

/// The dotted form of DER content octets.
pub(super) fn dotted(content: &[u8]) -> String {
    struct Dotted<'a>(&'a [u8]);
    impl fmt::Display for Dotted<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_dotted(f, self.0)
        }
    }
    Dotted(content).to_string()
}

fn write_dotted(f: &mut fmt::Formatter<'_>, content: &[u8]) -> fmt::Result {
    let mut arc = Some(0u128);
    let mut is_first = true;
    for &octet in content {
        arc = arc
            .and_then(|high| high.checked_mul(128))
            .and_then(|high| high.checked_add(u128::from(octet & 0x7f)));
        if octet & 0x80 != 0 {
            continue;
        }
        match (arc, is_first) {
            // The first two arcs share one subidentifier (X.690 section 8.19.4).
            (Some(both @ 0..40), true) => write!(f, "0.{both}")?,
            (Some(both @ 40..80), true) => write!(f, "1.{}", both - 40)?,
            (Some(both), true) => write!(f, "2.{}", both - 80)?,
            (Some(arc), false) => write!(f, ".{arc}")?,
            // More than 128 bits: nobody assigns such an arc, so a mark is enough for a person to read.
            (None, true) => f.write_str("2.?")?,
            (None, false) => f.write_str(".?")?,
        }
        arc = Some(0);
        is_first = false;
    }
    Ok(())
}

fn parse_dotted(text: &str) -> Option<Vec<u8>> {
    let mut arcs = text.split('.').map(|digits| {
        let is_plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let is_minimal = digits == "0" || !digits.starts_with('0');
        if is_plain && is_minimal { digits.parse::<u128>().ok() } else { None }
    });
    let first = arcs.next()??;
    let second = arcs.next()??;
    if first > 2 || (first < 2 && second >= 40) {
        return None;
    }
    let mut content = Vec::with_capacity(text.len());
    push_arc(&mut content, (first * 40).checked_add(second)?);
    for arc in arcs {
        push_arc(&mut content, arc?);
    }
    Some(content)
}

/// Appends one subidentifier, seven bits an octet, the most significant first (X.690 section 8.19.2).
fn push_arc(content: &mut Vec<u8>, arc: u128) {
    let bits = 128 - arc.leading_zeros();
    for group in (0..bits.div_ceil(7).max(1)).rev() {
        let seven = ((arc >> (7 * group)) & 0x7f) as u8;
        content.push(if group == 0 { seven } else { seven | 0x80 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets_name_the_same_identifier() {
        for (text, content) in [
            ("2.5.29.32.0", &[0x55, 0x1d, 0x20, 0x00][..]),
            ("1.2.840.113549.1.1.11", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]),
            ("0.39", &[39]),
            ("2.999.3", &[0x88, 0x37, 3]),
        ] {
            let oid: Oid = text.parse().unwrap();
            assert_eq!(oid.der_content(), content, "{text}");
            assert_eq!(Oid::from_der_content(content).unwrap().to_string(), text);
            assert_eq!(format!("{oid:?}"), text);
        }
        let uuid = "2.25.329800735698586629295641978511506172918";
        assert_eq!(uuid.parse::<Oid>().unwrap().to_string(), uuid);
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for text in ["", "1", "3.1", "1.40", "1..2", "1.2.", "01.2", "1.-2", "1.+2", "1.2.x", "1.2 "] {
            assert!(text.parse::<Oid>().is_err(), "{text}");
        }
        for content in [&[][..], &[0x80, 1], &[0x2a, 0x86], &[0x2a, 0x80, 0x01]] {
            assert_eq!(Oid::from_der_content(content), None);
        }
        // An arc of more than 128 bits is still an identifier.
        let mut long = vec![0x2a];
        long.extend([0xff; 30]);
        long.push(0x7f);
        assert_eq!(Oid::from_der_content(&long).unwrap().to_string(), "1.2.?");
    }
}
