//! Certificates as they come out of the builder.

use std::fmt;

use misp_onboarding::certificate::{pem, pkcs7};

use super::{CertificateBuilder, Key, Name};

/// A certificate together with what it was made from, private key included.
#[derive(Clone)]
pub struct Certificate {
    pub(super) builder: CertificateBuilder,
    pub(super) der: Vec<u8>,
}

impl Certificate {
    /// Its DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its PEM, one block.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    /// Its subject's key pair.
    pub fn key(&self) -> &Key {
        &self.builder.key
    }

    /// Its private key in PKCS#8 PEM.
    pub fn private_key_pem(&self) -> String {
        self.key().private_key_pem()
    }

    /// Its subject.
    pub fn subject(&self) -> &Name {
        &self.builder.subject
    }

    /// What it was made from, to make another like it: the same subject and key under another issuer (a cross-signed
    /// certificate), or with other dates (a renewal).
    pub fn to_builder(&self) -> CertificateBuilder {
        self.builder.clone()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pem())
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

/// Several certificates as one PEM text.
pub fn pem_bundle<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    certificates.into_iter().map(Certificate::pem).collect()
}

/// Several certificates as PKCS#7 in DER (`.p7c`).
pub fn pkcs7_der<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> Vec<u8> {
    pkcs7::certs_only(&certificates.into_iter().map(Certificate::der).collect::<Vec<_>>())
}

/// Several certificates as PKCS#7 in PEM (`.p7b`).
pub fn pkcs7_pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    pem::encode("PKCS7", &pkcs7_der(certificates))
}
