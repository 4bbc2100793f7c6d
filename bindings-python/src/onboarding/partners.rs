//! Partners: create, update, select a policy group, deactivate, look up, list.

use misp_onboarding::partner::{NewPartner, PartnerId, PartnerUpdate};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use super::Onboarding;
use crate::actor::Actor;
use crate::arguments::{self, List};
use crate::bridge;

#[pymethods]
impl Onboarding {
    /// Creates a MISP partner. It is inactive until its first certificate is accepted.
    ///
    /// `id` has 1 to 36 characters, a letter first, then letters, digits, `.`, `_`, `-`; `organization` 1 to 128, as
    /// the certificate's subject O will have to name it; `address` 1 to 2000; `contact_number` 1 to 16 digits, spaces,
    /// `+`, `-`, `(`, `)`; `email` is an address of at most 254; `language` one of the configured ISO 639-3 codes, the
    /// first of them unless given; `policy_group` the id of an active group, which can also be selected later, once.
    /// Answers with the `Partner`.
    ///
    /// Raises `InvalidInputError` with every field that breaks a rule, `AlreadyExistsError` where the id
    /// (`PMS_PRT_051`) or the email address (`PMS_PRT_011`) is taken and nothing else is wrong; `ForbiddenError`
    /// without the role PartnerAdmin.
    #[pyo3(signature = (
        actor, *, id, organization, address, contact_number, email, language=None, policy_group=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "one for each field")]
    fn create_partner<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: String,
        organization: String,
        address: String,
        contact_number: String,
        email: String,
        language: Option<String>,
        policy_group: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let policy_group = arguments::optional_text(py, "policy_group", policy_group.as_ref())?;
        let new = NewPartner { id, organization, address, contact_number, email, language, policy_group };
        let partner = self.call(py, |engine| engine.create_partner(&actor.actor, &new))?;
        bridge::to_python(py, &partner)
    }

    /// Changes address, contact number, email address or language of a partner that is not deactivated; what is not
    /// given stays. Answers with the `Partner`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` for a deactivated partner; `InvalidInputError` or
    /// `AlreadyExistsError` with every field that breaks a rule; `ForbiddenError` without the role PartnerAdmin.
    #[pyo3(signature = (actor, partner, *, address=None, contact_number=None, email=None, language=None))]
    #[expect(clippy::too_many_arguments, reason = "one for each field")]
    fn update_partner<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
        address: Option<String>,
        contact_number: Option<String>,
        email: Option<String>,
        language: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id: PartnerId = arguments::text(py, "partner", &partner)?;
        let update = PartnerUpdate { address, contact_number, email, language };
        let partner = self.call(py, |engine| engine.update_partner(&actor.actor, &id, &update))?;
        bridge::to_python(py, &partner)
    }

    /// Selects the partner's policy group: once, never changed again. Answers with the `Partner`.
    ///
    /// Raises `NotFoundError` where partner or group do not exist; `WrongStateError` where a group was selected before
    /// (`PMS_PRT_049`), the partner is deactivated or the group is not active; `ForbiddenError` without the role
    /// PartnerAdmin.
    fn select_policy_group<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
        group: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (id, group) = (arguments::text(py, "partner", &partner)?, arguments::text(py, "group", &group)?);
        let partner = self.call(py, |engine| engine.select_policy_group(&actor.actor, &id, group))?;
        bridge::to_python(py, &partner)
    }

    /// Deactivates a partner for good, and with it, in the same change, each of its license keys and pending policy
    /// requests. Answers with the `Partner`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is deactivated already (`PMS_PM_063`); `ForbiddenError`
    /// without the role PartnerAdmin.
    fn deactivate_partner<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "partner", &partner)?;
        let partner = self.call(py, |engine| engine.deactivate_partner(&actor.actor, &id))?;
        bridge::to_python(py, &partner)
    }

    /// Looks a `Partner` up by its exact id.
    ///
    /// Raises `NotFoundError` (`PMS_PRT_005`); `ForbiddenError` without a role.
    fn partner<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "partner", &partner)?;
        let partner = self.call(py, |engine| engine.partner(&actor.actor, &id))?;
        bridge::to_python(py, &partner)
    }

    /// Lists partners.
    ///
    /// `filter` is a `PartnerFilter`, `sort` a `PartnerSort` (newest first unless given), `page_size` 1 to 100, `after` the
    /// `next` of the page before. `with_total` counts all that the filter lets through, in time proportional to them.
    /// Answers with a `Page` of `PartnerRow`.
    ///
    /// Raises `InvalidInputError` for a page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (
        actor, *, filter=None, sort=None, descending=true, page_size=8, after=None, with_total=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn list_partners<'py>(
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
        let page = self.call(py, |engine| engine.list_partners(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }
}
