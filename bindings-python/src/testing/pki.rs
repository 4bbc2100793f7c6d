//! The test PKI: certificates at any time and with any defect.

use std::panic::{AssertUnwindSafe, catch_unwind};

use misp_onboarding::Timestamp;
use misp_onboarding_testkit::pki::{
    self, Certificate, CertificateBuilder, Extension, Hash, Key, KeyKind, KeyUsage, Name, SignatureAlgorithm,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::{arguments, bridge};

/// A certificate together with its private key.
#[pyclass(frozen, eq, module = "misp_onboarding.testing")]
#[derive(PartialEq, Eq)]
pub(crate) struct TestCertificate {
    certificate: Certificate,
}

#[pymethods]
impl TestCertificate {
    /// pytest must not take it for a test.
    #[classattr]
    #[expect(non_upper_case_globals, reason = "pytest's name")]
    const __test__: bool = false;

    /// Its DER.
    #[getter]
    fn der<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.certificate.der())
    }

    /// Its PEM, one block.
    #[getter]
    fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Its private key in PKCS#8 PEM.
    #[getter]
    fn private_key_pem(&self) -> String {
        self.certificate.private_key_pem()
    }

    fn __repr__(&self) -> String {
        format!("<TestCertificate of {} bytes>", self.certificate.der().len())
    }
}

/// A root and an issuing CA below it, both good at an instant. All PKIs of a process have the same keys.
#[pyclass(frozen, module = "misp_onboarding.testing")]
pub(crate) struct TestPki {
    pki: pki::TestPki,
}

#[pymethods]
impl TestPki {
    /// pytest must not take it for a test.
    #[classattr]
    #[expect(non_upper_case_globals, reason = "pytest's name")]
    const __test__: bool = false;

    /// The PKI around the instant `at`.
    #[new]
    fn new(at: &Bound<'_, PyAny>) -> PyResult<Self> {
        let at = arguments::instant("at", at)?;
        built(|| Self { pki: pki::TestPki::new(at) })
    }

    /// The instant everything is good at.
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(bridge::instant_to_python(py, self.pki.at)?.into_any())
    }

    /// `Test Root CA`, from 365 days before `at` to 7,300 days after.
    #[getter]
    fn root(&self) -> TestCertificate {
        TestCertificate { certificate: self.pki.root.clone() }
    }

    /// `Test Issuing CA`, from 365 days before `at` to 3,650 days after.
    #[getter]
    fn issuing(&self) -> TestCertificate {
        TestCertificate { certificate: self.pki.issuing.clone() }
    }

    /// The root and the issuing CA as one PEM text.
    #[getter]
    fn ca_pem(&self) -> String {
        self.pki.ca_pem()
    }

    /// A certificate of a partner, from a day before `at` to 730 days after unless given otherwise.
    #[pyo3(signature = (organization, *, not_before=None, not_after=None, serial=None, key=None))]
    fn issue(
        &self,
        organization: &str,
        not_before: Option<&Bound<'_, PyAny>>,
        not_after: Option<&Bound<'_, PyAny>>,
        serial: Option<i64>,
        key: Option<&str>,
    ) -> PyResult<TestCertificate> {
        let not_before = instant("not_before", not_before)?;
        let not_after = instant("not_after", not_after)?;
        let key = key.map(|kind| key_of(kind, organization)).transpose()?;
        built(|| {
            let certificate = self.pki.issue_with(organization, |mut partner| {
                if let Some(at) = not_before {
                    partner = partner.not_before(at);
                }
                if let Some(at) = not_after {
                    partner = partner.not_after(at);
                }
                if let Some(serial) = serial {
                    partner = partner.serial(serial);
                }
                if let Some(key) = key {
                    partner = partner.key(key);
                }
                partner
            });
            TestCertificate { certificate }
        })
    }
}

/// Which certificate to begin with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Root,
    Intermediate,
    Partner,
    Blank,
}

/// Makes a certificate that conforms to RFC 5280 but for what the keywords ask of it.
///
/// `kind` is `root`, `intermediate`, `partner`, or `blank`, which has no extension. `name` is the common name, of a
/// partner also the organization. Without an `issuer` it signs itself. Validity is 2020 to 2040 unless given.
#[pyfunction]
#[pyo3(signature = (
    kind, name, *, issuer=None, signed_by=None, organization=None, version=None, serial=None, not_before=None,
    not_after=None, key=None, signature=None, ca=None, path_length=None, key_usage=None, extended_key_usage=None,
    policies=None, extensions=None, without=None, corrupted=false
))]
#[expect(clippy::too_many_arguments, reason = "keywords")]
pub(crate) fn make_certificate(
    kind: &str,
    name: &str,
    issuer: Option<&TestCertificate>,
    signed_by: Option<&TestCertificate>,
    organization: Option<&str>,
    version: Option<i64>,
    serial: Option<i64>,
    not_before: Option<&Bound<'_, PyAny>>,
    not_after: Option<&Bound<'_, PyAny>>,
    key: Option<&str>,
    signature: Option<&str>,
    ca: Option<bool>,
    path_length: Option<u32>,
    key_usage: Option<Vec<String>>,
    extended_key_usage: Option<Vec<String>>,
    policies: Option<Vec<String>>,
    extensions: Option<Vec<(String, bool, Vec<u8>)>>,
    without: Option<Vec<String>>,
    corrupted: bool,
) -> PyResult<TestCertificate> {
    let kind = one_of("kind", kind, &KINDS)?;
    let key = key_of(key.unwrap_or("P-256"), name)?;
    let signature = signature.map(signature_of).transpose()?;
    let usages = key_usage
        .map(|names| {
            names.iter().map(|usage| one_of("key_usage", usage, &USAGES)).collect::<PyResult<Vec<_>>>()
        })
        .transpose()?;
    let (not_before, not_after) = (instant("not_before", not_before)?, instant("not_after", not_after)?);
    built(|| {
        let mut builder = match kind {
            Kind::Root => CertificateBuilder::root(name),
            Kind::Intermediate => CertificateBuilder::intermediate(name),
            Kind::Partner => CertificateBuilder::partner(name),
            Kind::Blank => CertificateBuilder::blank(Name::cn(name), key.clone()),
        }
        .key(key);
        if let Some(organization) = organization {
            let subject = Name::empty();
            let subject = if organization.is_empty() { subject } else { subject.organization(organization) };
            builder = builder.subject(subject.common_name(name));
        }
        if let Some(version) = version {
            builder = builder.version(version);
        }
        if let Some(serial) = serial {
            builder = builder.serial(serial);
        }
        if let Some(at) = not_before {
            builder = builder.not_before(at);
        }
        if let Some(at) = not_after {
            builder = builder.not_after(at);
        }
        if let Some(algorithm) = signature {
            builder = builder.algorithm(algorithm);
        }
        if ca.is_some() || path_length.is_some() {
            let is_ca = ca.unwrap_or(matches!(kind, Kind::Root | Kind::Intermediate));
            builder = builder.with(Extension::basic_constraints(is_ca, path_length));
        }
        if let Some(usages) = &usages {
            builder = builder.key_usage(usages);
        }
        let texts = |texts: &Option<Vec<String>>| -> Vec<String> { texts.clone().unwrap_or_default() };
        let purposes = texts(&extended_key_usage);
        if !purposes.is_empty() {
            let purposes: Vec<&str> = purposes.iter().map(String::as_str).collect();
            builder = builder.with(Extension::extended_key_usage(&purposes));
        }
        let policies = texts(&policies);
        if !policies.is_empty() {
            let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
            builder = builder.with(Extension::certificate_policies(&policies));
        }
        for (oid, critical, value) in extensions.iter().flatten() {
            builder = builder.with(Extension::raw(oid, *critical, value));
        }
        for oid in without.iter().flatten() {
            builder = builder.without(oid);
        }
        if corrupted {
            builder = builder.corrupted_signature();
        }
        if let Some(other) = signed_by {
            builder = builder.signing_key(other.certificate.key().clone());
        }
        let certificate = match issuer {
            Some(issuer) => builder.issued_by(&issuer.certificate),
            None => builder.self_signed(),
        };
        TestCertificate { certificate }
    })
}

const KINDS: [(&str, Kind); 4] = [
    ("root", Kind::Root),
    ("intermediate", Kind::Intermediate),
    ("partner", Kind::Partner),
    ("blank", Kind::Blank),
];

const KEYS: [(&str, KeyKind); 10] = [
    ("RSA 1024", KeyKind::Rsa1024),
    ("RSA 2047", KeyKind::Rsa2047),
    ("RSA 2048", KeyKind::Rsa2048),
    ("RSA 3072", KeyKind::Rsa3072),
    ("RSA 4096", KeyKind::Rsa4096),
    ("P-256", KeyKind::P256),
    ("P-384", KeyKind::P384),
    ("P-521", KeyKind::P521),
    ("secp256k1", KeyKind::Secp256k1),
    ("Ed25519", KeyKind::Ed25519),
];

/// The names of RFC 5280 section 4.2.1.3.
const USAGES: [(&str, KeyUsage); 9] = [
    ("digitalSignature", KeyUsage::DigitalSignature),
    ("nonRepudiation", KeyUsage::NonRepudiation),
    ("keyEncipherment", KeyUsage::KeyEncipherment),
    ("dataEncipherment", KeyUsage::DataEncipherment),
    ("keyAgreement", KeyUsage::KeyAgreement),
    ("keyCertSign", KeyUsage::KeyCertSign),
    ("cRLSign", KeyUsage::CrlSign),
    ("encipherOnly", KeyUsage::EncipherOnly),
    ("decipherOnly", KeyUsage::DecipherOnly),
];

const HASHES: [(&str, Hash); 5] = [
    ("SHA1", Hash::Sha1),
    ("SHA224", Hash::Sha224),
    ("SHA256", Hash::Sha256),
    ("SHA384", Hash::Sha384),
    ("SHA512", Hash::Sha512),
];

fn one_of<T: Copy>(argument: &str, text: &str, all: &[(&'static str, T)]) -> PyResult<T> {
    let found = all.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        PyValueError::new_err(format!("{argument}: one of {} needed, found {text:?}", names.join(", ")))
    })
}

/// A key of a kind, such as `P-256`; the same one for the same label.
fn key_of(kind: &str, label: &str) -> PyResult<Key> {
    let kind = one_of("key", kind, &KEYS)?;
    built(|| Key::new(kind, label))
}

/// A way to sign, such as `SHA256withRSA`, `SHA256withECDSA`, `SHA256withRSA-PSS` or `Ed25519`.
fn signature_of(text: &str) -> PyResult<SignatureAlgorithm> {
    if text == "Ed25519" {
        return Ok(SignatureAlgorithm::ed25519());
    }
    let parts = text.split_once("with");
    let hash = one_of("signature", parts.map_or(text, |(hash, _)| hash), &HASHES)?;
    let scheme: fn(Hash) -> SignatureAlgorithm = one_of(
        "signature",
        parts.map_or("", |(_, scheme)| scheme),
        &[
            ("RSA", SignatureAlgorithm::rsa_pkcs1 as fn(Hash) -> SignatureAlgorithm),
            ("RSA-PSS", SignatureAlgorithm::rsa_pss),
            ("ECDSA", SignatureAlgorithm::ecdsa),
        ],
    )?;
    Ok(scheme(hash))
}

fn instant(argument: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Timestamp>> {
    value.map(|value| arguments::instant(argument, value)).transpose()
}

/// Runs what panics on a mistake of its caller, such as an RSA signature by a key on a curve.
fn built<T>(make: impl FnOnce() -> T) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(make)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        PyValueError::new_err(text.unwrap_or_else(|| "no certificate can be made of this".to_owned()))
    })
}
