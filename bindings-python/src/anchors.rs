//! A trust store without an engine, loaded once for many certificates.

use misp_onboarding::certificate::{self as engine, CertificateRules, default_verifier};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use crate::arguments::{self, File};
use crate::bridge;
use crate::certificates::{PathKeywords, one, several, verified};
use crate::report::CertificateReport;

/// Roots and intermediates to validate many certificates with: read and indexed once, and the signatures of the
/// intermediates checked once, so that validating a certificate costs one signature. Threads may share it.
///
/// Each of `roots`, `intermediates` and `distrusted` is one certificate, PEM or DER. Those in `distrusted` neither
/// anchor nor link anything, even where they are also among the others or come along with a leaf.
///
/// Raises `CertificateRejectedError` for what is no certificate.
#[pyclass(frozen, module = "misp_onboarding.certificates")]
pub(crate) struct TrustAnchors {
    anchors: engine::TrustAnchors,
}

#[pymethods]
impl TrustAnchors {
    #[new]
    #[pyo3(signature = (roots, intermediates=Vec::new(), *, distrusted=Vec::new()),
           text_signature = "(roots, intermediates=(), *, distrusted=())")]
    fn new(
        py: Python<'_>,
        roots: Vec<File>,
        intermediates: Vec<File>,
        distrusted: Vec<File>,
    ) -> PyResult<Self> {
        let roots = several(py, "roots", &roots)?;
        let intermediates = several(py, "intermediates", &intermediates)?;
        let distrusted = several(py, "distrusted", &distrusted)?;
        let verifier = default_verifier();
        let anchors = py.detach(|| engine::TrustAnchors::load(roots, intermediates, distrusted, &*verifier));
        Ok(Self { anchors })
    }

    /// Validates the path of a certificate over these and any of `intermediates`, which came along with it. `leaf` and
    /// each of the others is one certificate, PEM or DER; the keywords are those of `verify_path`.
    ///
    /// Answers with a `VerifiedPath`. Raises as `verify_path`.
    #[pyo3(signature = (
        leaf, intermediates=Vec::new(), *, at, profile=None, max_depth=None, initial_policies=Vec::new(),
        require_explicit_policy=false, inhibit_policy_mapping=false, inhibit_any_policy=false
    ), text_signature = "($self, leaf, intermediates=(), *, at, profile='default', max_depth=None, initial_policies=(), \
    require_explicit_policy=False, inhibit_policy_mapping=False, inhibit_any_policy=False)")]
    #[expect(clippy::too_many_arguments, reason = "the inputs of RFC 5280 section 6.1.1")]
    fn verify<'py>(
        &self,
        py: Python<'py>,
        leaf: File,
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
        let intermediates = several(py, "intermediates", &intermediates)?;
        verified(py, || self.anchors.verify(&leaf, &intermediates, &options))
    }

    fn __repr__(&self) -> String {
        format!("<{:?}>", self.anchors)
    }
}

/// Validates partners' certificates over one trust store by one set of rules: what `validate` does for one certificate,
/// for many. Threads may share it.
///
/// `rules` are `CertificateRules`, or a mapping of the same names.
#[pyclass(frozen, module = "misp_onboarding.certificates")]
pub(crate) struct Validator {
    anchors: Py<TrustAnchors>,
    rules: CertificateRules,
}

#[pymethods]
impl Validator {
    #[new]
    #[pyo3(signature = (anchors, *, rules=None))]
    fn new(anchors: Py<TrustAnchors>, rules: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self { anchors, rules: arguments::value_or_default("rules", rules)? })
    }

    /// The CA certificates that paths are built from.
    #[getter]
    fn anchors(&self, py: Python<'_>) -> Py<TrustAnchors> {
        self.anchors.clone_ref(py)
    }

    /// What certificates must fulfil, a `CertificateRules`.
    #[getter]
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bridge::to_python(py, &self.rules)
    }

    /// Checks a partner's certificate against every rule. `leaf` is a certificate file in any form that an upload takes,
    /// `organization` what the subject's O has to be, `at` the instant to judge at, a datetime with a time zone.
    ///
    /// Answers with a `CertificateReport`, in which stands whatever is wrong with the leaf.
    #[pyo3(signature = (leaf, *, organization, at))]
    fn validate(
        &self,
        py: Python<'_>,
        leaf: File,
        organization: PyBackedStr,
        at: &Bound<'_, PyAny>,
    ) -> PyResult<CertificateReport> {
        let at = arguments::instant("at", at)?;
        let (anchors, rules) = (&self.anchors.get().anchors, &self.rules);
        let report = py.detach(|| {
            let verifier = default_verifier();
            engine::Validator { anchors, rules, verifier: &verifier }.validate(
                leaf.bytes(),
                &organization,
                at,
            )
        });
        Ok(CertificateReport::new(report))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<Validator by {} over {:?}>", self.rules(py)?.repr()?, self.anchors.get().anchors))
    }
}
