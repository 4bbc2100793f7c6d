//! Building certificates field by field, conforming by default and with any defect on demand.

use misp_onboarding::Timestamp;

use super::certificate::Certificate;
use super::hash::Hash;
use super::{Extension, Key, KeyUsage, Name, SignatureAlgorithm, Time, der, oid};

/// A certificate in the making.
///
/// [`root`](Self::root), [`intermediate`](Self::intermediate) and [`partner`](Self::partner) start from one that has
/// everything RFC 5280 asks for, valid from 2020 to 2040, with a P-256 key of its own; the other methods change one
/// thing each. Everything but the keys and the ECDSA signatures is the same in every run.
///
/// ```
/// use misp_onboarding_testkit::pki::{CertificateBuilder, Extension, Key};
///
/// let root = CertificateBuilder::root("Demo Root CA").key(Key::rsa2048("demo root")).self_signed();
/// let issuing = CertificateBuilder::intermediate("Demo Issuing CA").path_len(0).issued_by(&root);
/// let bank = CertificateBuilder::partner("Example Bank").valid("2026-01-01", "2028-01-01").issued_by(&issuing);
///
/// let cross_signed = issuing.to_builder().issued_by(&CertificateBuilder::root("Other Root CA").self_signed());
/// let refused = bank.to_builder().with(Extension::unknown(true)).issued_by(&issuing);
/// # let _ = (cross_signed, refused);
/// ```
#[derive(Clone, Debug)]
pub struct CertificateBuilder {
    version: Vec<u8>,
    /// The content of the INTEGER.
    serial: Option<Vec<u8>>,
    not_before: Time,
    not_after: Time,
    pub(super) subject: Name,
    pub(super) key: Key,
    public_key: Option<Vec<u8>>,
    extensions: Vec<Slot>,
    issuer: Option<Name>,
    signing_key: Option<Key>,
    algorithm: Option<SignatureAlgorithm>,
    algorithm_label: Option<String>,
    inner_algorithm: Option<SignatureAlgorithm>,
    signature: Signature,
}

/// A place in the list of extensions.
#[derive(Clone, Debug)]
enum Slot {
    Given(Extension),
    /// Made from the subject's key.
    SubjectKeyIdentifier,
    /// Made from the issuer's subject key identifier, if it has one.
    AuthorityKeyIdentifier,
}

#[derive(Clone, Debug)]
enum Signature {
    Valid,
    Corrupted,
    Given(Vec<u8>),
}

impl CertificateBuilder {
    /// A root: a CA with keyCertSign. Finish it with [`self_signed`](Self::self_signed).
    pub fn root(common_name: &str) -> Self {
        let mut root = Self::intermediate(common_name);
        root.extensions.retain(|slot| !matches!(slot, Slot::AuthorityKeyIdentifier));
        root
    }

    /// An intermediate: a CA with keyCertSign. Finish it with [`issued_by`](Self::issued_by).
    pub fn intermediate(common_name: &str) -> Self {
        let subject = Name::empty().country("XX").organization("Test Authority").common_name(common_name);
        Self::blank(subject, Key::p256(common_name))
            .with(Extension::basic_constraints(true, None))
            .with(Extension::key_usage(&[KeyUsage::KeyCertSign, KeyUsage::CrlSign]))
            .with_key_identifiers()
    }

    /// A partner's certificate: its subject has `organization` as O and as CN.
    pub fn partner(organization: &str) -> Self {
        let subject = Name::empty().organization(organization).common_name(organization);
        Self::blank(subject, Key::p256(organization))
            .with(Extension::key_usage(&[KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment]))
            .with_key_identifiers()
    }

    /// A certificate without a single extension.
    pub fn blank(subject: Name, key: Key) -> Self {
        Self {
            version: der::context(0, &der::integer(2)),
            serial: None,
            not_before: Time::from("2020-01-01"),
            not_after: Time::from("2040-01-01"),
            subject,
            key,
            public_key: None,
            extensions: Vec::new(),
            issuer: None,
            signing_key: None,
            algorithm: None,
            algorithm_label: None,
            inner_algorithm: None,
            signature: Signature::Valid,
        }
    }

    /// Adds subject and authority key identifiers, made from the keys when the certificate is.
    pub fn with_key_identifiers(mut self) -> Self {
        self.extensions.extend([Slot::SubjectKeyIdentifier, Slot::AuthorityKeyIdentifier]);
        self
    }

    // What it says of itself.

    /// Version 1, 2 or 3, or a number that is none. Does not change the extensions, so version 1 with extensions is a
    /// defect; see [`without_extensions`](Self::without_extensions).
    pub fn version(self, version: i64) -> Self {
        // DER leaves the default, version 1, out.
        let encoded =
            if version == 1 { Vec::new() } else { der::context(0, &der::integer(version.wrapping_sub(1))) };
        self.raw_version(&encoded)
    }

    /// Any bytes in place of the version.
    pub fn raw_version(mut self, encoded: &[u8]) -> Self {
        self.version = encoded.into();
        self
    }

    /// The serial number; by default 16 octets made from the names, the dates and the keys' labels.
    pub fn serial(self, serial: i64) -> Self {
        let encoded = der::integer(serial);
        // An i64 has a short length: two octets of header.
        self.serial_bytes(&encoded[2..])
    }

    /// The serial number's octets as they are, however many and whichever sign that gives.
    pub fn serial_bytes(mut self, octets: &[u8]) -> Self {
        self.serial = Some(octets.into());
        self
    }

    /// First and last instant of validity: a [`Timestamp`], RFC 3339 text, a day, or a [`Time`] of any encoding.
    pub fn valid(self, not_before: impl Into<Time>, not_after: impl Into<Time>) -> Self {
        self.not_before(not_before).not_after(not_after)
    }

    /// First instant of validity.
    pub fn not_before(mut self, not_before: impl Into<Time>) -> Self {
        self.not_before = not_before.into();
        self
    }

    /// Last instant of validity.
    pub fn not_after(mut self, not_after: impl Into<Time>) -> Self {
        self.not_after = not_after.into();
        self
    }

    /// Valid from a day before `at` to `days` days after it.
    pub fn valid_around(self, at: Timestamp, days: i64) -> Self {
        self.valid(at.plus_days(-1), at.plus_days(days))
    }

    /// The subject.
    pub fn subject(mut self, subject: Name) -> Self {
        self.subject = subject;
        self
    }

    /// Another common name in the subject.
    pub fn common_name(mut self, text: &str) -> Self {
        self.subject = self.subject.without(oid::COMMON_NAME).common_name(text);
        self
    }

    /// The subject's key.
    pub fn key(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    /// Any bytes in place of the SubjectPublicKeyInfo.
    pub fn raw_public_key(mut self, encoded: &[u8]) -> Self {
        self.public_key = Some(encoded.into());
        self
    }

    // Extensions.

    /// Puts `extension` in place of the one of its type, or at the end if there is none.
    pub fn with(mut self, extension: Extension) -> Self {
        match self.extensions.iter_mut().find(|slot| slot.oid() == extension.oid) {
            Some(slot) => *slot = Slot::Given(extension),
            None => self.extensions.push(Slot::Given(extension)),
        }
        self
    }

    /// Puts `extension` at the end, also where there is one of its type already.
    pub fn with_duplicate(mut self, extension: Extension) -> Self {
        self.extensions.push(Slot::Given(extension));
        self
    }

    /// Leaves out the extensions of type `oid`.
    pub fn without(mut self, oid: &str) -> Self {
        self.extensions.retain(|slot| slot.oid() != oid);
        self
    }

    /// Leaves out all extensions.
    pub fn without_extensions(mut self) -> Self {
        self.extensions.clear();
        self
    }

    /// A CA with at most `path_len` intermediates below it.
    pub fn path_len(self, path_len: u32) -> Self {
        self.with(Extension::basic_constraints(true, Some(path_len)))
    }

    /// These bits of KeyUsage.
    pub fn key_usage(self, bits: &[KeyUsage]) -> Self {
        self.with(Extension::key_usage(bits))
    }

    // The signature, and what can be wrong with it.

    /// Names another issuer than the one that signs.
    pub fn issuer(mut self, issuer: Name) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Signs with another key than the issuer's.
    pub fn signing_key(mut self, key: Key) -> Self {
        self.signing_key = Some(key);
        self
    }

    /// The signature algorithm; by default the usual one of the issuer's key.
    pub fn algorithm(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Signs as it would anyway and calls that `oid`.
    pub fn algorithm_label(mut self, oid: &str) -> Self {
        self.algorithm_label = Some(oid.into());
        self
    }

    /// Another algorithm in the signed part than beside the signature.
    pub fn inner_algorithm(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.inner_algorithm = Some(algorithm);
        self
    }

    /// Changes one bit of the signature.
    pub fn corrupted_signature(mut self) -> Self {
        self.signature = Signature::Corrupted;
        self
    }

    /// Puts any bytes in place of the signature.
    pub fn raw_signature(mut self, signature: &[u8]) -> Self {
        self.signature = Signature::Given(signature.into());
        self
    }

    /// Takes back what the methods above say about the signature and the issuer.
    pub fn usual_signature(self) -> Self {
        Self {
            issuer: None,
            signing_key: None,
            algorithm: None,
            algorithm_label: None,
            inner_algorithm: None,
            signature: Signature::Valid,
            ..self
        }
    }

    // The end.

    /// The certificate, signed with its own key and its own subject as issuer.
    ///
    /// # Panics
    ///
    /// As [`issued_by`](Self::issued_by).
    pub fn self_signed(self) -> Certificate {
        let (issuer, key, identifier) =
            (self.subject.clone(), self.key.clone(), self.subject_key_identifier());
        self.sign(&issuer, &key, identifier)
    }

    /// The certificate, issued by `issuer`, whether that is a CA or not.
    ///
    /// # Panics
    ///
    /// Where the algorithm asked for is none of the issuer's key.
    pub fn issued_by(self, issuer: &Certificate) -> Certificate {
        let identifier = issuer.builder.subject_key_identifier();
        self.sign(issuer.subject(), issuer.key(), identifier)
    }

    fn sign(self, issuer: &Name, key: &Key, authority: Option<Vec<u8>>) -> Certificate {
        let issuer = self.issuer.as_ref().unwrap_or(issuer);
        let key = self.signing_key.as_ref().unwrap_or(key);
        let mut algorithm = self.algorithm.clone().unwrap_or_else(|| key.default_algorithm());
        if let Some(label) = &self.algorithm_label {
            algorithm = algorithm.labeled(label);
        }
        let validity = der::sequence(&[self.not_before.der(), self.not_after.der()]);
        let serial = match &self.serial {
            Some(octets) => octets.clone(),
            None => self.default_serial(issuer, key, &validity),
        };
        let signed = der::sequence(&[
            self.version.clone(),
            der::value(0x02, &serial),
            self.inner_algorithm.as_ref().unwrap_or(&algorithm).identifier().into(),
            issuer.der(),
            validity,
            self.subject.der(),
            self.public_key.clone().unwrap_or_else(|| self.key.public_key_der()),
            self.extensions_der(authority),
        ]);
        let signature = match &self.signature {
            Signature::Valid => key.sign(&algorithm, &signed),
            Signature::Given(signature) => signature.clone(),
            Signature::Corrupted => {
                let mut signature = key.sign(&algorithm, &signed);
                if let Some(last) = signature.last_mut() {
                    *last ^= 1;
                }
                signature
            }
        };
        let der = der::sequence(&[signed, algorithm.identifier().into(), der::bit_string(&signature)]);
        Certificate { builder: self, der }
    }

    /// Positive and never the same for two certificates that differ in what a person would call different.
    fn default_serial(&self, issuer: &Name, key: &Key, validity: &[u8]) -> Vec<u8> {
        let labels = format!("{:?}\n{key:?}\n", self.key);
        let seed = [labels.as_bytes(), &issuer.der(), &self.subject.der(), validity].concat();
        let mut serial = Hash::Sha256.of(&seed);
        serial.truncate(16);
        serial[0] = serial[0] & 0x3f | 0x40;
        serial
    }

    fn extensions_der(&self, authority: Option<Vec<u8>>) -> Vec<u8> {
        let extensions: Vec<_> = self
            .extensions
            .iter()
            .filter_map(|slot| match slot {
                Slot::Given(extension) => Some(extension.der()),
                Slot::SubjectKeyIdentifier => {
                    Some(Extension::subject_key_identifier(&self.key.identifier()).der())
                }
                Slot::AuthorityKeyIdentifier => {
                    authority.as_ref().map(|identifier| Extension::authority_key_identifier(identifier).der())
                }
            })
            .collect();
        if extensions.is_empty() { Vec::new() } else { der::context(3, &der::sequence(&extensions)) }
    }

    /// What certificates issued under this one name as their authority's key.
    fn subject_key_identifier(&self) -> Option<Vec<u8>> {
        self.extensions.iter().find_map(|slot| match slot {
            Slot::SubjectKeyIdentifier => Some(self.key.identifier()),
            // An OCTET STRING of a short length: two octets of header.
            Slot::Given(extension) if extension.oid == oid::SUBJECT_KEY_IDENTIFIER => {
                Some(extension.value.get(2..).unwrap_or_default().to_vec())
            }
            _ => None,
        })
    }
}

impl Slot {
    fn oid(&self) -> &str {
        match self {
            Self::Given(extension) => &extension.oid,
            Self::SubjectKeyIdentifier => oid::SUBJECT_KEY_IDENTIFIER,
            Self::AuthorityKeyIdentifier => oid::AUTHORITY_KEY_IDENTIFIER,
        }
    }
}
