//! Signature algorithms: what is signed with, and what a certificate says it was.

use super::hash::Hash;
use super::{der, oid};

/// A way to sign, and the AlgorithmIdentifier that names it, which need not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    scheme: Scheme,
    identifier: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    RsaPkcs1(Hash),
    RsaPss { hash: Hash, mask: Hash, salt_length: usize },
    Ecdsa(Hash),
    Ed25519,
}

impl SignatureAlgorithm {
    /// RSA PKCS#1 v1.5.
    pub fn rsa_pkcs1(hash: Hash) -> Self {
        let identifier = der::sequence(&[der::oid(hash.rsa_signature_oid()), der::null()]);
        Self { scheme: Scheme::RsaPkcs1(hash), identifier }
    }

    /// RSA PSS, the mask and the salt as RFC 4055 recommends: the same hash, and as many octets as it has.
    pub fn rsa_pss(hash: Hash) -> Self {
        Self::rsa_pss_with(hash, hash, hash.length())
    }

    /// RSA PSS with any hash for the mask and `salt_length` octets of salt.
    pub fn rsa_pss_with(hash: Hash, mask: Hash, salt_length: usize) -> Self {
        // DER leaves out what is as by default: SHA-1, MGF1 with SHA-1, 20 octets (RFC 4055 section 3.1).
        let unless_default = |number: u8, default: bool, content: Vec<u8>| {
            if default { Vec::new() } else { der::context(number, &content) }
        };
        let generator = der::sequence(&[der::oid(oid::MGF1), mask.identifier()]);
        let parameters = der::sequence(&[
            unless_default(0, hash == Hash::Sha1, hash.identifier()),
            unless_default(1, mask == Hash::Sha1, generator),
            unless_default(2, salt_length == 20, der::unsigned_integer(&salt_length.to_be_bytes())),
        ]);
        let identifier = der::sequence(&[der::oid(oid::RSASSA_PSS), parameters]);
        Self { scheme: Scheme::RsaPss { hash, mask, salt_length }, identifier }
    }

    /// ECDSA, on whichever curve the key is.
    pub fn ecdsa(hash: Hash) -> Self {
        let identifier = der::sequence(&[der::oid(hash.ecdsa_signature_oid())]);
        Self { scheme: Scheme::Ecdsa(hash), identifier }
    }

    /// Ed25519.
    pub fn ed25519() -> Self {
        Self { scheme: Scheme::Ed25519, identifier: der::sequence(&[der::oid(oid::ED25519)]) }
    }

    /// Signs the same way and calls it `oid` (with NULL as its parameters).
    pub fn labeled(mut self, oid: &str) -> Self {
        self.identifier = der::sequence(&[der::oid(oid), der::null()]);
        self
    }

    /// Signs the same way and puts any bytes in place of the AlgorithmIdentifier.
    pub fn with_identifier(mut self, identifier: &[u8]) -> Self {
        self.identifier = identifier.into();
        self
    }

    /// The DER of its AlgorithmIdentifier.
    pub fn identifier(&self) -> &[u8] {
        &self.identifier
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }
}
