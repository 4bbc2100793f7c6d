//! Instants as certificates write them.

use misp_onboarding::Timestamp;

use super::der;

/// An instant of a validity, and how it is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// As RFC 5280 section 4.1.2.5 wants it: UTCTime from 1950 to 2049, GeneralizedTime otherwise.
    Standard(Timestamp),
    /// UTCTime, which has two digits for the year: those of an instant outside 1950 to 2049 read as another.
    Utc(Timestamp),
    /// GeneralizedTime, whichever year it is.
    Generalized(Timestamp),
    /// Any bytes in its place.
    Raw(Vec<u8>),
}

impl Time {
    /// Its DER; fractions of a second are cut off.
    pub fn der(&self) -> Vec<u8> {
        match self {
            Self::Standard(instant) => match digits(*instant) {
                digits if ("1950".."2050").contains(&&digits[..4]) => utc(&digits),
                digits => generalized(&digits),
            },
            Self::Utc(instant) => utc(&digits(*instant)),
            Self::Generalized(instant) => generalized(&digits(*instant)),
            Self::Raw(bytes) => bytes.clone(),
        }
    }
}

impl From<Timestamp> for Time {
    fn from(instant: Timestamp) -> Self {
        Self::Standard(instant)
    }
}

impl From<&str> for Time {
    /// RFC 3339 (`2026-01-15T12:00:00Z`), or a day, which means its first instant in UTC (`2026-01-15`).
    ///
    /// # Panics
    ///
    /// Where the text is neither.
    fn from(text: &str) -> Self {
        Self::Standard(instant(text))
    }
}

/// See `From<&str> for Time`.
pub(super) fn instant(text: &str) -> Timestamp {
    let parsed =
        if text.len() == "2026-01-15".len() { format!("{text}T00:00:00Z").parse() } else { text.parse() };
    parsed.unwrap_or_else(|error| panic!("{error}"))
}

fn utc(digits: &str) -> Vec<u8> {
    der::value(0x17, format!("{}Z", &digits[2..]).as_bytes())
}

fn generalized(digits: &str) -> Vec<u8> {
    der::value(0x18, format!("{digits}Z").as_bytes())
}

/// `YYYYMMDDhhmmss`.
fn digits(instant: Timestamp) -> String {
    let text = Timestamp::from_unix_seconds(instant.unix_seconds()).to_string();
    assert!(!text.starts_with('-'), "{text} is before the year 0, which no certificate can say");
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_changes_in_1950_and_2050() {
        for (text, tag, digits) in [
            ("1949-12-31T23:59:59Z", 0x18, "19491231235959Z"),
            ("1950-01-01", 0x17, "500101000000Z"),
            ("2049-12-31T23:59:59.999999Z", 0x17, "491231235959Z"),
            ("2050-01-01", 0x18, "20500101000000Z"),
            ("0001-01-01", 0x18, "00010101000000Z"),
        ] {
            assert_eq!(Time::from(text).der(), der::value(tag, digits.as_bytes()), "{text}");
        }
        assert_eq!(Time::Utc(instant("2050-01-01")).der(), der::value(0x17, b"500101000000Z"));
        assert_eq!(Time::Generalized(instant("2026-01-01")).der(), der::value(0x18, b"20260101000000Z"));
    }
}
