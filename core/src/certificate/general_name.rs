//! GeneralName (RFC 5280 section 4.2.1.6): the forms of names in alternative names and name constraints.

use super::MalformedCertificate;
use super::reader::{Element, Reader, tag};

/// The forms of a GeneralName; the discriminant is the number of its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    OtherName = 0,
    Email = 1,
    Dns = 2,
    X400Address = 3,
    Directory = 4,
    EdiParty = 5,
    Uri = 6,
    IpAddress = 7,
    RegisteredId = 8,
}

impl Form {
    /// The name of RFC 5280.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::OtherName => "otherName",
            Self::Email => "rfc822Name",
            Self::Dns => "dNSName",
            Self::X400Address => "x400Address",
            Self::Directory => "directoryName",
            Self::EdiParty => "ediPartyName",
            Self::Uri => "uniformResourceIdentifier",
            Self::IpAddress => "iPAddress",
            Self::RegisteredId => "registeredID",
        }
    }
}

/// One name, not yet checked beyond its tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct GeneralName<'a> {
    pub(super) form: Form,
    pub(super) element: Element<'a>,
}

impl<'a> GeneralName<'a> {
    /// Reads the next name.
    pub(super) fn read(names: &mut Reader<'a>) -> Result<Self, MalformedCertificate> {
        let needed = "a name (RFC 5280 section 4.2.1.6)";
        let element = names.any(needed)?;
        let form = match element.tag {
            0xa0 => Form::OtherName,
            0x81 => Form::Email,
            0x82 => Form::Dns,
            0xa3 => Form::X400Address,
            0xa4 => Form::Directory,
            0xa5 => Form::EdiParty,
            0x86 => Form::Uri,
            0x87 => Form::IpAddress,
            0x88 => Form::RegisteredId,
            other => return Err(element.malformed(needed, format!("an element with tag 0x{other:02x}"))),
        };
        Ok(Self { form, element })
    }
}

/// One GeneralSubtree of name constraints (RFC 5280 section 4.2.1.10).
#[derive(Clone, Copy, Debug)]
pub(super) struct Subtree<'a> {
    pub(super) base: GeneralName<'a>,
    /// Whether it has a minimum other than zero or a maximum, which the profile does not use.
    pub(super) has_distances: bool,
}

impl<'a> Subtree<'a> {
    /// Reads the next subtree.
    pub(super) fn read(subtrees: &mut Reader<'a>) -> Result<Self, MalformedCertificate> {
        let needed = "a subtree of names (RFC 5280 section 4.2.1.10)";
        let mut fields = subtrees.element(tag::SEQUENCE, needed)?.reader();
        let base = GeneralName::read(&mut fields)?;
        let minimum = fields.optional(tag::context(0), needed)?;
        let maximum = fields.optional(tag::context(1), needed)?;
        fields.finish(needed)?;
        let has_distances = maximum.is_some() || minimum.is_some_and(|minimum| minimum.content != [0]);
        Ok(Self { base, has_distances })
    }
}
