//! Toy certificates: real DER, but a "signature" is the name of the key that made it, so that any graph of
//! certificates is written down in a line each.

use super::{Certificate, Oid};

/// What a certificate is made from.
#[derive(Clone)]
pub(crate) struct Toy {
    pub(crate) version: u8,
    pub(crate) serial: Vec<u8>,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) key: String,
    pub(crate) signed_by: String,
    pub(crate) not_before: &'static str,
    pub(crate) not_after: &'static str,
    pub(crate) extensions: Vec<(Vec<u8>, bool, Vec<u8>)>,
}

/// A certificate for `subject` by `issuer`; keys are called as their owners.
pub(crate) fn toy(subject: &str, issuer: &str) -> Toy {
    Toy {
        version: 3,
        serial: vec![1],
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        key: subject.to_owned(),
        signed_by: issuer.to_owned(),
        not_before: "20250101000000Z",
        not_after: "20300101000000Z",
        extensions: Vec::new(),
    }
}

/// The same with what the strict profile asks of a partner's certificate.
pub(crate) fn leaf(subject: &str, issuer: &str) -> Toy {
    toy(subject, issuer).extension(35, false, &sequence(&[&tlv(0x80, issuer.as_bytes())]))
}

/// The same with what a CA has.
pub(crate) fn ca(subject: &str, issuer: &str) -> Toy {
    leaf(subject, issuer).basic_constraints(true, None).extension(15, true, &[3, 2, 2, 0x04]).extension(
        14,
        false,
        &tlv(4, subject.as_bytes()),
    )
}

pub(crate) fn root(subject: &str) -> Certificate {
    ca(subject, subject).build()
}

impl Toy {
    pub(crate) fn key(mut self, name: &str) -> Self {
        self.key = name.to_owned();
        self
    }

    pub(crate) fn signed_by(mut self, key: &str) -> Self {
        self.signed_by = key.to_owned();
        self
    }

    pub(crate) fn valid(mut self, not_before: &'static str, not_after: &'static str) -> Self {
        (self.not_before, self.not_after) = (not_before, not_after);
        self
    }

    pub(crate) fn version(mut self, version: u8) -> Self {
        self.version = version;
        self
    }

    pub(crate) fn serial(mut self, octets: &[u8]) -> Self {
        self.serial = octets.to_vec();
        self
    }

    /// Puts the extension id-ce `arc` in, in place of one that is there.
    pub(crate) fn extension(self, arc: u8, critical: bool, value: &[u8]) -> Self {
        self.extension_by_oid(&[0x55, 0x1d, arc], critical, value)
    }

    pub(crate) fn extension_by_oid(mut self, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self.extensions.retain(|(other, ..)| other != oid);
        self.extensions.push((oid.to_vec(), critical, value.to_vec()));
        self
    }

    pub(crate) fn without(mut self, arc: u8) -> Self {
        self.extensions.retain(|(oid, ..)| oid != &[0x55, 0x1d, arc]);
        self
    }

    pub(crate) fn basic_constraints(self, ca: bool, path_len: Option<u8>) -> Self {
        let mut value = tlv(1, &[if ca { 0xff } else { 0 }]);
        value.extend(path_len.map(|length| tlv(2, &[length])).unwrap_or_default());
        self.extension(19, true, &tlv(0x30, &value))
    }

    pub(crate) fn path_len(self, length: u8) -> Self {
        self.basic_constraints(true, Some(length))
    }

    /// Name constraints: permitted and excluded bases, each a GeneralName as DER.
    pub(crate) fn name_constraints(self, permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Self {
        let mut value = Vec::new();
        for (tag, bases) in [(0xa0, permitted), (0xa1, excluded)] {
            if !bases.is_empty() {
                value.extend(tlv(tag, &bases.iter().flat_map(|base| sequence(&[base])).collect::<Vec<_>>()));
            }
        }
        self.extension(30, true, &tlv(0x30, &value))
    }

    pub(crate) fn alternative_names(self, names: &[Vec<u8>]) -> Self {
        self.extension(17, false, &tlv(0x30, &names.concat()))
    }

    pub(crate) fn policies(self, policies: &[&str]) -> Self {
        let list: Vec<u8> = policies.iter().flat_map(|policy| sequence(&[&oid(policy)])).collect();
        self.extension(32, false, &tlv(0x30, &list))
    }

    pub(crate) fn mappings(self, mappings: &[(&str, &str)]) -> Self {
        let list: Vec<u8> =
            mappings.iter().flat_map(|(issuer, subject)| sequence(&[&oid(issuer), &oid(subject)])).collect();
        self.extension(33, true, &tlv(0x30, &list))
    }

    pub(crate) fn policy_constraints(
        self,
        require_explicit: Option<u8>,
        inhibit_mapping: Option<u8>,
    ) -> Self {
        let mut value = require_explicit.map(|count| tlv(0x80, &[count])).unwrap_or_default();
        value.extend(inhibit_mapping.map(|count| tlv(0x81, &[count])).unwrap_or_default());
        self.extension(36, true, &tlv(0x30, &value))
    }

    pub(crate) fn inhibit_any_policy(self, count: u8) -> Self {
        self.extension(54, true, &tlv(2, &[count]))
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let algorithm = sequence(&[&[6, 3, 0x2b, 0x65, 0x70]]);
        let extensions: Vec<u8> = self
            .extensions
            .iter()
            .flat_map(|(oid, critical, value)| {
                let critical = if *critical { vec![1, 1, 0xff] } else { Vec::new() };
                sequence(&[&tlv(6, oid), &critical, &tlv(4, value)])
            })
            .collect();
        let tbs = sequence(&[
            &tlv(0xa0, &[2, 1, self.version - 1]),
            &tlv(2, &self.serial),
            &algorithm,
            &name(&self.issuer),
            &sequence(&[&tlv(0x18, self.not_before.as_bytes()), &tlv(0x18, self.not_after.as_bytes())]),
            &name(&self.subject),
            &sequence(&[&algorithm, &bit_string(self.key.as_bytes())]),
            &if extensions.is_empty() { Vec::new() } else { tlv(0xa3, &tlv(0x30, &extensions)) },
        ]);
        sequence(&[&tbs, &algorithm, &bit_string(self.signed_by.as_bytes())])
    }

    pub(crate) fn build(&self) -> Certificate {
        Certificate::from_der(self.der()).unwrap()
    }
}

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut element = match length {
        ..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        0x100..0x1_0000 => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        _ => vec![tag, 0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8],
    };
    element.extend_from_slice(content);
    element
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], octets].concat())
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    tlv(6, text.parse::<Oid>().unwrap().der_content())
}

/// A name from `O=Example/CN=Someone`; text without `=` is a CN, empty text no attribute.
pub(crate) fn name(text: &str) -> Vec<u8> {
    let parts: Vec<u8> = text
        .split('/')
        .filter(|part| !part.is_empty())
        .flat_map(|part| {
            let (kind, value) = part.split_once('=').unwrap_or(("CN", part));
            let kind = match kind {
                "CN" => oid("2.5.4.3"),
                "O" => oid("2.5.4.10"),
                "OU" => oid("2.5.4.11"),
                "E" => oid("1.2.840.113549.1.9.1"),
                other => panic!("no attribute {other}"),
            };
            tlv(0x31, &sequence(&[&kind, &tlv(0x0c, value.as_bytes())]))
        })
        .collect();
    tlv(0x30, &parts)
}

pub(crate) fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, text.as_bytes())
}

pub(crate) fn email(text: &str) -> Vec<u8> {
    tlv(0x81, text.as_bytes())
}

pub(crate) fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, text.as_bytes())
}

pub(crate) fn ip(octets: &[u8]) -> Vec<u8> {
    tlv(0x87, octets)
}

pub(crate) fn directory(text: &str) -> Vec<u8> {
    tlv(0xa4, &name(text))
}
