//! Fingerprints: digests of a certificate's whole DER.

use std::fmt;
use std::str::FromStr;

/// Writes one fingerprint type; the two differ in nothing but length and digest.
macro_rules! fingerprint {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// The fingerprint with these octets.
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The digest's octets.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            /// Lower-case hexadecimal without separators.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut digits = [0; 2 * $length];
                write_hex(&self.0, &mut digits);
                // Digits are always text.
                f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidFingerprint;

            /// Reads hexadecimal of either case; colons and spaces between the octets are ignored, as other
            /// tools print them.
            fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
                let mut bytes = [0; $length];
                read_hex(text, &mut bytes)
                    .then_some(Self(bytes))
                    .ok_or_else(|| InvalidFingerprint { octets: $length, found: text.chars().take(64).collect() })
            }
        }

        $crate::wire::text_on_the_wire!($name);
    };
}

fingerprint! {
    /// The SHA-256 of a certificate's DER: its identity everywhere in this crate.
    Fingerprint, 32
}

fingerprint! {
    /// The SHA-1 of a certificate's DER, shown because other tools show it; nothing is decided by it.
    Sha1Fingerprint, 20
}

/// Lower-case hexadecimal without separators.
pub(super) fn hex(octets: &[u8]) -> String {
    let mut digits = vec![0; 2 * octets.len()];
    write_hex(octets, &mut digits);
    // Digits are always text.
    String::from_utf8(digits).unwrap_or_default()
}

/// Fills `digits`, which are two for each octet.
fn write_hex(octets: &[u8], digits: &mut [u8]) {
    let digit = |value| if value < 10 { b'0' + value } else { b'a' - 10 + value };
    for (pair, octet) in digits.chunks_exact_mut(2).zip(octets) {
        pair.copy_from_slice(&[digit(octet >> 4), digit(octet & 15)]);
    }
}

/// A text that is not a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint of {octets} octets in hexadecimal is needed, found \"{}\"", found.escape_debug())]
#[non_exhaustive]
pub struct InvalidFingerprint {
    /// How many octets it needs.
    pub octets: usize,
    /// The text, at most its first 64 characters.
    pub found: String,
}

/// Fills `bytes` from hexadecimal text; whether the text was exactly that long and nothing else.
fn read_hex(text: &str, bytes: &mut [u8]) -> bool {
    let mut digits = text.chars().filter(|c| !matches!(c, ':' | ' ')).map(|c| c.to_digit(16));
    for byte in bytes {
        match (digits.next(), digits.next()) {
            (Some(Some(high)), Some(Some(low))) => *byte = (high * 16 + low) as u8,
            _ => return false,
        }
    }
    digits.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_shown_as_two_lower_case_digits_each() {
        let octets: Vec<u8> = (0..=u8::MAX).collect();
        let digits: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex(&octets), digits);
        assert_eq!(hex(&[]), "");
        for (octets, digits) in octets.as_chunks::<32>().0.iter().zip(digits.as_bytes().chunks(64)) {
            assert_eq!(Fingerprint::from_bytes(*octets).to_string().as_bytes(), digits);
        }
    }

    #[test]
    fn text_comes_back_as_the_same_fingerprint() {
        let fingerprint = Sha1Fingerprint::from_bytes(std::array::from_fn(|index| index as u8 * 13));
        let text = fingerprint.to_string();
        assert_eq!(text.parse(), Ok(fingerprint));
        assert_eq!(text.to_uppercase().parse(), Ok(fingerprint));
        let colons: Vec<_> =
            text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        assert_eq!(colons.join(":").parse(), Ok(fingerprint));
        for wrong in ["", "0", &text[1..], &format!("{text}0"), &text.replace('0', "g")] {
            assert!(wrong.parse::<Sha1Fingerprint>().is_err(), "{wrong}");
        }
    }
}
