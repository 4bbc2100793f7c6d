//! Partner certificates: inspect, upload, history.

use misp_onboarding::certificate::UploadedCertificate;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyDict;

use super::Onboarding;
use crate::actor::Actor;
use crate::arguments::{self, File};
use crate::bridge;
use crate::report::CertificateReport;

#[pymethods]
impl Onboarding {
    /// Runs every check of an upload and changes nothing. `file` is PEM, DER, base64 of DER or PKCS#7 with one
    /// certificate. What is wrong with it stands in the `CertificateReport`.
    ///
    /// Raises `NotFoundError` where there is no such partner; `ForbiddenError` without the role PartnerAdmin.
    fn inspect_certificate(
        &self,
        py: Python<'_>,
        actor: &Actor,
        partner: PyBackedStr,
        file: File,
    ) -> PyResult<CertificateReport> {
        let id = arguments::text(py, "partner", &partner)?;
        let report = self.call(py, |engine| engine.inspect_certificate(&actor.actor, &id, file.bytes()))?;
        Ok(CertificateReport::new(report))
    }

    /// Uploads a partner's certificate, PEM, DER, base64 of DER or PKCS#7 with one certificate. The first one that is
    /// accepted makes the partner active, a later one takes the place of the current one, the current one again changes
    /// nothing. Answers with an `UploadedCertificate`.
    ///
    /// Raises `CertificateRejectedError` with the whole report where a finding is an error; `NotFoundError`;
    /// `WrongStateError` for a deactivated partner; `ForbiddenError` without the role PartnerAdmin.
    fn upload_certificate<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
        file: File,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "partner", &partner)?;
        let UploadedCertificate { outcome, partner, certificate, report, .. } =
            self.call(py, |engine| engine.upload_certificate(&actor.actor, &id, file.bytes()))?;
        let uploaded = PyDict::new(py);
        uploaded.set_item("outcome", bridge::to_python(py, &outcome)?)?;
        uploaded.set_item("partner", bridge::to_python(py, &partner)?)?;
        uploaded.set_item("certificate", bridge::to_python(py, &certificate)?)?;
        uploaded.set_item("report", Bound::new(py, CertificateReport::new(report))?)?;
        bridge::class(py, "UploadedCertificate")?.call((), Some(&uploaded))
    }

    /// Every certificate that a partner ever uploaded, the newest first: a list of `PartnerCertificate`.
    ///
    /// Raises `NotFoundError` where there is no such partner; `ForbiddenError` without a role.
    fn certificate_history<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "partner", &partner)?;
        let history = self.call(py, |engine| engine.certificate_history(&actor.actor, &id))?;
        bridge::to_list(py, &history)
    }
}
