//! The extensions of a version 3 certificate (RFC 5280 section 4.2).

use std::fmt;

use super::MalformedCertificate;
use super::bytes::Bytes;
use super::general_name::{GeneralName, Subtree};
use super::oid::{self, Oid};
use super::reader::{Element, Reader, tag};

/// Most extensions a certificate may have. Issuers write about ten; the bound keeps the search for duplicates
/// among unknown ones small.
pub const MAX_EXTENSIONS: usize = 128;

/// BasicConstraints (RFC 5280 section 4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BasicConstraints {
    /// Whether the subject may issue certificates.
    pub ca: bool,
    /// The most intermediate certificates, self-issued ones not counted, that may follow below.
    pub path_len: Option<u32>,
}

/// KeyUsage (RFC 5280 section 4.2.1.3): what the key may be used for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// The names of the bits, bit 0 first.
    const NAMES: [&'static str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    /// Whether the key may sign certificates.
    pub const fn allows_cert_sign(self) -> bool {
        self.0 & (1 << 5) != 0
    }

    /// The names of RFC 5280 for the usages allowed, in the order of their bits.
    pub fn names(self) -> Vec<&'static str> {
        Self::NAMES
            .iter()
            .enumerate()
            .filter(|(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, name)| *name)
            .collect()
    }
}

impl fmt::Display for KeyUsage {
    /// `digitalSignature, keyEncipherment`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}

impl fmt::Debug for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyUsage({self})")
    }
}

/// PolicyConstraints (RFC 5280 section 4.2.1.11): how many certificates may follow before each takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PolicyConstraints {
    pub(super) require_explicit_policy: Option<u32>,
    pub(super) inhibit_policy_mapping: Option<u32>,
}

/// Extensions this crate knows; the discriminant is the bit in [`Extensions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    SubjectKeyIdentifier = 0,
    KeyUsage = 1,
    SubjectAltName = 2,
    IssuerAltName = 3,
    BasicConstraints = 4,
    NameConstraints = 5,
    CrlDistributionPoints = 6,
    CertificatePolicies = 7,
    PolicyMappings = 8,
    AuthorityKeyIdentifier = 9,
    PolicyConstraints = 10,
    ExtendedKeyUsage = 11,
    InhibitAnyPolicy = 12,
    AuthorityInfoAccess = 13,
}

/// id-ce, 2.5.29, under which all extensions of RFC 5280 stand but one.
const ID_CE: [u8; 2] = [0x55, 0x1d];
/// id-pe-authorityInfoAccess, 1.3.6.1.5.5.7.1.1.
const AUTHORITY_INFO_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];

impl Known {
    fn from_oid(content: &[u8]) -> Option<Self> {
        let arc = match content.strip_prefix(&ID_CE) {
            Some([arc]) => *arc,
            _ => return (content == AUTHORITY_INFO_ACCESS).then_some(Self::AuthorityInfoAccess),
        };
        Some(match arc {
            14 => Self::SubjectKeyIdentifier,
            15 => Self::KeyUsage,
            17 => Self::SubjectAltName,
            18 => Self::IssuerAltName,
            19 => Self::BasicConstraints,
            30 => Self::NameConstraints,
            31 => Self::CrlDistributionPoints,
            32 => Self::CertificatePolicies,
            33 => Self::PolicyMappings,
            35 => Self::AuthorityKeyIdentifier,
            36 => Self::PolicyConstraints,
            37 => Self::ExtendedKeyUsage,
            54 => Self::InhibitAnyPolicy,
            _ => return None,
        })
    }

    /// Whether path validation acts on the extension or may pass it over where it is critical. It looks at key
    /// purposes and at revocation on the caller's behalf: for any purpose, without revocation. Key identifiers
    /// only guide the search and must not be critical (RFC 5280 sections 4.2.1.1 and 4.2.1.2), and nothing is
    /// fetched from where an authority says it is (section 4.2.2.1).
    const fn is_processed(self) -> bool {
        !matches!(
            self,
            Self::SubjectKeyIdentifier
                | Self::AuthorityKeyIdentifier
                | Self::IssuerAltName
                | Self::AuthorityInfoAccess
        )
    }
}

/// What the extensions say; those that need no decision by themselves stay as the octets of their value.
#[derive(Default)]
pub(super) struct Extensions {
    present: u16,
    critical: u16,
    /// Critical extensions that path validation does not process, for which it has to refuse the certificate
    /// (RFC 5280 section 4.2).
    pub(super) unprocessed_critical: Vec<Oid>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<Bytes>,
    pub(super) subject_key_id: Option<Bytes>,
    pub(super) authority_key_id: Option<Bytes>,
    subject_alt_name: Option<Bytes>,
    name_constraints: Option<Bytes>,
    policies: Option<Bytes>,
    policy_mappings: Option<Bytes>,
    pub(super) policy_constraints: Option<PolicyConstraints>,
    pub(super) inhibit_any_policy: Option<u32>,
    /// Whether authorityInfoAccess cannot be read, which only the strict profile minds.
    pub(super) has_malformed_info_access: bool,
}

impl Extensions {
    /// Reads the Extensions in the `[3]` field `field`. `bytes` makes an owned part of the certificate from a
    /// slice of it and the slice's offset.
    pub(super) fn read(
        field: &Element<'_>,
        bytes: &impl Fn(&[u8], usize) -> Bytes,
    ) -> Result<Self, MalformedCertificate> {
        let mut outer = field.reader();
        let list = outer.element(tag::SEQUENCE, "the extensions (RFC 5280 section 4.1.2.9)")?;
        outer.finish("the end of the extensions")?;
        let mut extensions = Self::default();
        let mut unknown = Vec::new();
        let mut entries = list.reader();
        while !entries.is_empty() {
            let entry = entries.element(tag::SEQUENCE, "an extension (RFC 5280 section 4.1.2.9)")?;
            let mut fields = entry.reader();
            let id = fields.element(tag::OID, "the identifier of an extension")?;
            let critical = match fields.optional(tag::BOOLEAN, "whether an extension is critical")? {
                Some(flag) => read_boolean(&flag)?,
                None => false,
            };
            let value = fields.element(tag::OCTET_STRING, "the value of an extension")?;
            fields.finish("the end of an extension")?;
            let known = Known::from_oid(id.content);
            let is_duplicate = match known {
                Some(known) => extensions.has(known),
                None => unknown.contains(&id.content),
            };
            if is_duplicate {
                return Err(id.malformed(
                    "each extension once (RFC 5280 section 4.2)",
                    format!("a second {}", oid::dotted(id.content)),
                ));
            }
            if let Some(known) = known {
                extensions.add(known, critical, &value, bytes)?;
            } else if unknown.len() < MAX_EXTENSIONS {
                unknown.push(id.content);
            } else {
                return Err(entry.malformed("at most 128 extensions", "more"));
            }
            if critical && !known.is_some_and(Known::is_processed) {
                extensions.unprocessed_critical.push(Oid::from_der_content(id.content).ok_or_else(|| {
                    id.malformed("the identifier of an extension", "an invalid object identifier")
                })?);
            }
        }
        Ok(extensions)
    }

    pub(super) const fn has(&self, known: Known) -> bool {
        self.present & (1 << known as u16) != 0
    }

    pub(super) const fn is_critical(&self, known: Known) -> bool {
        self.critical & (1 << known as u16) != 0
    }

    /// The alternative names of the subject; `None` where there is no such extension.
    pub(super) fn alternative_names(&self) -> Option<impl Iterator<Item = GeneralName<'_>>> {
        let mut names = Reader::new(self.subject_alt_name.as_deref()?, 0);
        Some(std::iter::from_fn(move || GeneralName::read(&mut names).ok()))
    }

    /// The permitted and the excluded subtrees of the name constraints; `None` where there is no such extension.
    pub(super) fn name_constraints(&self) -> Option<[impl Iterator<Item = Subtree<'_>>; 2]> {
        let mut fields = Reader::new(self.name_constraints.as_deref()?, 0);
        Some([0, 1].map(|number| {
            let list = fields.optional(tag::context_constructed(number), "").ok().flatten();
            let mut subtrees = list.map(|list| list.reader());
            std::iter::from_fn(move || Subtree::read(subtrees.as_mut()?).ok())
        }))
    }

    /// The content octets of the policies' identifiers; `None` where there is no such extension.
    pub(super) fn policies(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let mut policies = Reader::new(self.policies.as_deref()?, 0);
        Some(std::iter::from_fn(move || {
            let mut policy = policies.element(tag::SEQUENCE, "").ok()?.reader();
            policy.element(tag::OID, "").ok().map(|id| id.content)
        }))
    }

    /// The policy mappings: content octets of the issuer's policy and of the subject's; `None` where there is no
    /// such extension.
    pub(super) fn policy_mappings(&self) -> Option<impl Iterator<Item = (&[u8], &[u8])>> {
        let mut mappings = Reader::new(self.policy_mappings.as_deref()?, 0);
        Some(std::iter::from_fn(move || {
            let mut pair = mappings.element(tag::SEQUENCE, "").ok()?.reader();
            let issuer = pair.element(tag::OID, "").ok()?;
            let subject = pair.element(tag::OID, "").ok()?;
            Some((issuer.content, subject.content))
        }))
    }

    fn add(
        &mut self,
        known: Known,
        critical: bool,
        value: &Element<'_>,
        bytes: &impl Fn(&[u8], usize) -> Bytes,
    ) -> Result<(), MalformedCertificate> {
        self.present |= 1 << known as u16;
        self.critical |= u16::from(critical) << known as u16;
        let mut outer = value.reader();
        let own = |element: &Element<'_>| Some(bytes(element.content, element.content_offset()));
        match known {
            Known::SubjectKeyIdentifier => {
                let id = outer
                    .element(tag::OCTET_STRING, "a subject key identifier (RFC 5280 section 4.2.1.2)")?;
                self.subject_key_id = own(&id);
            }
            Known::AuthorityKeyIdentifier => {
                let list =
                    outer.element(tag::SEQUENCE, "an authority key identifier (RFC 5280 section 4.2.1.1)")?;
                let mut fields = list.reader();
                if let Some(id) = fields.optional(tag::context(0), "a key identifier")? {
                    self.authority_key_id = own(&id);
                }
                fields.optional(tag::context_constructed(1), "the issuer's names")?;
                fields.optional(tag::context(2), "the issuer's serial number")?;
                fields.finish("the end of an authority key identifier")?;
            }
            Known::BasicConstraints => self.basic_constraints = Some(read_basic_constraints(&mut outer)?),
            Known::KeyUsage => self.key_usage = Some(read_key_usage(&mut outer)?),
            Known::PolicyConstraints => self.policy_constraints = Some(read_policy_constraints(&mut outer)?),
            Known::InhibitAnyPolicy => {
                let count =
                    outer.element(tag::INTEGER, "a number of certificates (RFC 5280 section 4.2.1.14)")?;
                self.inhibit_any_policy = Some(read_count(&count)?);
            }
            Known::ExtendedKeyUsage => {
                let list = outer.element(tag::SEQUENCE, "key purposes (RFC 5280 section 4.2.1.12)")?;
                check_list(&list, "a key purpose (RFC 5280 section 4.2.1.12)", |purposes| {
                    read_oid(purposes, "a key purpose (RFC 5280 section 4.2.1.12)").map(|_| ())
                })?;
                self.extended_key_usage = own(&list);
            }
            Known::SubjectAltName => {
                let list = outer.element(tag::SEQUENCE, "alternative names (RFC 5280 section 4.2.1.6)")?;
                let mut names = list.reader();
                while !names.is_empty() {
                    GeneralName::read(&mut names)?;
                }
                self.subject_alt_name = own(&list);
            }
            Known::NameConstraints => {
                let list = outer.element(tag::SEQUENCE, "name constraints (RFC 5280 section 4.2.1.10)")?;
                check_name_constraints(&list)?;
                self.name_constraints = own(&list);
            }
            Known::CertificatePolicies => {
                let list = outer.element(tag::SEQUENCE, "policies (RFC 5280 section 4.2.1.4)")?;
                check_policies(&list)?;
                self.policies = own(&list);
            }
            Known::PolicyMappings => {
                let list = outer.element(tag::SEQUENCE, "policy mappings (RFC 5280 section 4.2.1.5)")?;
                check_list(&list, "a policy mapping (RFC 5280 section 4.2.1.5)", |mappings| {
                    let needed = "a policy mapping (RFC 5280 section 4.2.1.5)";
                    let mut pair = mappings.element(tag::SEQUENCE, needed)?.reader();
                    read_oid(&mut pair, needed)?;
                    read_oid(&mut pair, needed)?;
                    pair.finish(needed)
                })?;
                self.policy_mappings = own(&list);
            }
            Known::AuthorityInfoAccess => {
                self.has_malformed_info_access = check_info_access(&mut outer).is_err();
                return Ok(());
            }
            // Nothing is decided by these, so their values are not read.
            Known::IssuerAltName | Known::CrlDistributionPoints => return Ok(()),
        }
        outer.finish("the end of an extension's value")
    }
}

/// Any octet but zero is TRUE, as BER has it: DER asks for 0xff, and reading more as critical is the safe side.
fn read_boolean(flag: &Element<'_>) -> Result<bool, MalformedCertificate> {
    match flag.content {
        [octet] => Ok(*octet != 0),
        _ => Err(flag.malformed("a boolean of one octet", "another length")),
    }
}

/// A number of certificates; one too large for 32 bits is longer than any path.
fn read_count(number: &Element<'_>) -> Result<u32, MalformedCertificate> {
    match number.content {
        [] | [0x80..=0xff, ..] => {
            Err(number.malformed("a number of certificates", "an empty or negative one"))
        }
        content => Ok(content.iter().fold(0u32, |value, &octet| {
            value.checked_mul(256).map_or(u32::MAX, |high| high | u32::from(octet))
        })),
    }
}

fn read_oid<'a>(fields: &mut Reader<'a>, needed: &'static str) -> Result<&'a [u8], MalformedCertificate> {
    let id = fields.element(tag::OID, needed)?;
    if oid::is_valid(id.content) {
        Ok(id.content)
    } else {
        Err(id.malformed(needed, "an invalid object identifier"))
    }
}

/// That `list` holds at least one entry and that `read` takes each of them.
fn check_list<'a>(
    list: &Element<'a>,
    needed: &'static str,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<(), MalformedCertificate>,
) -> Result<(), MalformedCertificate> {
    let mut entries = list.reader();
    if entries.is_empty() {
        return Err(list.malformed(needed, "an empty list"));
    }
    while !entries.is_empty() {
        read(&mut entries)?;
    }
    Ok(())
}

fn read_basic_constraints(outer: &mut Reader<'_>) -> Result<BasicConstraints, MalformedCertificate> {
    let list = outer.element(tag::SEQUENCE, "basic constraints (RFC 5280 section 4.2.1.9)")?;
    let mut fields = list.reader();
    let ca = match fields.optional(tag::BOOLEAN, "whether the subject is a CA")? {
        Some(flag) => read_boolean(&flag)?,
        None => false,
    };
    let path_len = match fields.optional(tag::INTEGER, "a path length")? {
        Some(number) => Some(read_count(&number)?),
        None => None,
    };
    fields.finish("the end of the basic constraints")?;
    Ok(BasicConstraints { ca, path_len })
}

fn read_key_usage(outer: &mut Reader<'_>) -> Result<KeyUsage, MalformedCertificate> {
    let bits = outer.element(tag::BIT_STRING, "key usage (RFC 5280 section 4.2.1.3)")?;
    let (unused, octets) = match bits.content {
        [unused @ 0..=7, octets @ ..] if *unused == 0 || !octets.is_empty() => (*unused, octets),
        _ => return Err(bits.malformed("key usage (RFC 5280 section 4.2.1.3)", "an invalid bit string")),
    };
    // Bit 0 is the highest bit of the first octet. Bits after the ninth have no meaning yet.
    let [first, second] = match octets {
        [] => [0, 0],
        [first] => [*first, 0],
        [first, second, ..] => [*first, *second],
    };
    let value = u16::from_le_bytes([first.reverse_bits(), second.reverse_bits()]);
    let significant = (octets.len() * 8).saturating_sub(usize::from(unused)).min(9);
    Ok(KeyUsage(value & ((1u16 << significant) - 1)))
}

fn read_policy_constraints(outer: &mut Reader<'_>) -> Result<PolicyConstraints, MalformedCertificate> {
    let needed = "policy constraints (RFC 5280 section 4.2.1.11)";
    let list = outer.element(tag::SEQUENCE, needed)?;
    let mut fields = list.reader();
    let mut count = |number| match fields.optional(tag::context(number), needed)? {
        Some(count) => read_count(&count).map(Some),
        None => Ok(None),
    };
    let (require_explicit_policy, inhibit_policy_mapping) = (count(0)?, count(1)?);
    fields.finish("the end of the policy constraints")?;
    if require_explicit_policy.is_none() && inhibit_policy_mapping.is_none() {
        return Err(list.malformed(needed, "an empty list"));
    }
    Ok(PolicyConstraints { require_explicit_policy, inhibit_policy_mapping })
}

fn check_name_constraints(list: &Element<'_>) -> Result<(), MalformedCertificate> {
    let needed = "subtrees of names (RFC 5280 section 4.2.1.10)";
    let mut fields = list.reader();
    for number in [0, 1] {
        if let Some(subtrees) = fields.optional(tag::context_constructed(number), needed)? {
            check_list(&subtrees, needed, |subtrees| Subtree::read(subtrees).map(|_| ()))?;
        }
    }
    fields.finish("the end of the name constraints")
}

fn check_info_access(outer: &mut Reader<'_>) -> Result<(), MalformedCertificate> {
    let needed = "access descriptions (RFC 5280 section 4.2.2.1)";
    let list = outer.element(tag::SEQUENCE, needed)?;
    check_list(&list, needed, |descriptions| {
        let mut fields = descriptions.element(tag::SEQUENCE, needed)?.reader();
        read_oid(&mut fields, needed)?;
        GeneralName::read(&mut fields)?;
        fields.finish(needed)
    })?;
    outer.finish(needed)
}

fn check_policies(list: &Element<'_>) -> Result<(), MalformedCertificate> {
    let needed = "a policy (RFC 5280 section 4.2.1.4)";
    let mut ids = Vec::new();
    check_list(list, needed, |policies| {
        let mut policy = policies.element(tag::SEQUENCE, needed)?.reader();
        ids.push(read_oid(&mut policy, needed)?);
        policy.optional(tag::SEQUENCE, "qualifiers of a policy")?;
        policy.finish("the end of a policy")
    })?;
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(list.malformed(
            "each policy once (RFC 5280 section 4.2.1.4)",
            format!("{} twice", oid::dotted(pair.first().copied().unwrap_or_default())),
        )),
        None => Ok(()),
    }
}
