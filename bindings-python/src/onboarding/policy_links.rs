//! Policy links: request, approve, reject, look up, list.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use super::Onboarding;
use crate::actor::Actor;
use crate::arguments::{self, List};
use crate::bridge;

#[pymethods]
impl Onboarding {
    /// Requests a policy of the partner's policy group for a partner. `comment` says why, in 1 to 500 characters.
    /// Answers with the `PolicyLink`.
    ///
    /// Raises `InvalidInputError` for the comment; `NotFoundError` and `WrongStateError` where partner or policy do not
    /// exist or cannot be used; `AlreadyExistsError` where it was requested before (`PMS_PRT_053`, `PMS_PRT_060`);
    /// `ForbiddenError` without the role PartnerAdmin.
    fn request_policy<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
        policy: PyBackedStr,
        comment: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let partner = arguments::text(py, "partner", &partner)?;
        let policy = arguments::text(py, "policy", &policy)?;
        let link = self.call(py, |engine| engine.request_policy(&actor.actor, &partner, policy, &comment))?;
        bridge::to_python(py, &link)
    }

    /// Approves a pending link; partner, policy and group are checked again. `comment` has 1 to 500 characters. Answers
    /// with the `PolicyLink`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is decided already, or partner, policy or group cannot be used
    /// any more; `InvalidInputError` for the comment; `ForbiddenError` without the role PartnerAdmin, or where the rules ask
    /// that somebody else than the requester approves.
    #[pyo3(signature = (actor, id, comment=None))]
    fn approve_policy_link<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
        comment: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let link =
            self.call(py, |engine| engine.approve_policy_link(&actor.actor, id, comment.as_deref()))?;
        bridge::to_python(py, &link)
    }

    /// Rejects a pending link, whatever has become of partner, policy and group. `comment` has 1 to 500 characters.
    /// Answers with the `PolicyLink`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is decided already; `InvalidInputError` for the comment;
    /// `ForbiddenError` without the role PartnerAdmin.
    #[pyo3(signature = (actor, id, comment=None))]
    fn reject_policy_link<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
        comment: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let link = self.call(py, |engine| engine.reject_policy_link(&actor.actor, id, comment.as_deref()))?;
        bridge::to_python(py, &link)
    }

    /// Looks a `PolicyLink` up.
    ///
    /// Raises `NotFoundError` (`PMS_PMP_007`); `ForbiddenError` without a role.
    fn policy_link<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let link = self.call(py, |engine| engine.policy_link(&actor.actor, id))?;
        bridge::to_python(py, &link)
    }

    /// Lists policy links. A partner's approved links are its policies.
    ///
    /// `filter` is a `PolicyLinkFilter`, `sort` a `PolicyLinkSort` (newest first unless given), `page_size` 1 to 100, `after` the
    /// `next` of the page before. `with_total` counts all that the filter lets through, in time proportional to them.
    /// Answers with a `Page` of `PolicyLinkRow`.
    ///
    /// Raises `InvalidInputError` for a page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (
        actor, *, filter=None, sort=None, descending=true, page_size=8, after=None, with_total=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn list_policy_links<'py>(
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
        let page = self.call(py, |engine| engine.list_policy_links(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }
}
