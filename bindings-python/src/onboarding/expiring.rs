//! What ends soon: CA certificates, partner certificates and license keys, soonest first.

use misp_onboarding::onboarding::ExpiringRequest;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use super::Onboarding;
use crate::actor::Actor;
use crate::{arguments, bridge};

fn request(
    py: Python<'_>,
    window_days: i64,
    page_size: i64,
    after: Option<&PyBackedStr>,
) -> PyResult<ExpiringRequest> {
    Ok(ExpiringRequest {
        window_days: arguments::count(window_days),
        page_size: arguments::count(page_size),
        after: arguments::cursor(py, after)?,
    })
}

#[pymethods]
impl Onboarding {
    /// The trusted CA certificates that end within the window, soonest first.
    ///
    /// `window_days` are days of 24 hours, 1 to 36525; `page_size` is 1 to 100, `after` the `next` of the page before.
    /// Answers with a `Page` of `CaCertificate`.
    ///
    /// Raises `InvalidInputError` for a window, page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (actor, *, window_days=30, page_size=8, after=None))]
    fn expiring_ca_certificates<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        window_days: i64,
        page_size: i64,
        after: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = request(py, window_days, page_size, after.as_ref())?;
        let page = self.call(py, |engine| engine.expiring_ca_certificates(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }

    /// The active partners whose current certificate ends within the window, soonest first.
    ///
    /// `window_days` are days of 24 hours, 1 to 36525; `page_size` is 1 to 100, `after` the `next` of the page before.
    /// Answers with a `Page` of `PartnerRow`.
    ///
    /// Raises `InvalidInputError` for a window, page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (actor, *, window_days=30, page_size=8, after=None))]
    fn expiring_partner_certificates<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        window_days: i64,
        page_size: i64,
        after: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = request(py, window_days, page_size, after.as_ref())?;
        let page = self.call(py, |engine| engine.expiring_partner_certificates(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }

    /// The active license keys that end within the window, soonest first.
    ///
    /// `window_days` are days of 24 hours, 1 to 36525; `page_size` is 1 to 100, `after` the `next` of the page before.
    /// Answers with a `Page` of `LicenseKeyView`.
    ///
    /// Raises `InvalidInputError` for a window, page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (actor, *, window_days=30, page_size=8, after=None))]
    fn expiring_license_keys<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        window_days: i64,
        page_size: i64,
        after: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = request(py, window_days, page_size, after.as_ref())?;
        let page = self.call(py, |engine| engine.expiring_license_keys(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }
}
