//! What a name says, how it is written, and what comparing it and showing it must give.

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use misp_onboarding_testkit::pki::{self, StringType, der, oid};

use super::Changes;

pub(super) type RelativeNames = Vec<Vec<Attribute>>;

/// A type of attribute and its value.
#[derive(Arbitrary, Clone, Debug)]
pub(super) struct Attribute {
    kind: Kind,
    value: Value,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    CommonName,
    Organization,
    Country,
    Email,
    /// One that has no short name.
    Unnamed,
}

#[derive(Arbitrary, Clone, Debug)]
enum Value {
    Text(String, u8),
    /// DER that is no text.
    Octets(Vec<u8>),
}

impl Kind {
    fn oid(self) -> &'static str {
        match self {
            Self::CommonName => oid::COMMON_NAME,
            Self::Organization => oid::ORGANIZATION,
            Self::Country => oid::COUNTRY,
            Self::Email => oid::EMAIL_ADDRESS,
            Self::Unnamed => "2.5.4.99",
        }
    }

    /// As RFC 4514 text has it.
    fn shown(self) -> &'static str {
        match self {
            Self::CommonName => "CN",
            Self::Organization => "O",
            Self::Country => "C",
            Self::Email => "emailAddress",
            Self::Unnamed => "2.5.4.99",
        }
    }
}

impl Attribute {
    pub(super) fn written(&self) -> pki::Attribute {
        match &self.value {
            Value::Text(text, chosen) => {
                pki::Attribute::new(self.kind.oid(), string_type(*chosen, text), text)
            }
            Value::Octets(octets) => pki::Attribute::raw(self.kind.oid(), &der::octet_string(octets)),
        }
    }

    /// The text, where it is one of an organization.
    pub(super) fn organization(&self) -> Option<String> {
        match &self.value {
            Value::Text(text, _) if self.kind == Kind::Organization => Some(text.clone()),
            _ => None,
        }
    }

    /// Writes the same text in another way.
    pub(super) fn change(&mut self, changes: &Changes) {
        let Value::Text(text, chosen) = &mut self.value else { return };
        *chosen = changes.string_type;
        if changes.swaps_case {
            let swapped = |c: char| {
                if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
            };
            *text = text.chars().map(swapped).collect();
        }
        let spaces = " ".repeat(usize::from(changes.spaces % 4));
        *text = format!("{spaces}{}{spaces}", text.replace(' ', &format!(" {spaces}")));
    }
}

/// The chosen type, or one that has every character where the chosen one has not.
fn string_type(chosen: u8, text: &str) -> StringType {
    let chosen = StringType::ALL[usize::from(chosen) % StringType::ALL.len()];
    let fits = match chosen {
        StringType::Teletex => text.chars().all(|c| u32::from(c) < 0x100),
        _ => true,
    };
    if fits { chosen } else { StringType::Utf8 }
}

/// A type, and its text as it is compared or its octets.
pub(super) type Prepared = (Kind, Result<String, Vec<u8>>);

/// A name as it is compared: in each relative name its attributes in one order, each with its text prepared or the
/// octets. None where a text is not ASCII, of which there is more to say than fits here.
pub(super) fn prepared(names: &RelativeNames) -> Option<Vec<Vec<Prepared>>> {
    let attribute = |attribute: &Attribute| {
        let value = match &attribute.value {
            Value::Text(text, _) if text.is_ascii() => Ok(prepared_ascii(text)),
            Value::Text(..) => return None,
            Value::Octets(octets) => Err(octets.clone()),
        };
        Some((attribute.kind, value))
    };
    let relative = |name: &Vec<Attribute>| {
        let mut attributes: Vec<_> = name.iter().map(attribute).collect::<Option<_>>()?;
        attributes.sort();
        Some(attributes)
    };
    names.iter().map(relative).collect()
}

/// RFC 4518 sections 2.2 (what controls goes, what separates becomes a space), 2.3 (case) and 2.6.1 (spaces).
fn prepared_ascii(text: &str) -> String {
    let spaced = text.replace(['\t', '\n', '\u{b}', '\u{c}', '\r'], " ");
    let kept: String = spaced.chars().filter(|c| !c.is_control()).collect();
    kept.to_lowercase().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text must read back as the name: relative names from the last to the first, each with its attributes in order.
pub(super) fn check_text(names: &RelativeNames, text: &str) {
    let mut rest = text;
    for (number, name) in names.iter().rev().enumerate() {
        if number > 0 {
            rest = rest.strip_prefix(',').unwrap_or_else(|| panic!("a comma before {rest:?}"));
        }
        for (number, attribute) in name.iter().enumerate() {
            if number > 0 {
                rest = rest.strip_prefix('+').unwrap_or_else(|| panic!("a plus before {rest:?}"));
            }
            let kind = attribute.kind;
            // An organization's `O` and a country's `C` begin no other short name of ours with a `=` behind.
            let start = format!("{}=", kind.shown());
            rest = rest.strip_prefix(&start).unwrap_or_else(|| panic!("{start} before {rest:?}"));
            let (value, after) = read_value(rest);
            match (&attribute.value, value) {
                (Value::Text(text, _), Ok(read)) if kind != Kind::Unnamed => assert_eq!(&read, text),
                (Value::Octets(octets), Err(der)) => assert_eq!(der, der::octet_string(octets)),
                (Value::Text(text, chosen), Err(der)) if kind == Kind::Unnamed => {
                    assert_eq!(der, string_type(*chosen, text).der(text));
                }
                (wanted, read) => panic!("{read:?} instead of {wanted:?}"),
            }
            rest = after;
        }
    }
    assert!(rest.is_empty(), "{rest:?} is left of {text:?}");
}

/// A value at the start of RFC 4514 text, as text or as DER, and what follows it.
fn read_value(text: &str) -> (Result<String, Vec<u8>>, &str) {
    if let Some(hex) = text.strip_prefix('#') {
        let end = hex.find([',', '+']).unwrap_or(hex.len());
        return (Err(bytes(&hex[..end])), &hex[end..]);
    }
    let mut value = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next().filter(|c| !",+".contains(*c)) {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            assert!(!"\";<>".contains(c), "{c:?} is not escaped in {text:?}");
            value.extend(c.encode_utf8(&mut [0; 4]).bytes());
        } else if rest.starts_with(|c: char| c.is_ascii_hexdigit()) {
            value.extend(bytes(&rest[..2]));
            rest = &rest[2..];
        } else {
            let escaped = rest.chars().next().unwrap_or_else(|| panic!("{text:?} ends in an escape"));
            value.extend(escaped.encode_utf8(&mut [0; 4]).bytes());
            rest = &rest[escaped.len_utf8()..];
        }
    }
    (Ok(String::from_utf8(value).unwrap_or_else(|_| panic!("{text:?} is UTF-8"))), rest)
}

fn bytes(hex: &str) -> Vec<u8> {
    let pair =
        |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap_or_else(|_| panic!("{hex:?} is hex"));
    (0..hex.len()).step_by(2).map(pair).collect()
}
