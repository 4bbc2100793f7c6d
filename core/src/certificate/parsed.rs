//! A certificate, read once.

use std::fmt;
use std::sync::{Arc, OnceLock};

use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::algorithms::{AlgorithmIdentifier, SignatureAlgorithm};
use super::bytes::Bytes;
use super::extensions::{BasicConstraints, Extensions, KeyUsage};
use super::fingerprint::{Fingerprint, Sha1Fingerprint, hex};
use super::name::Name;
use super::oid;
use super::public_key::PublicKey;
use super::reader::{Element, Reader, tag};
use super::{CertificateDetails, MalformedCertificate};
use crate::time::Timestamp;

/// An X.509 certificate (RFC 5280 section 4), read once; cloning it copies nothing.
///
/// It is read tolerantly where certificates in the field differ from the profile without harm (serial numbers of
/// any size and sign, names of every string type, unsorted sets, versions 1 to 3) and strictly where two readers
/// could understand different things: duplicate extensions, extensions before version 3, two different
/// signature algorithms, lengths not in their shortest form, bytes at the end.
///
/// Two certificates are equal when their DER is.
#[derive(Clone)]
pub struct Certificate(Arc<Fields>);

struct Fields {
    der: Arc<[u8]>,
    /// TBSCertificate: the bytes that are signed.
    tbs: Bytes,
    version: u8,
    serial_number: Bytes,
    issuer: Name,
    subject: Name,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: PublicKey,
    extensions: Extensions,
    signature_algorithm: SignatureAlgorithm,
    /// Octets of the salt of an RSA PSS signature.
    pss_salt_octets: Option<u32>,
    signature: Bytes,
    is_self_issued: bool,
    sha256: OnceLock<Fingerprint>,
    key_sha256: OnceLock<Fingerprint>,
    details: OnceLock<Arc<CertificateDetails>>,
}

impl Certificate {
    /// Reads a certificate from its DER.
    ///
    /// # Errors
    /// [`MalformedCertificate`] says at which byte something else was needed.
    pub fn from_der(der: impl Into<Arc<[u8]>>) -> Result<Self, MalformedCertificate> {
        let der = der.into();
        let bytes = |slice: &[u8], offset: usize| Bytes::new(&der, offset, slice.len());

        let mut file = Reader::new(&der, 0);
        let mut certificate = file.element(tag::SEQUENCE, "a certificate (RFC 5280 section 4.1)")?.reader();
        file.finish("the end of the certificate")?;
        let tbs = certificate.element(tag::SEQUENCE, "the signed part (RFC 5280 section 4.1.1.1)")?;
        let outer_algorithm =
            AlgorithmIdentifier::read(&mut certificate, "a signature algorithm (RFC 5280 section 4.1.1.2)")?;
        let signature = certificate.element(tag::BIT_STRING, "a signature (RFC 5280 section 4.1.1.3)")?;
        certificate.finish("the end of the certificate")?;
        let signature_octets = match signature.content {
            [0, octets @ ..] => octets,
            // Not whole octets: no algorithm makes such a signature, so it stands as an empty one, which no
            // key verifies (PKITS 4.1.2 has one).
            [1..=7, _, ..] => &[],
            _ => {
                return Err(
                    signature.malformed("a signature (RFC 5280 section 4.1.1.3)", "an invalid bit string")
                );
            }
        };

        let mut fields = tbs.reader();
        let version = read_version(&mut fields)?;
        let serial_number = fields.element(tag::INTEGER, "a serial number (RFC 5280 section 4.1.2.2)")?;
        if serial_number.content.is_empty() {
            return Err(
                serial_number.malformed("a serial number (RFC 5280 section 4.1.2.2)", "an empty integer")
            );
        }
        let inner_algorithm =
            AlgorithmIdentifier::read(&mut fields, "a signature algorithm (RFC 5280 section 4.1.2.3)")?;
        // RFC 5280 section 4.1.1.2: both must be the same, or a signature could be passed off as another kind.
        if inner_algorithm.element.encoded != outer_algorithm.element.encoded {
            return Err(outer_algorithm.element.malformed(
                "the signature algorithm of the signed part (RFC 5280 section 4.1.1.2)",
                "another algorithm or other parameters",
            ));
        }
        let issuer = fields.element(tag::SEQUENCE, "an issuer (RFC 5280 section 4.1.2.4)")?;
        let validity = fields.element(tag::SEQUENCE, "a validity (RFC 5280 section 4.1.2.5)")?;
        let subject = fields.element(tag::SEQUENCE, "a subject (RFC 5280 section 4.1.2.6)")?;
        let key = fields.element(tag::SEQUENCE, "a public key (RFC 5280 section 4.1.2.7)")?;
        // Unique identifiers (section 4.1.2.8) are obsolete; they are passed over.
        fields.optional(tag::context(1), "an issuer's unique identifier")?;
        fields.optional(tag::context(2), "a subject's unique identifier")?;
        let extensions = match fields.optional(tag::context_constructed(3), "the extensions")? {
            Some(field) if version < 3 => {
                return Err(field.malformed(
                    "no extensions before version 3 (RFC 5280 section 4.1.2.9)",
                    format!("extensions in version {version}"),
                ));
            }
            Some(field) => Extensions::read(&field, &bytes)?,
            None => Extensions::default(),
        };
        fields.finish("the end of the signed part")?;

        let mut period = validity.reader();
        let not_before = read_time(&mut period)?;
        let not_after = read_time(&mut period)?;
        period.finish("the end of the validity")?;

        let issuer = Name::read(bytes(issuer.encoded, issuer.offset), issuer.offset)?;
        let subject = Name::read(bytes(subject.encoded, subject.offset), subject.offset)?;
        Ok(Self(Arc::new(Fields {
            tbs: bytes(tbs.encoded, tbs.offset),
            version,
            serial_number: bytes(serial_number.content, serial_number.content_offset()),
            is_self_issued: issuer.matches(&subject),
            issuer,
            subject,
            not_before,
            not_after,
            public_key: PublicKey::read(&key, bytes)?,
            extensions,
            signature_algorithm: SignatureAlgorithm::from_identifier(&outer_algorithm)?,
            pss_salt_octets: outer_algorithm.pss_parameters().map(|(_, octets)| octets),
            signature: bytes(signature_octets, signature.content_offset() + 1),
            sha256: OnceLock::new(),
            key_sha256: OnceLock::new(),
            details: OnceLock::new(),
            der,
        })))
    }

    /// The whole certificate as it was read.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The version: 1, 2 or 3.
    pub fn version(&self) -> u8 {
        self.0.version
    }

    /// The serial number's content octets, as they stand in the DER (two's complement, most significant first).
    pub fn serial_number(&self) -> &[u8] {
        &self.0.serial_number
    }

    /// The serial number in lower-case hexadecimal, without leading zeros; with a minus sign where negative.
    pub fn serial_hex(&self) -> String {
        serial_hex(self.serial_number())
    }

    /// The name of the issuer.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// The name of the subject; empty where only alternative names are given.
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// The first instant of its validity.
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// The last instant of its validity.
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// The subject's public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// How the issuer signed it.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.0.signature_algorithm.clone()
    }

    /// The SHA-256 of its DER; computed at the first call.
    pub fn sha256(&self) -> Fingerprint {
        *self.0.sha256.get_or_init(|| Fingerprint::from_bytes(Sha256::digest(self.der()).into()))
    }

    /// The SHA-1 of its DER; computed at every call.
    pub fn sha1(&self) -> Sha1Fingerprint {
        Sha1Fingerprint::from_bytes(Sha1::digest(self.der()).into())
    }

    /// BasicConstraints, where present (RFC 5280 section 4.2.1.9).
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.extensions.basic_constraints
    }

    /// Whether BasicConstraints say that the subject is a CA.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|constraints| constraints.ca)
    }

    /// KeyUsage, where present (RFC 5280 section 4.2.1.3).
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// The key purposes of ExtendedKeyUsage, by name where they have one, else as object identifiers; empty
    /// where absent. For showing only: validation is for any purpose.
    pub fn extended_key_usage(&self) -> Vec<String> {
        let mut purposes = Vec::new();
        let mut list = Reader::new(self.0.extensions.extended_key_usage.as_deref().unwrap_or_default(), 0);
        while let Ok(purpose) = list.element(tag::OID, "") {
            purposes.push(key_purpose_name(purpose.content));
        }
        purposes
    }

    /// The subject key identifier, where present (RFC 5280 section 4.2.1.2).
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key_id.as_deref()
    }

    /// The key identifier of the authority key identifier, where present (RFC 5280 section 4.2.1.1).
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key_id.as_deref()
    }

    /// Whether issuer and subject are the same name (RFC 5280 section 3.2).
    pub fn is_self_issued(&self) -> bool {
        self.0.is_self_issued
    }

    /// What the certificate says of itself; computed at the first call, which pays where a stored CA stands in
    /// many reports.
    pub(super) fn details(&self) -> Arc<CertificateDetails> {
        self.0.details.get_or_init(|| Arc::new(CertificateDetails::of(self))).clone()
    }

    /// The SHA-256 of the public key's DER; computed at the first call.
    pub(super) fn key_sha256(&self) -> Fingerprint {
        *self
            .0
            .key_sha256
            .get_or_init(|| Fingerprint::from_bytes(Sha256::digest(self.public_key().spki_der()).into()))
    }

    /// The bytes that are signed.
    pub(super) fn tbs(&self) -> &[u8] {
        &self.0.tbs
    }

    /// The octets of the signature.
    pub(super) fn signature(&self) -> &[u8] {
        &self.0.signature
    }

    pub(super) fn pss_salt_octets(&self) -> Option<u32> {
        self.0.pss_salt_octets
    }

    pub(super) fn signed_with(&self) -> &SignatureAlgorithm {
        &self.0.signature_algorithm
    }

    pub(super) fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl std::hash::Hash for Certificate {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.sha256().hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, sha256 {})", self.subject(), self.sha256())
    }
}

/// Version, v1 where absent (RFC 5280 section 4.1.2.1).
fn read_version(fields: &mut Reader<'_>) -> Result<u8, MalformedCertificate> {
    let needed = "version 1, 2 or 3 (RFC 5280 section 4.1.2.1)";
    let Some(field) = fields.optional(tag::context_constructed(0), needed)? else { return Ok(1) };
    let mut inner = field.reader();
    let number = inner.element(tag::INTEGER, needed)?;
    inner.finish("the end of the version")?;
    match number.content {
        [version @ 0..=2] => Ok(version + 1),
        _ => Err(number.malformed(needed, "another number")),
    }
}

const TIME: &str = "a time as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ (RFC 5280 section 4.1.2.5)";

/// UTCTime or GeneralizedTime in the one form RFC 5280 allows of each (sections 4.1.2.5.1 and 4.1.2.5.2).
fn read_time(period: &mut Reader<'_>) -> Result<Timestamp, MalformedCertificate> {
    let time = period.any(TIME)?;
    let parsed = match (time.tag, time.content.len()) {
        (tag::UTC_TIME, 13) => time.content.split_at_checked(2).and_then(|(year, rest)| {
            // Section 4.1.2.5.1: 50 to 99 are in the twentieth century.
            let year = decimal(year)?;
            instant(if year >= 50 { 1900 + year } else { 2000 + year }, rest)
        }),
        (tag::GENERALIZED_TIME, 15) => {
            time.content.split_at_checked(4).and_then(|(year, rest)| instant(decimal(year)?, rest))
        }
        _ => None,
    };
    parsed.ok_or_else(|| time.malformed(TIME, describe_time(&time)))
}

fn describe_time(time: &Element<'_>) -> String {
    let shown = time.content.get(..time.content.len().min(32)).unwrap_or_default();
    format!("\"{}\"", shown.escape_ascii())
}

/// The instant in `year` with the rest as `MMDDHHMMSSZ`.
fn instant(year: i64, rest: &[u8]) -> Option<Timestamp> {
    let (pairs, [b'Z']) = rest.as_chunks::<2>() else { return None };
    let [month, day, hour, minute, second] = pairs else { return None };
    let (month, day) = (decimal(month)?, decimal(day)?);
    let (hour, minute, second) = (decimal(hour)?, decimal(minute)?, decimal(second)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=days_in_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March so that the leap
    // day comes last.
    let (march_year, month_after_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = march_year.div_euclid(4) - march_year.div_euclid(100) + march_year.div_euclid(400);
    let days = 365 * march_year + leap_days + (153 * month_after_march + 2) / 5 + day - 1 - 719_468;
    Some(Timestamp::from_unix_seconds(((days * 24 + hour) * 60 + minute) * 60 + second))
}

fn decimal(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0')))
}

fn serial_hex(content: &[u8]) -> String {
    let is_negative = content.first().is_some_and(|octet| octet & 0x80 != 0);
    let mut text = if is_negative {
        // The magnitude of a two's complement number: invert and add one.
        let mut octets = content.to_vec();
        let mut carry = true;
        for octet in octets.iter_mut().rev() {
            (*octet, carry) = (!*octet).overflowing_add(u8::from(carry));
        }
        hex(&octets)
    } else {
        hex(content)
    };
    let zeros = text.bytes().take_while(|digit| *digit == b'0').count();
    // One digit stays in any case.
    text.drain(..zeros.min(text.len().saturating_sub(1)));
    if is_negative {
        text.insert(0, '-');
    }
    text
}

/// The names of RFC 5280 section 4.2.1.12.
fn key_purpose_name(content: &[u8]) -> String {
    match content {
        [0x55, 0x1d, 37, 0] => "anyExtendedKeyUsage".to_owned(),
        [0x2b, 6, 1, 5, 5, 7, 3, 1] => "serverAuth".to_owned(),
        [0x2b, 6, 1, 5, 5, 7, 3, 2] => "clientAuth".to_owned(),
        [0x2b, 6, 1, 5, 5, 7, 3, 3] => "codeSigning".to_owned(),
        [0x2b, 6, 1, 5, 5, 7, 3, 4] => "emailProtection".to_owned(),
        [0x2b, 6, 1, 5, 5, 7, 3, 8] => "timeStamping".to_owned(),
        [0x2b, 6, 1, 5, 5, 7, 3, 9] => "OCSPSigning".to_owned(),
        other => oid::dotted(other),
    }
}

#[cfg(test)]
mod tests;
