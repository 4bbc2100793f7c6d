//! The trust store: upload, distrust, chain, look up, list.

use misp_onboarding::trust_store::TrustDomain;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use super::Onboarding;
use crate::actor::Actor;
use crate::arguments::{self, File, List};
use crate::bridge;

#[pymethods]
impl Onboarding {
    /// Uploads a file of CA certificates to a trust domain.
    ///
    /// `file` is PEM (one or several blocks, text around them ignored), DER, base64 of DER, or PKCS#7 certs-only. The
    /// answer, a `CaUploadReport`, tells what became of each certificate; those that are good are added even where
    /// others are not. `domain` is one of the configured ones.
    ///
    /// Raises `InvalidInputError` for an unknown domain (`KER-PCM-011`); `CertificateRejectedError` where the file as a
    /// whole cannot be read (`KER-KMS-013`); `ForbiddenError` without the role PartnerAdmin.
    #[pyo3(signature = (actor, file, *, domain=None), text_signature = "($self, actor, file, *, domain='AUTH')")]
    fn upload_ca_certificates<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        file: File,
        domain: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let domain: Option<TrustDomain> = arguments::optional_text(py, "domain", domain.as_ref())?;
        let domain = domain.unwrap_or_else(TrustDomain::auth);
        let report =
            self.call(py, |engine| engine.upload_ca_certificates(&actor.actor, &domain, file.bytes()))?;
        bridge::to_python(py, &report)
    }

    /// Distrusts a CA certificate for good: it neither anchors nor links a path any more. `reason` has 1 to 500
    /// characters. Answers with `Distrusted`, which lists the partners whose current certificate was accepted over it.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is distrusted already; `InvalidInputError` for the reason;
    /// `ForbiddenError` without the role PartnerAdmin.
    fn distrust_ca_certificate<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
        reason: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let answer = self.call(py, |engine| engine.distrust_ca_certificate(&actor.actor, id, &reason))?;
        bridge::to_python(py, &answer)
    }

    /// The ids of the partners whose current certificate was accepted over a CA certificate, a sorted list.
    ///
    /// Raises `NotFoundError`; `ForbiddenError` without a role.
    fn partners_relying_on<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let partners = self.call(py, |engine| engine.partners_relying_on(&actor.actor, id))?;
        bridge::to_list(py, &partners)
    }

    /// Looks a `CaCertificate` up.
    ///
    /// Raises `NotFoundError` (`KER-PMS-019`); `ForbiddenError` without a role.
    fn ca_certificate<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let ca = self.call(py, |engine| engine.ca_certificate(&actor.actor, id))?;
        bridge::to_python(py, &ca)
    }

    /// The `CaChain` of a stored CA certificate up to its root, distrusted and expired ones included.
    ///
    /// Raises `NotFoundError`; `ForbiddenError` without a role.
    fn ca_chain<'py>(&self, py: Python<'py>, actor: &Actor, id: PyBackedStr) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let chain = self.call(py, |engine| engine.ca_chain(&actor.actor, id))?;
        bridge::to_python(py, &chain)
    }

    /// Lists CA certificates.
    ///
    /// `filter` is a `CaCertificateFilter`, `sort` a `CaCertificateSort` (newest first unless given), `page_size` 1 to 100, `after` the
    /// `next` of the page before. `with_total` counts all that the filter lets through, in time proportional to them.
    /// Answers with a `Page` of `CaCertificate`.
    ///
    /// Raises `InvalidInputError` for a page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (
        actor, *, filter=None, sort=None, descending=true, page_size=8, after=None, with_total=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn list_ca_certificates<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        filter: Option<&Bound<'py, PyAny>>,
        sort: Option<&Bound<'py, PyAny>>,
        descending: bool,
        page_size: i64,
        after: Option<PyBackedStr>,
        with_total: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let list = List { filter, sort, descending, page_size, after: after.as_ref(), with_total };
        let request = list.request(py)?;
        let page = self.call(py, |engine| engine.list_ca_certificates(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }
}
