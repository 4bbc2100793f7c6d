//! Extensions, well formed or not.

use super::{GeneralName, der, oid};

/// An extension of a certificate. The constructors set `critical` as RFC 5280 wants it of a conforming authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its type, in dotted form.
    pub oid: String,
    /// Whether who does not know it must refuse the certificate.
    pub critical: bool,
    /// What its OCTET STRING holds: DER, unless it is malformed on purpose.
    pub value: Vec<u8>,
}

/// The bits of KeyUsage (RFC 5280 section 4.2.1.3), by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum KeyUsage {
    /// Signatures on anything but certificates and CRLs.
    DigitalSignature = 0,
    /// Signatures nobody may deny.
    NonRepudiation = 1,
    /// Encrypting keys.
    KeyEncipherment = 2,
    /// Encrypting data.
    DataEncipherment = 3,
    /// Agreeing on keys.
    KeyAgreement = 4,
    /// Signatures on certificates.
    KeyCertSign = 5,
    /// Signatures on CRLs.
    CrlSign = 6,
    /// Only encryption, with [`KeyUsage::KeyAgreement`].
    EncipherOnly = 7,
    /// Only decryption, with [`KeyUsage::KeyAgreement`].
    DecipherOnly = 8,
}

impl Extension {
    /// Any extension.
    pub fn raw(oid: &str, critical: bool, value: &[u8]) -> Self {
        Self { oid: oid.into(), critical, value: value.into() }
    }

    /// An extension nobody knows.
    pub fn unknown(critical: bool) -> Self {
        Self::raw(oid::UNKNOWN, critical, &der::null())
    }

    /// BasicConstraints. DER leaves `cA` out where it is false.
    pub fn basic_constraints(ca: bool, path_len: Option<u32>) -> Self {
        let ca = if ca { der::boolean(true) } else { Vec::new() };
        let path_len = path_len.map(|length| der::integer(length.into())).unwrap_or_default();
        Self::raw(oid::BASIC_CONSTRAINTS, true, &der::sequence(&[ca, path_len]))
    }

    /// KeyUsage with these bits; none of them gives the empty BIT STRING.
    pub fn key_usage(bits: &[KeyUsage]) -> Self {
        let bits: Vec<u8> = bits.iter().map(|bit| *bit as u8).collect();
        Self::raw(oid::KEY_USAGE, true, &der::named_bits(&bits))
    }

    /// ExtendedKeyUsage with these purposes.
    pub fn extended_key_usage(purposes: &[&str]) -> Self {
        Self::raw(oid::EXTENDED_KEY_USAGE, false, &oids(purposes))
    }

    /// SubjectKeyIdentifier.
    pub fn subject_key_identifier(identifier: &[u8]) -> Self {
        Self::raw(oid::SUBJECT_KEY_IDENTIFIER, false, &der::octet_string(identifier))
    }

    /// AuthorityKeyIdentifier with a key identifier only.
    pub fn authority_key_identifier(identifier: &[u8]) -> Self {
        let content = der::sequence(&[der::context_primitive(0, identifier)]);
        Self::raw(oid::AUTHORITY_KEY_IDENTIFIER, false, &content)
    }

    /// AuthorityKeyIdentifier that names the issuer's own issuer and serial number (the content of the INTEGER).
    pub fn authority_issuer_and_serial(issuer: &GeneralName, serial: &[u8]) -> Self {
        let content = der::sequence(&[der::context(1, &issuer.der()), der::context_primitive(2, serial)]);
        Self::raw(oid::AUTHORITY_KEY_IDENTIFIER, false, &content)
    }

    /// NameConstraints; an empty list leaves its field out.
    pub fn name_constraints(permitted: &[GeneralName], excluded: &[GeneralName]) -> Self {
        let subtrees = |number: u8, names: &[GeneralName]| {
            let subtrees: Vec<u8> = names.iter().flat_map(|name| der::sequence(&[name.der()])).collect();
            if subtrees.is_empty() { subtrees } else { der::context(number, &subtrees) }
        };
        let content = der::sequence(&[subtrees(0, permitted), subtrees(1, excluded)]);
        Self::raw(oid::NAME_CONSTRAINTS, true, &content)
    }

    /// SubjectAltName.
    pub fn subject_alt_name(names: &[GeneralName]) -> Self {
        Self::raw(oid::SUBJECT_ALT_NAME, false, &general_names(names))
    }

    /// IssuerAltName.
    pub fn issuer_alt_name(names: &[GeneralName]) -> Self {
        Self::raw(oid::ISSUER_ALT_NAME, false, &general_names(names))
    }

    /// CertificatePolicies without qualifiers.
    pub fn certificate_policies(policies: &[&str]) -> Self {
        let policies: Vec<_> = policies.iter().map(|policy| der::sequence(&[der::oid(policy)])).collect();
        Self::raw(oid::CERTIFICATE_POLICIES, false, &der::sequence(&policies))
    }

    /// PolicyMappings: pairs of the issuer's policy and the subject's.
    pub fn policy_mappings(mappings: &[(&str, &str)]) -> Self {
        let mappings: Vec<_> = mappings
            .iter()
            .map(|(issuer, subject)| der::sequence(&[der::oid(issuer), der::oid(subject)]))
            .collect();
        Self::raw(oid::POLICY_MAPPINGS, true, &der::sequence(&mappings))
    }

    /// PolicyConstraints.
    pub fn policy_constraints(
        require_explicit_policy: Option<u32>,
        inhibit_policy_mapping: Option<u32>,
    ) -> Self {
        let field = |number: u8, skip: Option<u32>| {
            // IMPLICIT: the tag stands in place of INTEGER's.
            skip.map(|skip| der::context_primitive(number, &der::integer(skip.into())[2..]))
                .unwrap_or_default()
        };
        let content = der::sequence(&[field(0, require_explicit_policy), field(1, inhibit_policy_mapping)]);
        Self::raw(oid::POLICY_CONSTRAINTS, true, &content)
    }

    /// InhibitAnyPolicy.
    pub fn inhibit_any_policy(skip: u32) -> Self {
        Self::raw(oid::INHIBIT_ANY_POLICY, true, &der::integer(skip.into()))
    }

    /// The same, critical.
    pub fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    /// The same, not critical.
    pub fn not_critical(mut self) -> Self {
        self.critical = false;
        self
    }

    /// The same with a value that is no DER: cut off after its first byte.
    pub fn malformed(mut self) -> Self {
        self.value.truncate(1);
        self
    }

    /// Its DER.
    pub fn der(&self) -> Vec<u8> {
        let critical = if self.critical { der::boolean(true) } else { Vec::new() };
        der::sequence(&[der::oid(&self.oid), critical, der::octet_string(&self.value)])
    }
}

fn oids(oids: &[&str]) -> Vec<u8> {
    der::sequence(&oids.iter().map(|oid| der::oid(oid)).collect::<Vec<_>>())
}

fn general_names(names: &[GeneralName]) -> Vec<u8> {
    der::sequence(&names.iter().map(GeneralName::der).collect::<Vec<_>>())
}
