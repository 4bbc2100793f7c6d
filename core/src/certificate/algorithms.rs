//! Signature algorithms, and how algorithms are identified.

use std::fmt;
use std::str::FromStr;

use super::MalformedCertificate;
use super::oid::Oid;
use super::reader::{Element, Reader, tag};

/// Object identifiers of keys, signatures and digests, as DER content octets.
pub(super) mod id {
    pub(crate) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    pub(crate) const SHA1_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
    pub(crate) const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
    pub(crate) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    pub(crate) const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    pub(crate) const SHA384_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
    pub(crate) const SHA512_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
    pub(crate) const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    pub(crate) const P384: &[u8] = &[0x2b, 0x81, 0x04, 0, 34];
    pub(crate) const P521: &[u8] = &[0x2b, 0x81, 0x04, 0, 35];
    pub(crate) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    pub(crate) const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
    pub(crate) const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
    pub(crate) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 1];
    pub(crate) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 2];
    pub(crate) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 3];
}

/// How a certificate is signed.
///
/// [`fmt::Display`], [`FromStr`] and serde use the common names (`SHA256withRSA`), so that rules can hold a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-1: `SHA1withRSA`.
    RsaPkcs1Sha1,
    /// RSA PKCS #1 v1.5 with SHA-256: `SHA256withRSA`.
    RsaPkcs1Sha256,
    /// RSA PKCS #1 v1.5 with SHA-384: `SHA384withRSA`.
    RsaPkcs1Sha384,
    /// RSA PKCS #1 v1.5 with SHA-512: `SHA512withRSA`.
    RsaPkcs1Sha512,
    /// RSA PSS with SHA-256 and MGF1 with SHA-256: `SHA256withRSAandMGF1`.
    RsaPssSha256,
    /// RSA PSS with SHA-384 and MGF1 with SHA-384: `SHA384withRSAandMGF1`.
    RsaPssSha384,
    /// RSA PSS with SHA-512 and MGF1 with SHA-512: `SHA512withRSAandMGF1`.
    RsaPssSha512,
    /// ECDSA with SHA-256 on any curve: `SHA256withECDSA`.
    EcdsaSha256,
    /// ECDSA with SHA-384 on any curve: `SHA384withECDSA`.
    EcdsaSha384,
    /// ECDSA with SHA-512 on any curve: `SHA512withECDSA`.
    EcdsaSha512,
    /// Ed25519.
    Ed25519,
    /// Any other algorithm, or one of the above with parameters it does not go with.
    Other {
        /// The algorithm's identifier.
        oid: Oid,
    },
}

/// The names of [`SignatureAlgorithm`], in one place for writing and reading.
const SIGNATURE_ALGORITHM_NAMES: [(SignatureAlgorithm, &str); 11] = [
    (SignatureAlgorithm::RsaPkcs1Sha1, "SHA1withRSA"),
    (SignatureAlgorithm::RsaPkcs1Sha256, "SHA256withRSA"),
    (SignatureAlgorithm::RsaPkcs1Sha384, "SHA384withRSA"),
    (SignatureAlgorithm::RsaPkcs1Sha512, "SHA512withRSA"),
    (SignatureAlgorithm::RsaPssSha256, "SHA256withRSAandMGF1"),
    (SignatureAlgorithm::RsaPssSha384, "SHA384withRSAandMGF1"),
    (SignatureAlgorithm::RsaPssSha512, "SHA512withRSAandMGF1"),
    (SignatureAlgorithm::EcdsaSha256, "SHA256withECDSA"),
    (SignatureAlgorithm::EcdsaSha384, "SHA384withECDSA"),
    (SignatureAlgorithm::EcdsaSha512, "SHA512withECDSA"),
    (SignatureAlgorithm::Ed25519, "Ed25519"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

/// What a key must be for an algorithm.
pub(super) enum Family {
    RsaPkcs1,
    RsaPss(Digest),
    Ecdsa,
    Ed25519,
    Unknown,
}

impl SignatureAlgorithm {
    pub(super) fn from_identifier(
        identifier: &AlgorithmIdentifier<'_>,
    ) -> Result<Self, MalformedCertificate> {
        let absent_or_null = identifier
            .parameters
            .is_none_or(|parameters| parameters.tag == NULL && parameters.content.is_empty());
        Ok(match identifier.oid {
            // RFC 4055 section 5 asks for NULL, RFC 5758 section 3.2 for nothing; either is written for both.
            id::SHA1_RSA if absent_or_null => Self::RsaPkcs1Sha1,
            id::SHA256_RSA if absent_or_null => Self::RsaPkcs1Sha256,
            id::SHA384_RSA if absent_or_null => Self::RsaPkcs1Sha384,
            id::SHA512_RSA if absent_or_null => Self::RsaPkcs1Sha512,
            id::ECDSA_SHA256 if absent_or_null => Self::EcdsaSha256,
            id::ECDSA_SHA384 if absent_or_null => Self::EcdsaSha384,
            id::ECDSA_SHA512 if absent_or_null => Self::EcdsaSha512,
            id::ED25519 if identifier.parameters.is_none() => Self::Ed25519,
            id::RSA_PSS => match identifier.pss_parameters() {
                Some((Digest::Sha256, _)) => Self::RsaPssSha256,
                Some((Digest::Sha384, _)) => Self::RsaPssSha384,
                Some((Digest::Sha512, _)) => Self::RsaPssSha512,
                None => Self::Other { oid: identifier.to_oid()? },
            },
            _ => Self::Other { oid: identifier.to_oid()? },
        })
    }

    /// Octets of the digest of an RSA PSS algorithm, which is also the usual length of its salt.
    pub(crate) const fn pss_digest_octets(&self) -> Option<u32> {
        match self {
            Self::RsaPssSha256 => Some(32),
            Self::RsaPssSha384 => Some(48),
            Self::RsaPssSha512 => Some(64),
            _ => None,
        }
    }

    pub(super) const fn family(&self) -> Family {
        match self {
            Self::RsaPkcs1Sha1 | Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 => {
                Family::RsaPkcs1
            }
            Self::RsaPssSha256 => Family::RsaPss(Digest::Sha256),
            Self::RsaPssSha384 => Family::RsaPss(Digest::Sha384),
            Self::RsaPssSha512 => Family::RsaPss(Digest::Sha512),
            Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512 => Family::Ecdsa,
            Self::Ed25519 => Family::Ed25519,
            Self::Other { .. } => Family::Unknown,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, SIGNATURE_ALGORITHM_NAMES.iter().find(|(algorithm, _)| algorithm == self)) {
            (_, Some((_, name))) => f.write_str(name),
            (Self::Other { oid }, None) => oid.fmt(f),
            // Not reached: the table holds every variant but `Other`, as a test checks.
            (_, None) => f.write_str("unknown"),
        }
    }
}

/// A text that names no signature algorithm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signature algorithm such as SHA256withRSA or an object identifier is needed, found \"{}\"", found.escape_debug())]
#[non_exhaustive]
pub struct UnknownSignatureAlgorithm {
    /// The text, at most its first 64 characters.
    pub found: String,
}

impl FromStr for SignatureAlgorithm {
    type Err = UnknownSignatureAlgorithm;

    /// Reads what [`fmt::Display`] writes, without regard to case; an object identifier gives
    /// [`SignatureAlgorithm::Other`].
    fn from_str(text: &str) -> Result<Self, UnknownSignatureAlgorithm> {
        if let Some((algorithm, _)) =
            SIGNATURE_ALGORITHM_NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text))
        {
            return Ok(algorithm.clone());
        }
        text.parse()
            .map(|oid| Self::Other { oid })
            .map_err(|_| UnknownSignatureAlgorithm { found: text.chars().take(64).collect() })
    }
}

impl serde::Serialize for SignatureAlgorithm {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for SignatureAlgorithm {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

const NULL: u8 = 0x05;

/// An AlgorithmIdentifier (RFC 5280 section 4.1.1.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct AlgorithmIdentifier<'a> {
    pub(super) element: Element<'a>,
    /// Content octets of the identifier.
    pub(super) oid: &'a [u8],
    pub(super) parameters: Option<Element<'a>>,
}

impl<'a> AlgorithmIdentifier<'a> {
    pub(super) fn read(fields: &mut Reader<'a>, needed: &'static str) -> Result<Self, MalformedCertificate> {
        let element = fields.element(tag::SEQUENCE, needed)?;
        let mut inner = element.reader();
        let oid = inner.element(tag::OID, "the identifier of an algorithm")?.content;
        let parameters =
            if inner.is_empty() { None } else { Some(inner.any("the parameters of an algorithm")?) };
        inner.finish("the end of an algorithm")?;
        Ok(Self { element, oid, parameters })
    }

    pub(super) fn malformed(&self, needed: &'static str, found: &str) -> MalformedCertificate {
        self.element.malformed(needed, found)
    }

    pub(super) fn to_oid(self) -> Result<Oid, MalformedCertificate> {
        Oid::from_der_content(self.oid)
            .ok_or_else(|| self.malformed("an algorithm", "an invalid object identifier"))
    }

    /// Digest and octets of the salt of RSASSA-PSS-params (RFC 4055 section 3.1), where message and mask have the
    /// same digest.
    pub(super) fn pss_parameters(&self) -> Option<(Digest, u32)> {
        let mut fields = self.parameters.filter(|element| element.tag == tag::SEQUENCE)?.reader();
        // The default of the two digests is SHA-1, which is not among those named here.
        let digest = digest(&mut explicit(&mut fields, 0)?)?;
        let mut mask = explicit(&mut fields, 1)?.element(tag::SEQUENCE, "").ok()?.reader();
        if mask.element(tag::OID, "").ok()?.content != id::MGF1 || self::digest(&mut mask)? != digest {
            return None;
        }
        let salt = match fields.optional(tag::context_constructed(2), "").ok()? {
            Some(salt) => match *salt.reader().element(tag::INTEGER, "").ok()?.content {
                [octets @ ..=0x7f] => u32::from(octets),
                [high @ ..=0x7f, low] => u32::from(u16::from_be_bytes([high, low])),
                _ => return None,
            },
            None => 20,
        };
        if let Some(trailer) = fields.optional(tag::context_constructed(3), "").ok()?
            && trailer.reader().element(tag::INTEGER, "").ok()?.content != [1]
        {
            return None;
        }
        fields.is_empty().then_some((digest, salt))
    }
}

fn explicit<'a>(fields: &mut Reader<'a>, number: u8) -> Option<Reader<'a>> {
    fields.element(tag::context_constructed(number), "").ok().map(|element| element.reader())
}

fn digest(fields: &mut Reader<'_>) -> Option<Digest> {
    let identifier = AlgorithmIdentifier::read(fields, "").ok()?;
    match identifier.oid {
        id::SHA256 => Some(Digest::Sha256),
        id::SHA384 => Some(Digest::Sha384),
        id::SHA512 => Some(Digest::Sha512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::toy::{oid, sequence, tlv};

    /// What an identifier of these parts is read as.
    fn read<T>(parts: &[&[u8]], as_what: impl Fn(&AlgorithmIdentifier<'_>) -> T) -> T {
        let der = sequence(parts);
        as_what(&AlgorithmIdentifier::read(&mut Reader::new(&der, 0), "").unwrap())
    }

    #[test]
    fn an_algorithm_with_parameters_that_are_not_its_own_is_another_one() {
        let named = |identifier: &str, parameters: &[u8]| {
            let name = |found: &AlgorithmIdentifier<'_>| {
                SignatureAlgorithm::from_identifier(found).unwrap().to_string()
            };
            read(&[&oid(identifier), parameters], name)
        };
        for (identifier, name) in [
            ("1.2.840.113549.1.1.5", "SHA1withRSA"),
            ("1.2.840.113549.1.1.11", "SHA256withRSA"),
            ("1.2.840.113549.1.1.12", "SHA384withRSA"),
            ("1.2.840.113549.1.1.13", "SHA512withRSA"),
            ("1.2.840.10045.4.3.2", "SHA256withECDSA"),
            ("1.2.840.10045.4.3.3", "SHA384withECDSA"),
            ("1.2.840.10045.4.3.4", "SHA512withECDSA"),
        ] {
            for (parameters, want) in
                [(&[][..], name), (&[NULL, 0], name), (&[NULL, 1, 0], identifier), (&[0x30, 0], identifier)]
            {
                assert_eq!(named(identifier, parameters), want, "{parameters:?}");
            }
        }
        for (parameters, want) in [(&[][..], "Ed25519"), (&[NULL, 0], "1.3.101.112")] {
            assert_eq!(named("1.3.101.112", parameters), want, "{parameters:?}");
        }
        for parameters in [&[][..], &[NULL, 0], &[0x30, 0]] {
            assert_eq!(named("1.2.840.113549.1.1.10", parameters), "1.2.840.113549.1.1.10", "{parameters:?}");
        }
    }

    const SHA256: &str = "2.16.840.1.101.3.4.2.1";
    const SHA384: &str = "2.16.840.1.101.3.4.2.2";
    const SHA512: &str = "2.16.840.1.101.3.4.2.3";
    const MGF1: &str = "1.2.840.113549.1.1.8";

    /// The digest and the mask's of PSS parameters.
    fn digests(digest: &str, generator: &str, mask: &str) -> Vec<u8> {
        let mask = sequence(&[&oid(generator), &sequence(&[&oid(mask)])]);
        [tlv(0xa0, &sequence(&[&oid(digest)])), tlv(0xa1, &mask)].concat()
    }

    fn pss(parts: &[&[u8]]) -> Option<(Digest, u32)> {
        read(&[&oid("1.2.840.113549.1.1.10"), &sequence(parts)], |found| found.pss_parameters())
    }

    #[test]
    fn pss_parameters_have_one_digest_for_message_and_mask() {
        for (digest, generator, mask, want) in [
            (SHA256, MGF1, SHA256, Some(Digest::Sha256)),
            (SHA384, MGF1, SHA384, Some(Digest::Sha384)),
            (SHA512, MGF1, SHA512, Some(Digest::Sha512)),
            (SHA256, MGF1, SHA384, None),
            (SHA256, "1.2.840.113549.1.1.9", SHA256, None),
            ("1.3.14.3.2.26", MGF1, "1.3.14.3.2.26", None),
        ] {
            let found = pss(&[&digests(digest, generator, mask)]).map(|(digest, _)| digest);
            assert_eq!(found, want, "{digest} {generator} {mask}");
        }
        let null = |found: &AlgorithmIdentifier<'_>| found.pss_parameters();
        assert_eq!(read(&[&oid("1.2.840.113549.1.1.10"), &[NULL, 0]], null), None);
    }

    #[test]
    fn the_salt_of_pss_parameters_is_a_number_of_two_octets_at_most() {
        let both = digests(SHA256, MGF1, SHA256);
        let salt = |octets: &[u8]| pss(&[&both, &tlv(0xa2, &tlv(2, octets))]).map(|(_, salt)| salt);
        assert_eq!(pss(&[&both]), Some((Digest::Sha256, 20)), "the default");
        for (octets, want) in [
            (&[0][..], Some(0)),
            (&[32], Some(32)),
            (&[0x7f], Some(127)),
            (&[0x80], None),
            (&[0, 0x80], Some(128)),
            (&[1, 0], Some(256)),
            (&[0x7f, 0xff], Some(32_767)),
            (&[0x80, 0], None),
            (&[1, 0, 0], None),
        ] {
            assert_eq!(salt(octets), want, "{octets:?}");
        }
    }

    #[test]
    fn pss_parameters_end_with_the_one_trailer_there_is() {
        let both = digests(SHA256, MGF1, SHA256);
        let trailer = |octets: &[u8]| tlv(0xa3, &tlv(2, octets));
        for (name, rest, is_read) in [
            ("1", trailer(&[1]), true),
            ("2", trailer(&[2]), false),
            ("256 and 1", trailer(&[1, 1]), false),
            ("1, and more", [trailer(&[1]), vec![NULL, 0]].concat(), false),
        ] {
            assert_eq!(pss(&[&both, &rest]).is_some(), is_read, "{name}");
        }
    }

    #[test]
    fn every_algorithm_is_read_back_from_its_name() {
        for (algorithm, name) in SIGNATURE_ALGORITHM_NAMES {
            assert_eq!(algorithm.to_string(), name);
            assert_eq!(name.to_uppercase().parse(), Ok(algorithm));
        }
        let other: SignatureAlgorithm = "1.2.840.113549.1.1.4".parse().unwrap();
        assert_eq!(other.to_string(), "1.2.840.113549.1.1.4");
        assert!("MD5withRSA".parse::<SignatureAlgorithm>().is_err());
        let json = serde_json::to_string(&SignatureAlgorithm::EcdsaSha384).unwrap();
        assert_eq!(json, "\"SHA384withECDSA\"");
        assert_eq!(
            serde_json::from_str::<SignatureAlgorithm>(&json).unwrap(),
            SignatureAlgorithm::EcdsaSha384
        );
    }
}
