//! What stores keep of a license key.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::key::{IMPORTED_KEY_CHARACTERS, KEY_CHARACTERS};
use crate::text::{FieldProblem, FieldRule};

/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 32;

/// Bytes that SHA-256 takes at a time.
const BLOCK_BYTES: usize = 64;
/// What a message ends with: its length in bits.
const LENGTH_BYTES: usize = 8;
/// What SHA-256 begins with: FIPS 180-4 section 5.3.3.
const INITIAL_HASH: [u32; DIGEST_BYTES / 4] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-256 of a license key, or HMAC-SHA-256 under the host's pepper. A key of 256 random bits cannot be found
/// from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LicenseKeyDigest([u8; DIGEST_BYTES]);

impl LicenseKeyDigest {
    /// The digest with these bytes, as a store kept them.
    pub const fn from_bytes(bytes: [u8; DIGEST_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; DIGEST_BYTES] {
        &self.0
    }

    /// Whether both are the same, in a time that does not depend on where they differ. Comparing eight bytes at a time
    /// takes a sixth of the time that one by one takes.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.words().ct_eq(&other.words()).into()
    }

    fn words(&self) -> [u64; DIGEST_BYTES / 8] {
        let (words, _) = self.0.as_chunks();
        std::array::from_fn(|place| words.get(place).copied().map_or(0, u64::from_ne_bytes))
    }
}

impl fmt::Display for LicenseKeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

crate::wire::text_on_the_wire!(LicenseKeyDigest);

impl fmt::Debug for LicenseKeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LicenseKeyDigest({self})")
    }
}

impl FromStr for LicenseKeyDigest {
    type Err = FieldProblem;

    /// Reads 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, FieldProblem> {
        let wrong = || {
            let found = format!("{} bytes of text", text.len());
            FieldProblem::new(FieldRule::Format, "64 hexadecimal digits", found)
        };
        if text.len() != DIGEST_BYTES * 2 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0u8; DIGEST_BYTES];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(index * 2..index * 2 + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

/// A host's secret that digests are made under, so that the database alone does not even tell whether a given key
/// is in it. At least 32 bytes; wiped when dropped. Keys made under another pepper, or none, are unknown under it.
pub struct Pepper(Zeroizing<Vec<u8>>);

impl Pepper {
    /// The fewest bytes of a pepper: as many as the digest has.
    pub const MIN_BYTES: usize = DIGEST_BYTES;

    /// Takes the host's secret.
    ///
    /// # Errors
    /// When it is shorter than 32 bytes.
    pub fn new(secret: Vec<u8>) -> Result<Self, FieldProblem> {
        let secret = Zeroizing::new(secret);
        if secret.len() < Self::MIN_BYTES {
            let required = format!("at least {} bytes", Self::MIN_BYTES);
            return Err(FieldProblem::new(FieldRule::Length, required, secret.len().to_string()));
        }
        Ok(Self(secret))
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(elided)")
    }
}

/// How license keys become digests.
#[derive(Default)]
pub struct KeyHasher {
    /// The state after the pepper, so that a digest does not hash the pepper again; none for plain SHA-256.
    peppered: Option<Hmac<Sha256>>,
}

impl KeyHasher {
    /// Plain SHA-256.
    pub fn sha256() -> Self {
        Self::default()
    }

    /// HMAC-SHA-256 under a pepper.
    #[allow(clippy::expect_used, reason = "RFC 2104 section 2: an HMAC key may have any length")]
    pub fn peppered(pepper: &Pepper) -> Self {
        Self { peppered: Some(Hmac::<Sha256>::new_from_slice(&pepper.0).expect("a key of any length")) }
    }

    pub(crate) fn digest(&self, key: &str) -> LicenseKeyDigest {
        match &self.peppered {
            None => LicenseKeyDigest(sha256(key.as_bytes())),
            Some(mac) => {
                let mut mac = mac.clone();
                mac.update(key.as_bytes());
                LicenseKeyDigest(mac.finalize().into_bytes().into())
            }
        }
    }
}

/// SHA-256 of a key's text. Keys have one of two lengths, and either fits in one block: padding it in place spares the
/// library's buffer, which is made for messages of any length. Other text, which is no key, has the library's digest.
fn sha256(text: &[u8]) -> [u8; DIGEST_BYTES] {
    if let Ok(text) = text.try_into() {
        one_block::<KEY_CHARACTERS>(text)
    } else if let Ok(text) = text.try_into() {
        one_block::<IMPORTED_KEY_CHARACTERS>(text)
    } else {
        Sha256::digest(text).into()
    }
}

/// SHA-256 of a message that fits in one block with its padding: FIPS 180-4 sections 5.1.1 and 6.2.
fn one_block<const LENGTH: usize>(message: &[u8; LENGTH]) -> [u8; DIGEST_BYTES] {
    const {
        assert!(LENGTH < BLOCK_BYTES - LENGTH_BYTES, "a message, the bit after it and its length have to fit")
    };
    let mut blocks = [[0; BLOCK_BYTES]];
    let [block] = &mut blocks;
    block[..LENGTH].copy_from_slice(message);
    block[LENGTH] = 0b1000_0000;
    block[BLOCK_BYTES - LENGTH_BYTES..].copy_from_slice(&(LENGTH as u64 * 8).to_be_bytes());
    let mut hash = INITIAL_HASH;
    compress256(&mut hash, &blocks);
    let mut digest = [0; DIGEST_BYTES];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(hash) {
        *bytes = word.to_be_bytes();
    }
    digest
}

impl fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.peppered.is_some() { "KeyHasher(HMAC-SHA-256)" } else { "KeyHasher(SHA-256)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        // FIPS 180-2 B.1, and RFC 4231 case 7 (a key longer than a block).
        assert_eq!(
            KeyHasher::sha256().digest("abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let pepper = Pepper::new(vec![0xaa; 131]).unwrap();
        let text = "This is a test using a larger than block-size key and a larger than block-size data. \
                    The key needs to be hashed before being used by the HMAC algorithm.";
        assert_eq!(
            KeyHasher::peppered(&pepper).digest(text).to_string(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        );
    }

    #[test]
    fn keys_of_either_length_have_the_digests_that_openssl_makes_of_them() {
        for (key, digest) in [
            (
                "misp_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgABCDEF",
                "3ba5795454f937434165ae001ca9c79f0e80c6dd5323fafae318f624abd44af3",
            ),
            (
                "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn",
                "1de52a43fe16236e543e675833485a469a7575b326d590ab355a066a4999bd89",
            ),
        ] {
            assert_eq!(KeyHasher::sha256().digest(key).to_string(), digest, "{key}");
        }
    }

    #[test]
    fn a_block_that_is_padded_in_place_has_the_digest_that_the_library_makes() {
        fn bytes<const LENGTH: usize>(fill: u8) -> [u8; LENGTH] {
            std::array::from_fn(|place| fill ^ place as u8)
        }
        for fill in [0, 0x80, 0xff] {
            assert_eq!(one_block::<0>(&bytes(fill)), *Sha256::digest([]));
            assert_eq!(one_block::<50>(&bytes(fill)), *Sha256::digest(bytes::<50>(fill)));
            assert_eq!(one_block::<54>(&bytes(fill)), *Sha256::digest(bytes::<54>(fill)));
            // The most that one block holds; a byte more does not compile.
            assert_eq!(one_block::<55>(&bytes(fill)), *Sha256::digest(bytes::<55>(fill)));
        }
        assert_eq!(one_block(b"abc"), *KeyHasher::sha256().digest("abc").as_bytes());
    }

    #[test]
    fn a_pepper_has_at_least_32_bytes_and_does_not_print() {
        assert!(Pepper::new(vec![7; 31]).is_err());
        let pepper = Pepper::new(vec![7; 32]).unwrap();
        assert_eq!(format!("{pepper:?}"), "Pepper(elided)");
        assert_eq!(format!("{:?}", KeyHasher::peppered(&pepper)), "KeyHasher(HMAC-SHA-256)");
    }

    #[test]
    fn a_digest_is_the_same_only_where_every_byte_is() {
        let digest = KeyHasher::sha256().digest("x");
        assert!(digest.is_same(&digest.clone()));
        for place in 0..DIGEST_BYTES {
            let mut bytes = *digest.as_bytes();
            bytes[place] ^= 1;
            assert!(!digest.is_same(&LicenseKeyDigest::from_bytes(bytes)), "byte {place}");
        }
    }

    #[test]
    fn a_digest_reads_back_from_its_text() {
        let digest = KeyHasher::sha256().digest("x");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(format!("{digest:?}"), format!("LicenseKeyDigest({digest})"));
        assert_eq!(LicenseKeyDigest::from_bytes(*digest.as_bytes()), digest);
        for text in ["", "0", &"g".repeat(64), &"é".repeat(32), &"0".repeat(65)] {
            assert!(text.parse::<LicenseKeyDigest>().is_err(), "{text}");
        }
    }
}
