//! Public keys.

use std::fmt;

use super::MalformedCertificate;
use super::algorithms::{AlgorithmIdentifier, Digest, Family, SignatureAlgorithm, id};
use super::bytes::Bytes;
use super::oid::Oid;
use super::reader::{Element, Reader, tag};

/// An elliptic curve.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256 (secp256r1).
    P256,
    /// NIST P-384 (secp384r1).
    P384,
    /// NIST P-521 (secp521r1).
    P521,
    /// Another named curve.
    Other(Oid),
    /// A curve spelled out by its parameters instead of named, which RFC 5480 section 2.1.1 does not allow.
    Explicit,
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::Other(oid) => oid.fmt(f),
            Self::Explicit => f.write_str("with explicit parameters"),
        }
    }
}

/// The kind and size of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA, also where the key is restricted to PSS signatures (RFC 4055).
    Rsa {
        /// Size of the modulus in bits.
        bits: u32,
    },
    /// An elliptic curve key for ECDSA (RFC 5480).
    Ec {
        /// The curve.
        curve: Curve,
    },
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Any other kind.
    Other {
        /// The algorithm's identifier.
        oid: Oid,
    },
}

impl fmt::Display for KeyAlgorithm {
    /// `RSA 2048`, `EC P-256`, `Ed25519`, or the object identifier.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::Ec { curve } => write!(f, "EC {curve}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other { oid } => oid.fmt(f),
        }
    }
}

impl serde::Serialize for KeyAlgorithm {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A subject's public key (RFC 5280 section 4.1.2.7). Two keys are equal when their DER is.
#[derive(Clone)]
pub struct PublicKey {
    spki: Bytes,
    key: Bytes,
    algorithm: KeyAlgorithm,
    /// What an RSASSA-PSS key allows to be signed with it (RFC 4055 section 1.2).
    restriction: PssRestriction,
    #[cfg(feature = "aws-lc-rs")]
    prepared: super::signature::PreparedKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PssRestriction {
    None,
    AnyPss,
    Only(Digest),
    /// Parameters that no signature algorithm named here fits.
    Unsatisfiable,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    pub(super) fn read(
        info: &Element<'_>,
        bytes: impl Fn(&[u8], usize) -> Bytes,
    ) -> Result<Self, MalformedCertificate> {
        let mut fields = info.reader();
        let identifier = AlgorithmIdentifier::read(&mut fields, "the key's algorithm")?;
        let bits = fields.element(tag::BIT_STRING, "the key as a bit string (RFC 5280 section 4.1.2.7)")?;
        fields.finish("the end of the public key")?;
        let [0, key @ ..] = bits.content else {
            return Err(bits.malformed("a key of whole octets", "another bit string"));
        };
        let mut restriction = PssRestriction::None;
        let algorithm = match identifier.oid {
            id::RSA => KeyAlgorithm::Rsa { bits: rsa_bits(key, bits.content_offset() + 1)? },
            id::RSA_PSS => {
                restriction = match (identifier.parameters, identifier.pss_parameters()) {
                    (None, _) => PssRestriction::AnyPss,
                    (Some(_), Some((digest, _))) => PssRestriction::Only(digest),
                    (Some(_), None) => PssRestriction::Unsatisfiable,
                };
                KeyAlgorithm::Rsa { bits: rsa_bits(key, bits.content_offset() + 1)? }
            }
            id::EC => KeyAlgorithm::Ec { curve: curve(&identifier)? },
            id::ED25519 => KeyAlgorithm::Ed25519,
            _ => KeyAlgorithm::Other { oid: identifier.to_oid()? },
        };
        Ok(Self {
            spki: bytes(info.encoded, info.offset),
            key: bytes(key, bits.content_offset() + 1),
            algorithm,
            restriction,
            #[cfg(feature = "aws-lc-rs")]
            prepared: super::signature::PreparedKey::default(),
        })
    }

    /// The DER of the SubjectPublicKeyInfo, which names the algorithm too.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The key's own octets: an RSAPublicKey as DER, an elliptic curve point, or an Ed25519 key.
    pub fn key_bytes(&self) -> &[u8] {
        &self.key
    }

    /// Kind and size.
    pub const fn algorithm(&self) -> &KeyAlgorithm {
        &self.algorithm
    }

    /// The key as aws-lc-rs has read it, if it has.
    #[cfg(feature = "aws-lc-rs")]
    pub(super) const fn prepared(&self) -> &super::signature::PreparedKey {
        &self.prepared
    }

    /// The curve of an elliptic curve key for ECDSA.
    #[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
    pub(super) const fn curve(&self) -> Option<&Curve> {
        match &self.algorithm {
            KeyAlgorithm::Ec { curve } => Some(curve),
            _ => None,
        }
    }

    /// Whether a signature by `algorithm` can be this key's at all.
    pub fn fits(&self, algorithm: &SignatureAlgorithm) -> bool {
        match (&self.algorithm, algorithm.family()) {
            (KeyAlgorithm::Rsa { .. }, Family::RsaPkcs1) => self.restriction == PssRestriction::None,
            (KeyAlgorithm::Rsa { .. }, Family::RsaPss(digest)) => match self.restriction {
                PssRestriction::None | PssRestriction::AnyPss => true,
                PssRestriction::Only(only) => only == digest,
                PssRestriction::Unsatisfiable => false,
            },
            (KeyAlgorithm::Ec { .. }, Family::Ecdsa) => true,
            (KeyAlgorithm::Ed25519, Family::Ed25519) => true,
            _ => false,
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        *self.spki == *other.spki
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.algorithm)
    }
}

/// Bits of the modulus of an RSAPublicKey (RFC 8017 appendix A.1.1).
fn rsa_bits(key: &[u8], offset: usize) -> Result<u32, MalformedCertificate> {
    let mut outer = Reader::new(key, offset);
    let mut fields = outer.element(tag::SEQUENCE, "an RSA key (RFC 8017 appendix A.1.1)")?.reader();
    outer.finish("the end of an RSA key")?;
    let modulus = fields.element(tag::INTEGER, "the modulus of an RSA key")?;
    fields.element(tag::INTEGER, "the exponent of an RSA key")?;
    fields.finish("the end of an RSA key")?;
    match modulus.content {
        [] | [0x80..=0xff, ..] => Err(modulus.malformed("a positive modulus", "an empty or negative one")),
        content => {
            let zeros = content.iter().take_while(|&&octet| octet == 0).count();
            let significant = content.get(zeros..).unwrap_or_default();
            let unused = significant.first().map_or(0, |octet| octet.leading_zeros());
            Ok((significant.len() as u32).saturating_mul(8).saturating_sub(unused))
        }
    }
}

fn curve(identifier: &AlgorithmIdentifier<'_>) -> Result<Curve, MalformedCertificate> {
    let Some(parameters) = identifier.parameters else {
        return Err(identifier.malformed("the curve of an EC key (RFC 5480 section 2.1.1)", "none"));
    };
    Ok(match (parameters.tag, parameters.content) {
        (tag::OID, id::P256) => Curve::P256,
        (tag::OID, id::P384) => Curve::P384,
        (tag::OID, id::P521) => Curve::P521,
        (tag::OID, other) => Curve::Other(
            Oid::from_der_content(other)
                .ok_or_else(|| parameters.malformed("a curve", "an invalid object identifier"))?,
        ),
        _ => Curve::Explicit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::toy::{bit_string, oid, sequence, tlv};

    #[test]
    fn a_malformed_rsa_key_is_named_at_its_place() {
        let key = sequence(&[&tlv(2, &[0x81]), &tlv(2, &[3])]);
        for (algorithm, parameters) in
            [("1.2.840.113549.1.1.1", &[5, 0][..]), ("1.2.840.113549.1.1.10", &[][..])]
        {
            let der: std::sync::Arc<[u8]> =
                sequence(&[&sequence(&[&oid(algorithm), parameters]), &bit_string(&key)]).into();
            let info = Reader::new(&der, 0).element(tag::SEQUENCE, "").unwrap();
            let error =
                PublicKey::read(&info, |part, offset| Bytes::new(&der, offset, part.len())).unwrap_err();
            // The modulus follows the two octets that open the key, which comes last.
            assert_eq!(error.offset, der.len() - key.len() + 2, "{error}");
            assert_eq!(error.needed, "a positive modulus");
        }
    }
}
