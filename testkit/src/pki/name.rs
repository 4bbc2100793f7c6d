//! Distinguished names, including those no authority should write.

use super::{der, oid};

/// A distinguished name: relative names in order, each of one or several attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    rdns: Vec<Vec<Attribute>>,
}

impl Name {
    /// The name without any part.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A name with a common name only.
    pub fn cn(common_name: &str) -> Self {
        Self::empty().common_name(common_name)
    }

    /// Adds a country: two letters, a PrintableString.
    pub fn country(self, text: &str) -> Self {
        self.with(Attribute::new(oid::COUNTRY, StringType::Printable, text))
    }

    /// Adds an organization.
    pub fn organization(self, text: &str) -> Self {
        self.with(Attribute::utf8(oid::ORGANIZATION, text))
    }

    /// Adds an organizational unit.
    pub fn organizational_unit(self, text: &str) -> Self {
        self.with(Attribute::utf8(oid::ORGANIZATIONAL_UNIT, text))
    }

    /// Adds a common name.
    pub fn common_name(self, text: &str) -> Self {
        self.with(Attribute::utf8(oid::COMMON_NAME, text))
    }

    /// Adds an email address, an IA5String.
    pub fn email_address(self, text: &str) -> Self {
        self.with(Attribute::new(oid::EMAIL_ADDRESS, StringType::Ia5, text))
    }

    /// Adds one attribute as a relative name of its own.
    pub fn with(self, attribute: Attribute) -> Self {
        self.with_rdn([attribute])
    }

    /// Adds a relative name of several attributes, in the given order (DER wants them sorted).
    pub fn with_rdn(mut self, attributes: impl IntoIterator<Item = Attribute>) -> Self {
        self.rdns.push(attributes.into_iter().collect());
        self
    }

    /// The same name without the attributes of type `oid`.
    pub fn without(mut self, oid: &str) -> Self {
        for rdn in &mut self.rdns {
            rdn.retain(|attribute| attribute.oid != oid);
        }
        self.rdns.retain(|rdn| !rdn.is_empty());
        self
    }

    /// The same name with every attribute that was given as a text written anew by `change`, which gets its type and
    /// its text.
    pub fn map_text(mut self, change: impl Fn(&str, &str) -> Attribute) -> Self {
        for attribute in self.rdns.iter_mut().flatten() {
            if let Some(text) = &attribute.text {
                *attribute = change(&attribute.oid, text);
            }
        }
        self
    }

    /// Its DER.
    pub fn der(&self) -> Vec<u8> {
        let rdns: Vec<_> = self
            .rdns
            .iter()
            .map(|rdn| der::set(&rdn.iter().map(Attribute::der).collect::<Vec<_>>()))
            .collect();
        der::sequence(&rdns)
    }
}

/// A type and a value of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    oid: String,
    /// What it says, where it was given as a text.
    text: Option<String>,
    value: Vec<u8>,
}

impl Attribute {
    /// The text `text` as a `string_type`.
    pub fn new(oid: &str, string_type: StringType, text: &str) -> Self {
        Self { oid: oid.into(), text: Some(text.into()), value: string_type.der(text) }
    }

    /// The text `text` as a UTF8String.
    pub fn utf8(oid: &str, text: &str) -> Self {
        Self::new(oid, StringType::Utf8, text)
    }

    /// Any DER value, or bytes that are none.
    pub fn raw(oid: &str, value: &[u8]) -> Self {
        Self { oid: oid.into(), text: None, value: value.into() }
    }

    fn der(&self) -> Vec<u8> {
        der::sequence(&[der::oid(&self.oid), self.value.clone()])
    }
}

/// The string types of X.520's DirectoryString, and IA5String.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringType {
    /// UTF8String.
    Utf8,
    /// PrintableString. The text is written as it is, also where it has characters the type does not allow.
    Printable,
    /// TeletexString, written as Latin-1, as everybody does.
    Teletex,
    /// BMPString: UTF-16, the high byte first.
    Bmp,
    /// UniversalString: UTF-32, the high byte first.
    Universal,
    /// IA5String: ASCII.
    Ia5,
}

impl StringType {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Utf8, Self::Printable, Self::Teletex, Self::Bmp, Self::Universal, Self::Ia5];

    /// The DER of `text` as this type.
    ///
    /// # Panics
    ///
    /// Where a TeletexString is asked for a character that Latin-1 does not have.
    pub fn der(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => der::value(0x0c, text.as_bytes()),
            Self::Printable => der::value(0x13, text.as_bytes()),
            Self::Ia5 => der::value(0x16, text.as_bytes()),
            Self::Teletex => {
                let latin1 = |c| u8::try_from(c).unwrap_or_else(|_| panic!("{c:?} is not in Latin-1"));
                der::value(0x14, &text.chars().map(latin1).collect::<Vec<_>>())
            }
            Self::Bmp => {
                der::value(0x1e, &text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>())
            }
            Self::Universal => {
                der::value(0x1c, &text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<_>>())
            }
        }
    }
}
