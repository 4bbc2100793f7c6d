//! The report about a certificate: converted when somebody looks at it, since most hosts ask whether it is accepted.

use misp_onboarding::certificate::CertificateReport as Report;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;
use serde::Serialize;

use crate::bridge;

/// What a certificate file holds and everything that is wrong with it: the same for a dry run and for an upload.
///
/// `str(report)` is a text that a Partner Admin can forward to the partner.
#[pyclass(frozen, module = "misp_onboarding.certificates")]
pub(crate) struct CertificateReport {
    /// None of a report that came out of a pickle.
    report: Option<Report>,
    accepted: bool,
    text: PyOnceLock<String>,
    details: PyOnceLock<Py<PyAny>>,
    chain: PyOnceLock<Py<PyAny>>,
    findings: PyOnceLock<Py<PyAny>>,
}

impl CertificateReport {
    pub(crate) fn new(report: Report) -> Self {
        Self {
            accepted: report.accepted(),
            report: Some(report),
            text: PyOnceLock::new(),
            details: PyOnceLock::new(),
            chain: PyOnceLock::new(),
            findings: PyOnceLock::new(),
        }
    }

    fn part<'py, T: Serialize>(
        &self,
        py: Python<'py>,
        kept: &PyOnceLock<Py<PyAny>>,
        part: impl FnOnce(&Report) -> &T,
    ) -> PyResult<Bound<'py, PyAny>> {
        let made = kept.get_or_try_init(py, || match &self.report {
            Some(report) => Ok::<_, PyErr>(bridge::to_python(py, part(report))?.unbind()),
            None => Ok(py.None()),
        })?;
        Ok(made.bind(py).clone())
    }

    fn text(&self, py: Python<'_>) -> &str {
        self.text.get_or_init(py, || self.report.as_ref().map(ToString::to_string).unwrap_or_default())
    }
}

#[pymethods]
impl CertificateReport {
    /// Whether no finding is an error.
    #[getter]
    fn accepted(&self) -> bool {
        self.accepted
    }

    /// What the certificate says of itself, a `CertificateDetails`; None where the file could not be read.
    #[getter]
    fn details<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, &self.details, |report| &report.details)
    }

    /// The path found, a tuple of `CertificateDetails`: the certificate's issuer first, the root last; empty where
    /// there is none.
    #[getter]
    fn chain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, &self.chain, |report| &report.chain)
    }

    /// Every rule that is broken, errors and warnings: a tuple of `Finding`.
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, &self.findings, |report| &report.findings)
    }

    fn __str__(&self, py: Python<'_>) -> String {
        self.text(py).to_owned()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let accepted = if self.accepted { "True" } else { "False" };
        Ok(format!(
            "CertificateReport(accepted={accepted}, findings={}, details={}, chain={})",
            self.findings(py)?.repr()?,
            self.details(py)?.repr()?,
            self.chain(py)?.repr()?
        ))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        let other = other.get();
        Ok(self.details(py)?.eq(other.details(py)?)?
            && self.chain(py)?.eq(other.chain(py)?)?
            && self.findings(py)?.eq(other.findings(py)?)?)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        PyTuple::new(py, [self.details(py)?, self.chain(py)?, self.findings(py)?])?.hash()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        let parts = (self.accepted, self.text(py), self.details(py)?, self.chain(py)?, self.findings(py)?);
        Ok((restore, parts).into_pyobject(py)?.into_any())
    }

    /// Puts together what a pickle took apart.
    #[staticmethod]
    fn _restore(
        py: Python<'_>,
        accepted: bool,
        text: String,
        details: Py<PyAny>,
        chain: Py<PyAny>,
        findings: Py<PyAny>,
    ) -> Self {
        Self {
            report: None,
            accepted,
            text: kept(py, text),
            details: kept(py, details),
            chain: kept(py, chain),
            findings: kept(py, findings),
        }
    }
}

fn kept<T>(py: Python<'_>, value: T) -> PyOnceLock<T> {
    let lock = PyOnceLock::new();
    // It is empty, so it takes the value.
    drop(lock.set(py, value));
    lock
}
