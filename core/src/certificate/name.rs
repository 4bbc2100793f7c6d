//! Distinguished names: reading, showing, comparing.

use std::fmt;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::MalformedCertificate;
use super::bytes::Bytes;
use super::fingerprint::hex;
use super::name_text::{self, Text};
use super::oid;
use super::reader::{Reader, tag};

const COMMON_NAME: &[u8] = &[0x55, 0x04, 3];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 10];
/// emailAddress of PKCS #9, 1.2.840.113549.1.9.1.
const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];
const USER_ID: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1];
const DOMAIN_COMPONENT: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25];

/// A distinguished name (RFC 5280 section 4.1.2.4).
///
/// Keeps its DER as it was signed. [`Name::matches`] is the comparison that path validation uses; equality
/// (`==`) and hashing follow it too, so a name can be looked up in a map.
#[derive(Clone)]
pub struct Name {
    der: Bytes,
    /// See [`Name::comparison_key`].
    key: Box<[u8]>,
}

/// One attribute of a name: its type and its value as DER.
#[derive(Clone, Copy)]
struct Attribute<'a> {
    /// Content octets of the type.
    oid: &'a [u8],
    value_tag: u8,
    value: &'a [u8],
    /// The value with tag and length.
    value_der: &'a [u8],
}

impl Name {
    /// Reads the name that lies at `der`, `offset` bytes after the start of the certificate.
    pub(super) fn read(der: Bytes, offset: usize) -> Result<Self, MalformedCertificate> {
        let key = comparison_key(&der, offset)?;
        Ok(Self { der, key })
    }

    /// The name's DER, a SEQUENCE.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether the name has no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// Whether both are the same name by RFC 5280 section 7.1: the same attributes in the same order, their
    /// values compared without regard to case, white space at the ends and its amount inside, and string type.
    pub fn matches(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Octets that are equal exactly for names that [match](Self::matches), for indexes.
    ///
    /// Each relative name is one self-delimiting part, so a name lies under another one (RFC 5280 section
    /// 4.2.1.10, directoryName) exactly where the other's key is a prefix of its own.
    pub fn comparison_key(&self) -> &[u8] {
        &self.key
    }

    /// The first organization (O), exactly as it stands in the name; `None` where there is none that is text.
    pub fn organization(&self) -> Option<String> {
        self.texts(ORGANIZATION).next()
    }

    /// All organizations (O), in their order.
    pub fn organizations(&self) -> Vec<String> {
        self.texts(ORGANIZATION).collect()
    }

    /// The last common name (CN), which is the most specific one; `None` where there is none that is text.
    pub fn common_name(&self) -> Option<String> {
        self.texts(COMMON_NAME).last()
    }

    /// All e-mail addresses (emailAddress of PKCS #9), in their order; `None` where one is not text.
    pub(super) fn email_addresses(&self) -> Option<Vec<String>> {
        self.attributes()
            .filter(|attribute| attribute.oid == EMAIL_ADDRESS)
            .map(|attribute| name_text::decode(attribute.value_tag, attribute.value).map(Text::into_string))
            .collect()
    }

    /// As [`fmt::Display`] shows it.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.der.len());
        let mut names: Vec<_> = self.relative_names().collect();
        names.reverse();
        for (index, set) in names.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            for (index, attribute) in attributes(set).enumerate() {
                if index > 0 {
                    text.push('+');
                }
                push_text(&mut text, &attribute);
            }
        }
        text
    }

    fn texts(&self, oid: &'static [u8]) -> impl Iterator<Item = String> {
        self.attributes()
            .filter(move |attribute| attribute.oid == oid)
            .filter_map(|attribute| name_text::decode(attribute.value_tag, attribute.value))
            .map(Text::into_string)
    }

    fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.relative_names().flat_map(attributes)
    }

    /// The relative names in the order of the DER, each as a reader of its attributes. Ends early at what is not
    /// readable, which `read` has ruled out.
    fn relative_names(&self) -> impl Iterator<Item = Reader<'_>> {
        let mut names = Reader::new(&self.der, 0).element(tag::SEQUENCE, NAME).map(|name| name.reader()).ok();
        std::iter::from_fn(move || {
            let names = names.as_mut().filter(|names| !names.is_empty())?;
            names.element(tag::SET, NAME).map(|set| set.reader()).ok()
        })
    }
}

const NAME: &str = "a distinguished name (RFC 5280 section 4.1.2.4)";

fn attributes(mut set: Reader<'_>) -> impl Iterator<Item = Attribute<'_>> {
    std::iter::from_fn(move || if set.is_empty() { None } else { read_attribute(&mut set).ok() })
}

fn read_attribute<'a>(set: &mut Reader<'a>) -> Result<Attribute<'a>, MalformedCertificate> {
    let mut pair = set.element(tag::SEQUENCE, NAME)?.reader();
    let oid = pair.element(tag::OID, "the type of a name's attribute")?;
    if !oid::is_valid(oid.content) {
        return Err(oid.malformed("the type of a name's attribute", "an invalid object identifier"));
    }
    let value = pair.any("the value of a name's attribute")?;
    pair.finish("the end of a name's attribute")?;
    Ok(Attribute { oid: oid.content, value_tag: value.tag, value: value.content, value_der: value.encoded })
}

/// Builds [`Name::comparison_key`] and checks the name's structure on the way.
pub(super) fn comparison_key(der: &[u8], offset: usize) -> Result<Box<[u8]>, MalformedCertificate> {
    // Each attribute takes a few octets more than its DER: an allocation that is large enough for most names.
    let mut key = Vec::with_capacity(der.len() * 2);
    let mut outer = Reader::new(der, offset);
    let mut names = outer.element(tag::SEQUENCE, NAME)?.reader();
    outer.finish("the end of a name")?;
    while !names.is_empty() {
        let set = names.element(tag::SET, NAME)?;
        let mut attributes = set.reader();
        if attributes.is_empty() {
            return Err(set.malformed("at least one attribute in a relative name", "an empty set"));
        }
        let start = begin_part(&mut key);
        push_attribute(&mut key, &read_attribute(&mut attributes)?);
        if !attributes.is_empty() {
            // A SET has no order, and some issuers do not sort it as DER asks, so the key sorts.
            let mut parts = vec![key.split_off(start + PART_LENGTH_OCTETS)];
            while !attributes.is_empty() {
                let mut part = Vec::new();
                push_attribute(&mut part, &read_attribute(&mut attributes)?);
                parts.push(part);
            }
            parts.sort_unstable();
            parts.iter().for_each(|part| key.extend_from_slice(part));
        }
        end_part(&mut key, start);
    }
    Ok(key.into_boxed_slice())
}

/// Appends type and prepared value of one attribute, each with its length.
fn push_attribute(key: &mut Vec<u8>, attribute: &Attribute<'_>) {
    let start = begin_part(key);
    key.extend_from_slice(attribute.oid);
    end_part(key, start);
    let start = begin_part(key);
    match name_text::decode(attribute.value_tag, attribute.value) {
        Some(text) => {
            // No DER element starts with a zero tag, so text never equals what is not text.
            key.push(0);
            name_text::prepare(&text, key);
        }
        None => key.extend_from_slice(attribute.value_der),
    }
    end_part(key, start);
}

/// A part of the key is its length in this many octets, then its content.
const PART_LENGTH_OCTETS: usize = 4;

fn begin_part(key: &mut Vec<u8>) -> usize {
    let start = key.len();
    key.extend_from_slice(&[0; PART_LENGTH_OCTETS]);
    start
}

fn end_part(key: &mut [u8], start: usize) {
    // A name is shorter than 16 MiB (`reader`), and preparation makes text at most a few times longer.
    let length = key.len().saturating_sub(start + PART_LENGTH_OCTETS) as u32;
    if let Some(place) = key.get_mut(start..start + PART_LENGTH_OCTETS) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}

impl Eq for Name {}

impl std::hash::Hash for Name {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl fmt::Display for Name {
    /// RFC 4514: `CN=Example,O=Example Telecom,C=XX`, the most specific first. What a terminal or a log would
    /// not show as it is (control and formatting characters) is escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Appends an attribute as text.
fn push_text(out: &mut String, attribute: &Attribute<'_>) {
    let short = short_name(attribute.oid);
    match short {
        Some(short) => out.push_str(short),
        None => out.push_str(&oid::dotted(attribute.oid)),
    }
    out.push('=');
    match short.and_then(|_| name_text::decode(attribute.value_tag, attribute.value)) {
        Some(text) => push_escaped(out, text.as_str()),
        // RFC 4514 section 2.4: a type without a short name, or a value that is not text, takes this form.
        None => {
            out.push('#');
            out.push_str(&hex(attribute.value_der));
        }
    }
}

/// The short names of RFC 4514 section 3 and, beyond it, of what certificates commonly carry.
fn short_name(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        [0x55, 0x04, 3] => "CN",
        [0x55, 0x04, 4] => "SN",
        [0x55, 0x04, 5] => "serialNumber",
        [0x55, 0x04, 6] => "C",
        [0x55, 0x04, 7] => "L",
        [0x55, 0x04, 8] => "ST",
        [0x55, 0x04, 9] => "STREET",
        [0x55, 0x04, 10] => "O",
        [0x55, 0x04, 11] => "OU",
        [0x55, 0x04, 12] => "title",
        [0x55, 0x04, 17] => "postalCode",
        [0x55, 0x04, 42] => "givenName",
        [0x55, 0x04, 43] => "initials",
        [0x55, 0x04, 44] => "generationQualifier",
        [0x55, 0x04, 46] => "dnQualifier",
        [0x55, 0x04, 65] => "pseudonym",
        [0x55, 0x04, 97] => "organizationIdentifier",
        EMAIL_ADDRESS => "emailAddress",
        USER_ID => "UID",
        DOMAIN_COMPONENT => "DC",
        _ => return None,
    })
}

/// Appends text, escaped by RFC 4514 section 2.4.
fn push_escaped(out: &mut String, text: &str) {
    if is_plain(text.as_bytes()) {
        out.push_str(text);
        return;
    }
    let last = text.chars().count().saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.extend(['\\', c]),
            ' ' if index == 0 || index == last => out.push_str("\\ "),
            '#' if index == 0 => out.push_str("\\#"),
            c if is_invisible(c) => {
                for octet in c.encode_utf8(&mut [0; 4]).bytes() {
                    out.push_str(&format!("\\{octet:02X}"));
                }
            }
            c => out.push(c),
        }
    }
}

/// Whether there is nothing to escape, as in nearly every name.
fn is_plain(text: &[u8]) -> bool {
    let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || b" -._'()/:=@".contains(octet);
    text.iter().all(is_plain) && text.first() != Some(&b' ') && text.last() != Some(&b' ')
}

/// Whether a terminal or a log would not show it as it is: it controls or formats the text, or ends a line.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::certificate::toy::{sequence, tlv};

    /// A name of these relative names, each of attributes with the arc under 2.5.4, a tag and content.
    fn name(relative_names: &[&[(u8, u8, &[u8])]]) -> Name {
        let sets: Vec<u8> = relative_names
            .iter()
            .flat_map(|attributes| {
                let pairs: Vec<u8> = attributes
                    .iter()
                    .flat_map(|(arc, tag, content)| {
                        sequence(&[&tlv(6, &[0x55, 4, *arc]), &tlv(*tag, content)])
                    })
                    .collect();
                tlv(0x31, &pairs)
            })
            .collect();
        let der: Arc<[u8]> = tlv(0x30, &sets).into();
        Name::read(Bytes::new(&der, 0, der.len()), 0).unwrap()
    }

    #[test]
    fn names_match_whatever_their_string_type_case_and_white_space() {
        let base = name(&[&[(10, tag::PRINTABLE_STRING, b"Example Bank")], &[(3, tag::UTF8_STRING, b"CA")]]);
        for (what, other, matches) in [
            ("itself", base.clone(), true),
            (
                "other types, case and spaces",
                name(&[&[(10, tag::UTF8_STRING, b" EXAMPLE  bank ")], &[(3, tag::BMP_STRING, b"\0C\0A")]]),
                true,
            ),
            (
                "a tab for a space",
                name(&[&[(10, tag::UTF8_STRING, b"Example\tBank")], &[(3, tag::UTF8_STRING, b"CA")]]),
                true,
            ),
            (
                "no space",
                name(&[&[(10, tag::UTF8_STRING, b"ExampleBank")], &[(3, tag::UTF8_STRING, b"CA")]]),
                false,
            ),
            (
                "other order",
                name(&[&[(3, tag::UTF8_STRING, b"CA")], &[(10, tag::UTF8_STRING, b"Example Bank")]]),
                false,
            ),
            (
                "one relative name instead of two",
                name(&[&[(10, tag::UTF8_STRING, b"Example Bank"), (3, tag::UTF8_STRING, b"CA")]]),
                false,
            ),
            ("fewer", name(&[&[(10, tag::UTF8_STRING, b"Example Bank")]]), false),
            ("none", name(&[]), false),
            (
                "no text",
                name(&[&[(10, tag::OCTET_STRING, b"Example Bank")], &[(3, tag::UTF8_STRING, b"CA")]]),
                false,
            ),
        ] {
            assert_eq!(base.matches(&other), matches, "{what}");
            assert_eq!(base == other, matches, "{what}");
        }
        let one: &[_] = &[(10, tag::UTF8_STRING, &b"a"[..]), (3, tag::UTF8_STRING, b"b")];
        let other: &[_] = &[(3, tag::UTF8_STRING, &b"B"[..]), (10, tag::PRINTABLE_STRING, b"A")];
        assert!(name(&[one]).matches(&name(&[other])), "the order within a relative name does not count");
        assert!(name(&[]).is_empty() && !base.is_empty());
    }

    #[test]
    fn a_name_is_shown_by_rfc_4514() {
        for (relative_names, text) in [
            (&[][..], ""),
            (
                &[&[(6, tag::PRINTABLE_STRING, &b"XX"[..])][..], &[(10, tag::UTF8_STRING, b"Example")]],
                "O=Example,C=XX",
            ),
            (&[&[(11, tag::UTF8_STRING, b"a"), (3, tag::UTF8_STRING, b"b")]], "OU=a+CN=b"),
            (&[&[(3, tag::UTF8_STRING, b" #a, \"b\" ")]], "CN=\\ #a\\, \\\"b\\\"\\ "),
            (&[&[(3, tag::UTF8_STRING, b"#a")]], "CN=\\#a"),
            (&[&[(3, tag::UTF8_STRING, b"a\nb\x1b[2J")]], "CN=a\\0Ab\\1B[2J"),
            (&[&[(3, tag::UTF8_STRING, "a\u{202e}b".as_bytes())]], "CN=a\\E2\\80\\AEb"),
            (&[&[(3, tag::UTF8_STRING, "\u{661f}".as_bytes())]], "CN=\u{661f}"),
            (&[&[(3, tag::UTF8_STRING, b"\xff")]], "CN=#0c01ff"),
            (&[&[(99, tag::UTF8_STRING, b"a")]], "2.5.4.99=#0c0161"),
        ] {
            assert_eq!(name(relative_names).to_string(), text);
        }
    }

    #[test]
    fn each_usual_attribute_has_its_short_name() {
        // RFC 4514 section 3, RFC 4519 section 2, and what else certificates carry.
        for (oid, short) in [
            (&[0x55, 4, 3][..], "CN"),
            (&[0x55, 4, 4], "SN"),
            (&[0x55, 4, 5], "serialNumber"),
            (&[0x55, 4, 6], "C"),
            (&[0x55, 4, 7], "L"),
            (&[0x55, 4, 8], "ST"),
            (&[0x55, 4, 9], "STREET"),
            (&[0x55, 4, 10], "O"),
            (&[0x55, 4, 11], "OU"),
            (&[0x55, 4, 12], "title"),
            (&[0x55, 4, 17], "postalCode"),
            (&[0x55, 4, 42], "givenName"),
            (&[0x55, 4, 43], "initials"),
            (&[0x55, 4, 44], "generationQualifier"),
            (&[0x55, 4, 46], "dnQualifier"),
            (&[0x55, 4, 65], "pseudonym"),
            (&[0x55, 4, 97], "organizationIdentifier"),
            (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress"),
            (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
            (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
        ] {
            let attribute = sequence(&[&tlv(6, oid), &tlv(tag::UTF8_STRING, b"a")]);
            let der: Arc<[u8]> = tlv(0x30, &tlv(0x31, &attribute)).into();
            let name = Name::read(Bytes::new(&der, 0, der.len()), 0).unwrap();
            assert_eq!(name.to_string(), format!("{short}=a"));
            assert_eq!(format!("{name:?}"), format!("Name({short}=a)"));
        }
    }

    #[test]
    fn what_is_plain_has_nothing_to_escape() {
        for (text, plain) in [
            ("Example Bank (1st), Ltd", false),
            ("Example Bank (1st) Ltd", true),
            ("it's a_b:c=d/e-f@g.h", true),
            ("", true),
            (" a", false),
            ("a ", false),
            ("a\n", false),
            ("é", false),
        ] {
            assert_eq!(is_plain(text.as_bytes()), plain, "{text:?}");
        }
    }

    #[test]
    fn names_that_match_have_the_same_hash_and_others_another_one() {
        let hash = |content: &[u8]| {
            use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
            BuildHasherDefault::<DefaultHasher>::default().hash_one(name(&[&[(
                3,
                tag::UTF8_STRING,
                content,
            )]]))
        };
        assert_eq!(hash(b"Example Bank"), hash(b"example  BANK"));
        assert_ne!(hash(b"Example Bank"), hash(b"Example Banker"));
    }

    #[test]
    fn a_key_is_the_beginning_of_the_keys_below_it_only() {
        let bank = name(&[&[(10, tag::UTF8_STRING, b"Bank")]]);
        let below = name(&[&[(10, tag::UTF8_STRING, b"bank")], &[(3, tag::UTF8_STRING, b"CA")]]);
        let other = name(&[&[(10, tag::UTF8_STRING, b"Banker")], &[(3, tag::UTF8_STRING, b"CA")]]);
        let two = name(&[&[(10, tag::UTF8_STRING, b"Bank"), (3, tag::UTF8_STRING, b"CA")]]);
        assert!(below.comparison_key().starts_with(bank.comparison_key()));
        assert!(!other.comparison_key().starts_with(bank.comparison_key()));
        assert!(!two.comparison_key().starts_with(bank.comparison_key()));
    }
}
