//! PKCS#7 SignedData that carries certificates and nothing else (`.p7b`, `.p7c`; RFC 5652 section 5).

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};

use super::file::UnreadableEntry;
use super::file::content::{CONTEXT_0, CONTEXT_1, Element, take};
use super::reader::tag;

/// Writes the certificates `ders` as SignedData without content and without signers, in the given order.
///
/// Each of `ders` must be the DER of a certificate; it goes in as it is. The order is kept, as other tools keep
/// it and as readers of a chain expect, although DER would have the set sorted.
///
/// ```
/// use misp_onboarding::certificate::{file, pem, pkcs7};
///
/// let certificate: &[u8] = &[0x30, 0x03, 0x02, 0x01, 0x00];
/// let bundle = pkcs7::certs_only(&[certificate, certificate]);
/// assert_eq!(file::read(&bundle)?.certificates().count(), 2);
/// assert_eq!(file::read(pem::encode("PKCS7", &bundle).as_bytes())?.certificates().count(), 2);
/// # Ok::<(), file::UnreadableFile>(())
/// ```
pub fn certs_only(ders: &[&[u8]]) -> Vec<u8> {
    let oid = |oid: ObjectIdentifier| value(tag::OID, oid.as_bytes());
    let signed_data = [
        value(tag::INTEGER, &[1]),
        value(tag::SET, &[]),
        value(tag::SEQUENCE, &oid(ID_DATA)),
        value(CONTEXT_0, &ders.concat()),
        value(tag::SET, &[]),
    ];
    let explicit = value(CONTEXT_0, &value(tag::SEQUENCE, &signed_data.concat()));
    value(tag::SEQUENCE, &[oid(ID_SIGNED_DATA), explicit].concat())
}

/// One DER value.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let first = length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1);
    let length = length.get(first..).unwrap_or_default();
    let mut der = vec![tag];
    if content.len() >= 0x80 {
        // At most the eight bytes of a usize.
        der.push(0x80 | length.len() as u8);
    }
    der.extend_from_slice(length);
    der.extend_from_slice(content);
    der
}

/// The certificates and the CRLs of SignedData, whose ContentInfo has the fields `content_info`: each as DER or
/// why it is not.
pub(super) fn members(
    content_info: &[u8],
) -> Result<impl Iterator<Item = Result<Member<'_>, UnreadableEntry>>, UnreadableEntry> {
    let mut rest = content_info;
    let content_type = expect(&mut rest, tag::OID)?;
    if content_type.value != ID_SIGNED_DATA.as_bytes() {
        let content_type = ObjectIdentifier::from_bytes(content_type.value)
            .map_or_else(|_| "unknown".into(), |content_type| content_type.to_string());
        return Err(UnreadableEntry::NotSignedData { content_type });
    }
    let mut explicit = expect(&mut rest, CONTEXT_0)?.value;
    let mut fields = expect(&mut explicit, tag::SEQUENCE)?.value;
    expect(&mut fields, tag::INTEGER)?;
    expect(&mut fields, tag::SET)?;
    expect(&mut fields, tag::SEQUENCE)?;
    let mut certificates: &[u8] = &[];
    let mut crls: &[u8] = &[];
    // Signers, if there are any, are of no interest: the certificates stand for themselves.
    while let Some(next) = fields.first() {
        match *next {
            CONTEXT_0 => certificates = expect(&mut fields, CONTEXT_0)?.value,
            CONTEXT_1 => crls = expect(&mut fields, CONTEXT_1)?.value,
            _ => {
                expect(&mut fields, tag::SET)?;
            }
        }
    }
    if certificates.is_empty() && crls.is_empty() {
        return Err(UnreadableEntry::EmptyPkcs7);
    }
    Ok(elements(certificates)
        .map(|element| {
            element.map(|element| match element.tag {
                tag::SEQUENCE => Member::Certificate(element),
                // CertificateChoices (RFC 5652 section 10.2.2): the others are kinds of attribute certificates
                // and extended certificates, all but extinct.
                _ => Member::Other("ATTRIBUTE CERTIFICATE"),
            })
        })
        .chain(elements(crls).map(|element| element.map(|_| Member::Other("X509 CRL")))))
}

/// One of the things in SignedData.
pub(super) enum Member<'a> {
    Certificate(Element<'a>),
    /// Named by the label PEM has for it.
    Other(&'static str),
}

/// The DER values in `bytes`; the first that cannot be read is the last.
fn elements(bytes: &[u8]) -> impl Iterator<Item = Result<Element<'_>, UnreadableEntry>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let element = take(&mut rest);
        if element.is_err() {
            rest = &[];
        }
        Some(element)
    })
}

fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Result<Element<'a>, UnreadableEntry> {
    match take(rest) {
        Ok(element) if element.tag == tag => Ok(element),
        Err(UnreadableEntry::IndefiniteLength) => Err(UnreadableEntry::IndefiniteLength),
        Ok(_) | Err(_) => Err(UnreadableEntry::MalformedPkcs7),
    }
}
