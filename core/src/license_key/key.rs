//! The license key itself: the only place that ever holds one in clear.

use std::fmt;
use std::str::FromStr;

use rand_core::TryCryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::digest::{KeyHasher, LicenseKeyDigest};

/// What every generated key starts with; never changes, so that scanners can find keys that leaked.
pub const KEY_PREFIX: &str = "misp_";
/// Random characters of a generated key: 62^43 is more than 2^256.
const SECRET_CHARACTERS: usize = 43;
/// Characters of the checksum: 62^6 is more than 2^32.
const CHECKSUM_CHARACTERS: usize = 6;
/// Characters of a generated key: prefix, secret, checksum. At most 55, so that its digest costs one SHA-256 block.
pub const KEY_CHARACTERS: usize = KEY_PREFIX.len() + SECRET_CHARACTERS + CHECKSUM_CHARACTERS;
/// Characters of MOSIP's own keys, which can be imported: digits and letters.
pub const IMPORTED_KEY_CHARACTERS: usize = 50;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A license key in clear. It does not print itself, cannot be copied, and wipes itself when dropped.
///
/// A generated key is `misp_`, 43 random characters (more than 256 bits) and a checksum of 6: letters, digits and
/// `_` only, 54 characters. The checksum is a CRC-32, so every mistyped character, every two swapped neighbors and
/// every lost or added character at an end shows offline. An imported key is MOSIP's: 50 letters and digits.
pub struct LicenseKey(Zeroizing<String>);

impl LicenseKey {
    /// Makes a key from a cryptographic generator.
    ///
    /// # Errors
    /// What the generator reports.
    pub fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, R::Error> {
        let mut key = Zeroizing::new(String::with_capacity(KEY_CHARACTERS));
        key.push_str(KEY_PREFIX);
        // Eight bytes a character, of which the remainder counts: no character is likelier than another by more than
        // one part in 2^58. Throwing numbers away until one is a digit would make them equal, and would never end
        // where a broken generator gives nothing else.
        let mut random = Zeroizing::new([[0u8; 8]; SECRET_CHARACTERS]);
        rng.try_fill_bytes(random.as_flattened_mut())?;
        key.extend(random.iter().map(|bytes| char::from(digit(u64::from_le_bytes(*bytes)))));
        let mut checksum = checksum(key.as_bytes());
        key.extend(checksum.iter().copied().map(char::from));
        checksum.zeroize();
        Ok(Self(key))
    }

    /// Reads a key as somebody presents it: a generated one, or one of MOSIP's.
    ///
    /// # Errors
    /// What about its form is wrong, never the text itself.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        check_form(text)?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The key in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What stores keep in its place.
    pub fn digest(&self, hasher: &KeyHasher) -> LicenseKeyDigest {
        hasher.digest(&self.0)
    }

    /// The last four characters, for display.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }
}

impl fmt::Debug for LicenseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LicenseKey(elided)")
    }
}

impl FromStr for LicenseKey {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, MalformedKey> {
        Self::parse(text)
    }
}

/// What is wrong with the form of a text that should be a license key. Holds nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum MalformedKey {
    /// Neither the length of a generated nor of an imported key.
    #[error("{KEY_CHARACTERS} or {IMPORTED_KEY_CHARACTERS} characters needed, found {found} bytes")]
    Length {
        /// The text's length in bytes.
        found: usize,
    },
    /// The length of a generated key, but not its prefix.
    #[error("{KEY_PREFIX:?} at the start needed, found another start")]
    Prefix,
    /// A character that no key has.
    #[error("letters and digits needed, found another character at byte {position}")]
    Character {
        /// Its place, counted in bytes from 0.
        position: usize,
    },
    /// The checksum does not fit: a typing error.
    #[error("a matching checksum needed, found another: the key was mistyped or cut")]
    Checksum,
}

/// Checks a presented text without copying it.
pub(crate) fn check_form(text: &str) -> Result<(), MalformedKey> {
    let bytes = text.as_bytes();
    let secret_start = match bytes.len() {
        KEY_CHARACTERS if text.starts_with(KEY_PREFIX) => KEY_PREFIX.len(),
        KEY_CHARACTERS => return Err(MalformedKey::Prefix),
        IMPORTED_KEY_CHARACTERS => 0,
        found => return Err(MalformedKey::Length { found }),
    };
    let (prefix, rest) = bytes.split_at(secret_start);
    // Looking at every byte, whatever the others are, takes a fraction of the time of stopping at the first stranger.
    let strangers = rest.iter().fold(false, |found, byte| found | !byte.is_ascii_alphanumeric());
    if strangers && let Some(position) = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()) {
        return Err(MalformedKey::Character { position: position + prefix.len() });
    }
    if secret_start > 0 {
        let (body, found) = bytes.split_at(KEY_CHARACTERS - CHECKSUM_CHARACTERS);
        if checksum(body) != found {
            return Err(MalformedKey::Checksum);
        }
    }
    Ok(())
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_CHARACTERS] {
    let mut rest = crc32fast::hash(body);
    let mut digits = [b'0'; CHECKSUM_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        *digit = self::digit(rest.into());
        rest /= 62;
    }
    digits
}

/// The last digit of a number in base 62.
fn digit(number: u64) -> u8 {
    // The remainder is below 62, the alphabet's length.
    ALPHABET[(number % 62) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn key() -> LicenseKey {
        LicenseKey::generate(&mut getrandom::SysRng).unwrap()
    }

    #[test]
    fn a_generated_key_is_one_word_of_54_characters_that_reads_back() {
        let mut seen = HashSet::new();
        for _ in 0..1_000 {
            let key = key();
            let text = key.reveal();
            assert_eq!(text.len(), 54);
            assert!(text.len() <= 55, "one SHA-256 block holds at most 55 bytes");
            assert!(text.starts_with("misp_"));
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            assert_eq!(LicenseKey::parse(text).unwrap().reveal(), text);
            assert!(text.ends_with(key.last4()) && key.last4().len() == 4);
            assert!(seen.insert(text.to_owned()), "two keys are equal");
        }
    }

    #[test]
    fn every_character_of_the_alphabet_is_equally_likely() {
        let mut counts = std::collections::HashMap::new();
        for _ in 0..2_000 {
            for c in key().reveal()[5..48].bytes() {
                *counts.entry(c).or_insert(0u32) += 1;
            }
        }
        assert_eq!(counts.len(), 62);
        // 86,000 draws, 1,387 expected each: seven standard deviations are 258.
        assert!(counts.values().all(|n| (1_129..=1_645).contains(n)), "{counts:?}");
    }

    /// A broken generator: one byte for ever.
    struct Stuck(u8);

    impl rand_core::TryRng for Stuck {
        type Error = std::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::from_ne_bytes([self.0; 4]))
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::from_ne_bytes([self.0; 8]))
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    impl TryCryptoRng for Stuck {}

    #[test]
    fn a_broken_generator_makes_a_poor_key_and_not_an_endless_loop() {
        for byte in 0..=u8::MAX {
            let Ok(key) = LicenseKey::generate(&mut Stuck(byte));
            assert_eq!(LicenseKey::parse(key.reveal()).unwrap().reveal(), key.reveal(), "{byte}");
        }
    }

    #[test]
    fn a_character_is_the_last_digit_of_a_number_in_base_62() {
        for (number, want) in [(0, b'0'), (9, b'9'), (10, b'A'), (61, b'z'), (62, b'0'), (u64::MAX, b'F')] {
            assert_eq!(digit(number), want, "{number}");
        }
    }

    #[test]
    fn every_mistyped_swapped_lost_or_added_character_is_found_offline() {
        let key = key();
        let text = key.reveal();
        for position in 0..text.len() {
            for other in ['0', 'A', 'z', '_', '-', 'é', '\0'] {
                let mut typed: Vec<char> = text.chars().collect();
                if typed[position] == other {
                    continue;
                }
                typed[position] = other;
                let typed: String = typed.into_iter().collect();
                assert!(LicenseKey::parse(&typed).is_err(), "{position} {other}");
            }
            if position + 1 < text.len() && text.as_bytes()[position] != text.as_bytes()[position + 1] {
                let mut typed: Vec<u8> = text.bytes().collect();
                typed.swap(position, position + 1);
                assert!(
                    LicenseKey::parse(std::str::from_utf8(&typed).unwrap()).is_err(),
                    "{position} swapped"
                );
            }
            let mut typed = text.to_owned();
            typed.remove(position);
            assert!(LicenseKey::parse(&typed).is_err(), "{position} lost");
            let mut typed = text.to_owned();
            typed.insert(position, 'x');
            assert!(LicenseKey::parse(&typed).is_err(), "{position} added");
        }
    }

    #[test]
    fn malformed_text_is_told_by_its_form_alone() {
        let generated = key();
        let imported = "a".repeat(50);
        for (name, text, want) in [
            ("empty", String::new(), MalformedKey::Length { found: 0 }),
            ("49", "a".repeat(49), MalformedKey::Length { found: 49 }),
            ("51", "a".repeat(51), MalformedKey::Length { found: 51 }),
            ("53", generated.reveal()[..53].to_owned(), MalformedKey::Length { found: 53 }),
            ("55", format!("{}x", generated.reveal()), MalformedKey::Length { found: 55 }),
            ("a megabyte", "a".repeat(1 << 20), MalformedKey::Length { found: 1 << 20 }),
            ("prefix", format!("MISP_{}", &generated.reveal()[5..]), MalformedKey::Prefix),
            ("space", format!("{} ", "a".repeat(49)), MalformedKey::Character { position: 49 }),
            ("two strangers", format!("{}-?", "a".repeat(48)), MalformedKey::Character { position: 48 }),
            ("nothing but strangers", "-".repeat(50), MalformedKey::Character { position: 0 }),
            (
                "underscore inside",
                format!("misp__{}", "a".repeat(48)),
                MalformedKey::Character { position: 5 },
            ),
            ("checksum", format!("misp_{}", "a".repeat(49)), MalformedKey::Checksum),
        ] {
            let error = LicenseKey::parse(&text).unwrap_err();
            assert_eq!(error, want, "{name}");
            assert!(text.len() < 8 || !error.to_string().contains(&text[4..8]), "{name}: {error}");
        }
        assert_eq!(LicenseKey::parse(&imported).unwrap().last4(), "aaaa");
    }

    #[test]
    fn a_key_does_not_print_itself() {
        let key = key();
        assert_eq!(format!("{key:?} {key:#?}"), "LicenseKey(elided) LicenseKey(elided)");
    }
}
