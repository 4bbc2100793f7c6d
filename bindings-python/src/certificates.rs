//! The part that needs neither an engine nor a store.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::path::ValidPolicies;
use misp_onboarding::certificate::{
    Certificate, CertificateDetails, CertificateStatus, Oid, PathError, PathOptions, Profile, VerifiedPath,
    file, pkcs7, validate,
};
use misp_onboarding::{Rules, certificate};
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyBytes, PyDict, PyFrozenSet, PyTuple};

use crate::arguments::{self, File};
use crate::report::CertificateReport;
use crate::{bridge, error};

/// Validates a certificate against roots, over any of the intermediates, by RFC 5280 section 6: for any purpose,
/// without server names, without revocation.
///
/// `leaf` and each of the others is one certificate, PEM or DER. `at`, a datetime with a time zone, is the instant at
/// which every certificate has to be valid. `profile` is `Profile.DEFAULT`, or `Profile.STRICT` for what sections 4.1
/// and 4.2 ask of issuers too. `max_depth` is the most intermediates between leaf and root, self-issued ones not
/// counted. The rest are the inputs of section 6.1.1: object identifiers one of which has to be valid (none: any),
/// whether one has to be, whether mappings and anyPolicy are ignored.
///
/// Answers with a `VerifiedPath`. Raises `PathError` with why the best candidate path is not valid and why others are
/// not; `CertificateRejectedError` for what is no certificate.
#[pyfunction]
#[pyo3(signature = (
    leaf, roots, intermediates=Vec::new(), *, at, profile=None, max_depth=None, initial_policies=Vec::new(),
    require_explicit_policy=false, inhibit_policy_mapping=false, inhibit_any_policy=false
), text_signature = "(leaf, roots, intermediates=(), *, at, profile='default', max_depth=None, initial_policies=(), \
require_explicit_policy=False, inhibit_policy_mapping=False, inhibit_any_policy=False)")]
#[expect(clippy::too_many_arguments, reason = "the inputs of RFC 5280 section 6.1.1")]
pub(crate) fn verify_path<'py>(
    py: Python<'py>,
    leaf: File,
    roots: Vec<File>,
    intermediates: Vec<File>,
    at: &Bound<'py, PyAny>,
    profile: Option<&Bound<'py, PyAny>>,
    max_depth: Option<&Bound<'py, PyAny>>,
    initial_policies: Vec<PyBackedStr>,
    require_explicit_policy: bool,
    inhibit_policy_mapping: bool,
    inhibit_any_policy: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let keywords = PathKeywords {
        at,
        profile,
        max_depth,
        initial_policies: &initial_policies,
        require_explicit_policy,
        inhibit_policy_mapping,
        inhibit_any_policy,
    };
    let options = keywords.options()?;
    let leaf = one(py, "leaf", &leaf)?;
    let roots = several(py, "roots", &roots)?;
    let intermediates = several(py, "intermediates", &intermediates)?;
    verified(py, || certificate::verify_path(&leaf, &roots, &intermediates, &options))
}

/// The keywords of every call that validates a path.
pub(crate) struct PathKeywords<'a, 'py> {
    pub(crate) at: &'a Bound<'py, PyAny>,
    pub(crate) profile: Option<&'a Bound<'py, PyAny>>,
    pub(crate) max_depth: Option<&'a Bound<'py, PyAny>>,
    pub(crate) initial_policies: &'a [PyBackedStr],
    pub(crate) require_explicit_policy: bool,
    pub(crate) inhibit_policy_mapping: bool,
    pub(crate) inhibit_any_policy: bool,
}

impl PathKeywords<'_, '_> {
    /// What the engine is asked for.
    pub(crate) fn options(&self) -> PyResult<PathOptions> {
        let py = self.at.py();
        let mut options = PathOptions::at(arguments::instant("at", self.at)?);
        options.profile = arguments::value_or_default::<Profile>("profile", self.profile)?;
        options.max_depth = self.max_depth.map(|depth| arguments::value("max_depth", depth)).transpose()?;
        options.initial_policies = self
            .initial_policies
            .iter()
            .map(|policy| arguments::text::<Oid>(py, "initial_policies", policy))
            .collect::<PyResult<_>>()?;
        options.require_explicit_policy = self.require_explicit_policy;
        options.inhibit_policy_mapping = self.inhibit_policy_mapping;
        options.inhibit_any_policy = self.inhibit_any_policy;
        Ok(options)
    }
}

/// Validates a path with the interpreter released.
pub(crate) fn verified<'py>(
    py: Python<'py>,
    verify: impl FnOnce() -> Result<VerifiedPath, PathError> + Send,
) -> PyResult<Bound<'py, PyAny>> {
    let path = py.detach(verify).map_err(|failed| error::of_path(py, &failed))?;
    let answer = PyDict::new(py);
    let ders = path.leaf_to_root().iter().map(|certificate| PyBytes::new(py, certificate.der()));
    answer.set_item("leaf_to_root", PyTuple::new(py, ders.collect::<Vec<_>>())?)?;
    let policies = match path.valid_policies() {
        ValidPolicies::Any => None,
        ValidPolicies::Only(policies) => {
            Some(PyFrozenSet::new(py, policies.iter().map(ToString::to_string))?)
        }
    };
    answer.set_item("valid_policies", policies)?;
    bridge::class(py, "VerifiedPath")?.call((), Some(&answer))
}

/// Checks a partner's certificate against every rule: the file, the certificate itself, its path to one of the roots,
/// and the organization it names. The answer is the same `CertificateReport` as that of inspect and upload.
///
/// `leaf` is a certificate file in any form that an upload takes; each of `roots` and `intermediates` is one
/// certificate, PEM or DER. `organization` is what the subject's O has to be. `at`, a datetime with a time zone, is the
/// instant to judge at. `rules` are `CertificateRules`, or a mapping of the same names.
///
/// What is wrong with the leaf stands in the report; `CertificateRejectedError` for roots and intermediates that are
/// no certificate.
#[pyfunction(name = "validate")]
#[pyo3(signature = (leaf, roots, intermediates=Vec::new(), *, organization, at, rules=None),
       text_signature = "(leaf, roots, intermediates=(), *, organization, at, rules=None)")]
pub(crate) fn report<'py>(
    py: Python<'py>,
    leaf: File,
    roots: Vec<File>,
    intermediates: Vec<File>,
    organization: PyBackedStr,
    at: &Bound<'py, PyAny>,
    rules: Option<&Bound<'py, PyAny>>,
) -> PyResult<CertificateReport> {
    let at = arguments::instant("at", at)?;
    let rules: certificate::CertificateRules = arguments::value_or_default("rules", rules)?;
    let roots = several(py, "roots", &roots)?;
    let intermediates = several(py, "intermediates", &intermediates)?;
    let report = py.detach(|| validate(leaf.bytes(), &roots, &intermediates, &rules, &organization, at));
    Ok(CertificateReport::new(report))
}

/// What a certificate says of itself, a `CertificateDetails`. `certificate` is PEM or DER.
#[pyfunction]
pub(crate) fn certificate_details<'py>(py: Python<'py>, certificate: File) -> PyResult<Bound<'py, PyAny>> {
    let certificate = one(py, "certificate", &certificate)?;
    bridge::to_python(py, &CertificateDetails::of(&certificate))
}

/// The status at an instant of a certificate that ends at an instant; without an end there is none.
#[pyfunction]
pub(crate) fn certificate_status<'py>(
    py: Python<'py>,
    ends: Option<&Bound<'py, PyAny>>,
    at: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let ends: Option<Timestamp> = ends.map(|ends| arguments::instant("ends", ends)).transpose()?;
    bridge::to_python(py, &CertificateStatus::at(ends, arguments::instant("at", at)?))
}

/// A PKCS#7 file (certs-only, DER) of certificates in DER, in the given order.
#[pyfunction]
pub(crate) fn certs_only<'py>(py: Python<'py>, certificates: Vec<PyBackedBytes>) -> Bound<'py, PyBytes> {
    let ders: Vec<&[u8]> = certificates.iter().map(|der| &**der).collect();
    PyBytes::new(py, &pkcs7::certs_only(&ders))
}

/// Rules from a mapping.
#[pyfunction]
pub(crate) fn rules_from_dict<'py>(
    py: Python<'py>,
    settings: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    bridge::to_python(py, &arguments::value::<Rules>("rules", settings.as_any())?)
}

/// Rules from TOML text.
#[pyfunction]
pub(crate) fn rules_from_toml<'py>(py: Python<'py>, text: PyBackedStr) -> PyResult<Bound<'py, PyAny>> {
    let rules: Rules = toml::from_str(&text)
        .map_err(|problem| error::of_argument(py, "rules", problem.to_string().trim_end()))?;
    bridge::to_python(py, &rules)
}

/// The certificate of a file that holds one.
pub(crate) fn one(py: Python<'_>, argument: &str, content: &File) -> PyResult<Certificate> {
    let read = file::read(content.bytes()).map_err(|problem| {
        error::of_certificate(py, "certificate.unreadable_file", format!("{argument}: {problem}"))
    })?;
    let mut ders = read.certificates();
    match (ders.next(), ders.next()) {
        (Some(der), None) => Certificate::from_der(der.clone()).map_err(|malformed| {
            error::of_certificate(py, malformed.code(), format!("{argument}: {malformed}"))
        }),
        _ => {
            let message = format!("{argument}: one certificate is needed, found several");
            Err(error::of_certificate(py, "certificate.several_end_entities", message))
        }
    }
}

/// The certificates of files that hold one each.
pub(crate) fn several(py: Python<'_>, argument: &str, contents: &[File]) -> PyResult<Vec<Certificate>> {
    contents
        .iter()
        .enumerate()
        .map(|(index, content)| one(py, &format!("{argument}[{index}]"), content))
        .collect()
}
