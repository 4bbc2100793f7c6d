//! What a DER value is: a certificate, a PKCS#7 bundle, or something uploaded by mistake.

use der::{Decode, ErrorKind, Header, Reader, SliceReader};

use super::UnreadableEntry;
use crate::certificate::reader::tag;

/// `[0]` around something, and `[1]`.
pub(in crate::certificate) const CONTEXT_0: u8 = tag::context_constructed(0);
pub(in crate::certificate) const CONTEXT_1: u8 = tag::context_constructed(1);

/// One DER value.
#[derive(Clone, Copy, Debug)]
pub(in crate::certificate) struct Element<'a> {
    /// Its identifier octet.
    pub(in crate::certificate) tag: u8,
    /// Its content.
    pub(in crate::certificate) value: &'a [u8],
    /// All of it, header included.
    pub(in crate::certificate) whole: &'a [u8],
}

/// Takes the first DER value off `bytes`.
pub(in crate::certificate) fn take<'a>(bytes: &mut &'a [u8]) -> Result<Element<'a>, UnreadableEntry> {
    let tag = bytes.first().copied().unwrap_or(0);
    let read = |reader: &mut SliceReader<'a>| {
        let header = Header::decode(reader)?;
        let value = reader.read_slice(header.length())?;
        usize::try_from(reader.position()).map(|length| (value, length))
    };
    let (value, length) =
        SliceReader::new(bytes).and_then(|mut reader| read(&mut reader)).map_err(|error| {
            match error.kind() {
                ErrorKind::IndefiniteLength => UnreadableEntry::IndefiniteLength,
                ErrorKind::Incomplete { expected_len, .. } => UnreadableEntry::TruncatedDer {
                    needed: u32::from(expected_len) as usize,
                    found: bytes.len(),
                },
                _ => UnreadableEntry::NotDer,
            }
        })?;
    let (whole, rest) = bytes.split_at_checked(length).ok_or(UnreadableEntry::NotDer)?;
    *bytes = rest;
    Ok(Element { tag, value, whole })
}

/// What a DER value is taken for, by the shape of its outermost fields.
pub(super) enum Content<'a> {
    /// A certificate, or nothing known: whoever parses it as a certificate says what is wrong with it.
    Certificate,
    /// A PKCS#7 `ContentInfo`, whose fields these are.
    Pkcs7(&'a [u8]),
    /// Something else; named by the label PEM has for it.
    Other(&'static str),
}

/// Looks at the outermost fields of `element`. People upload the wrong file far more often than a damaged one,
/// and "is a private key" helps them more than "is malformed".
pub(super) fn identify<'a>(element: Element<'a>) -> Content<'a> {
    use tag::{BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE};

    let (fields, count) = leading_fields(element.value);
    let tags = fields.map(|field| field.tag);
    match tags.get(..count).unwrap_or_default() {
        [OID, CONTEXT_0] => Content::Pkcs7(element.value),
        [SEQUENCE, SEQUENCE, BIT_STRING] => identify_signed(fields[0].value),
        [SEQUENCE, BIT_STRING] => Content::Other("PUBLIC KEY"),
        [SEQUENCE, OCTET_STRING] => Content::Other("ENCRYPTED PRIVATE KEY"),
        [INTEGER, SEQUENCE, OCTET_STRING, ..] => Content::Other("PRIVATE KEY"),
        [INTEGER, OCTET_STRING, ..] => Content::Other("EC PRIVATE KEY"),
        [INTEGER, INTEGER] => Content::Other("RSA PUBLIC KEY"),
        [INTEGER, INTEGER, INTEGER, INTEGER, ..] => Content::Other("RSA PRIVATE KEY"),
        // PFX (RFC 7292 section 4): version 3, and a ContentInfo.
        [INTEGER, SEQUENCE] | [INTEGER, SEQUENCE, SEQUENCE] if fields[0].value == [3] => {
            Content::Other("PKCS12")
        }
        _ => Content::Certificate,
    }
}

/// Tells the signed structures of RFC 5280, RFC 2986 and RFC 5755 apart by the fields of what is signed.
fn identify_signed(signed: &[u8]) -> Content<'static> {
    use tag::{GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME};

    let (fields, count) = leading_fields(signed);
    let tags = fields.map(|field| field.tag);
    match tags.get(..count).unwrap_or_default() {
        [INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0] => Content::Other("CERTIFICATE REQUEST"),
        // A CRL: the version may be left out, thisUpdate stands where a certificate has its validity.
        [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..]
        | [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..] => Content::Other("X509 CRL"),
        // An attribute certificate: the serial number follows the holder and the issuer.
        [INTEGER, SEQUENCE, _, SEQUENCE, INTEGER, ..] => Content::Other("ATTRIBUTE CERTIFICATE"),
        _ => Content::Certificate,
    }
}

/// As many fields as telling structures apart takes, and how many of them are there.
fn leading_fields(mut value: &[u8]) -> ([Element<'_>; 5], usize) {
    let mut fields = [Element { tag: 0, value: &[], whole: &[] }; 5];
    let mut count = 0;
    for field in &mut fields {
        match take(&mut value) {
            Ok(element) => *field = element,
            Err(_) => break,
        }
        count += 1;
    }
    (fields, count)
}
