//! RSA as a formula, for what a cryptographic library rightly refuses to sign: with a key too small, with SHA-1, with
//! a PSS salt of unusual length.
//!
//! Not constant in time and not meant to be: the keys are for tests.

use der::asn1::{OctetStringRef, UintRef};
use der::{AnyRef, Decode, SliceReader};
use num_bigint::BigUint;

use super::der as write;
use super::hash::Hash;

/// A private key: modulus and exponent.
pub(super) struct RawRsa {
    modulus: BigUint,
    private_exponent: BigUint,
    /// The public key in DER (RFC 8017 appendix A.1.1).
    pub(super) public_key: Vec<u8>,
}

impl RawRsa {
    /// Takes the key out of PKCS#8 (RFC 5208).
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(AnyRef::from_der(pkcs8)?.value())?;
        UintRef::decode(&mut reader)?;
        AnyRef::decode(&mut reader)?;
        let key = <&OctetStringRef>::decode(&mut reader)?;
        let mut reader = SliceReader::new(AnyRef::from_der(key.as_bytes())?.value())?;
        let mut next = || Ok::<_, der::Error>(UintRef::decode(&mut reader)?.as_bytes());
        let (_version, modulus, public_exponent, private_exponent) = (next()?, next()?, next()?, next()?);
        Ok(Self {
            modulus: BigUint::from_bytes_be(modulus),
            private_exponent: BigUint::from_bytes_be(private_exponent),
            public_key: write::sequence(&[
                write::unsigned_integer(modulus),
                write::unsigned_integer(public_exponent),
            ]),
        })
    }

    pub(super) fn bits(&self) -> usize {
        self.modulus.bits() as usize
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    pub(super) fn sign_pkcs1(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        let digest_info = write::sequence(&[hash.identifier(), write::octet_string(&hash.of(message))]);
        let mut encoded = vec![0xff; self.bits().div_ceil(8)];
        let separator = encoded.len() - digest_info.len() - 1;
        encoded[..2].copy_from_slice(&[0x00, 0x01]);
        encoded[separator] = 0x00;
        encoded[separator + 1..].copy_from_slice(&digest_info);
        self.apply(&encoded)
    }

    /// RSASSA-PSS (RFC 8017 section 8.1). The salt is always the same, which makes the signature repeatable and its
    /// proof of security void.
    pub(super) fn sign_pss(&self, hash: Hash, mask: Hash, salt_length: usize, message: &[u8]) -> Vec<u8> {
        let salt = vec![0x5a; salt_length];
        let digest = hash.of(&[&[0; 8][..], &hash.of(message), &salt].concat());
        let length = (self.bits() - 1).div_ceil(8);
        let masked_length = length - digest.len() - 1;
        let padding = vec![0; masked_length - salt.len() - 1];
        let mut encoded = [&padding, &[0x01][..], &salt].concat();
        for (byte, mask) in encoded.iter_mut().zip(mgf1(mask, &digest, masked_length)) {
            *byte ^= mask;
        }
        encoded[0] &= 0xff >> (8 * length - (self.bits() - 1));
        encoded.extend(digest);
        encoded.push(0xbc);
        self.apply(&encoded)
    }

    fn apply(&self, encoded: &[u8]) -> Vec<u8> {
        let signature =
            BigUint::from_bytes_be(encoded).modpow(&self.private_exponent, &self.modulus).to_bytes_be();
        let mut padded = vec![0; self.bits().div_ceil(8) - signature.len()];
        padded.extend(signature);
        padded
    }
}

/// RFC 8017 appendix B.2.1.
fn mgf1(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0_u32..).map(|counter| hash.of(&[seed, &counter.to_be_bytes()].concat()));
    blocks.take(length.div_ceil(hash.length())).flatten().take(length).collect()
}
