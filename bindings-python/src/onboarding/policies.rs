//! Policy groups and policies: create, edit, publish, deactivate, look up, list.

use misp_onboarding::Timestamp;
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, PolicyDocument, PolicyEdit};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use super::Onboarding;
use crate::actor::Actor;
use crate::arguments::{self, List};
use crate::bridge;

#[pymethods]
impl Onboarding {
    /// Creates a policy group, active at once. `name` has 1 to 128 characters, `description` 1 to 256. Answers with the
    /// `PolicyGroup`.
    ///
    /// Raises `InvalidInputError` with every field that breaks a rule; `AlreadyExistsError` where the name is taken
    /// (`PMS_POL_014`); `ForbiddenError` without the role PolicyManager.
    #[pyo3(signature = (actor, *, name, description))]
    fn create_policy_group<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        name: String,
        description: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let new = NewPolicyGroup { name, description };
        let group = self.call(py, |engine| engine.create_policy_group(&actor.actor, &new))?;
        bridge::to_python(py, &group)
    }

    /// Deactivates a policy group that has no draft or active policies. Final. Answers with the `PolicyGroup`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is in use or deactivated already; `ForbiddenError` without
    /// the role PolicyManager.
    fn deactivate_policy_group<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let group = self.call(py, |engine| engine.deactivate_policy_group(&actor.actor, id))?;
        bridge::to_python(py, &group)
    }

    /// Drafts a MISP policy in an active group.
    ///
    /// `name` has 1 to 128 characters, `description` 1 to 256. `document` is a JSON object of at most 5120 characters,
    /// kept to the letter, with the booleans `allowAuthRequestDelegation` and `allowKycRequestDelegation`, and
    /// optionally `trustBindedAuthVerificationToken` and `allowKeyBindingDelegation`. `valid_until` is a datetime with
    /// a time zone, the first instant at which it is not valid any more; None: no end. Answers with the `Policy`.
    ///
    /// Raises `InvalidInputError` with every field that breaks a rule; `AlreadyExistsError` where the name is taken in
    /// the group; `NotFoundError` and `WrongStateError` for the group; `ForbiddenError` without the role PolicyManager.
    #[pyo3(signature = (actor, *, group, name, description, document, valid_until=None))]
    #[expect(clippy::too_many_arguments, reason = "one for each field")]
    fn create_policy<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        group: PyBackedStr,
        name: String,
        description: String,
        document: String,
        valid_until: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let group = arguments::text(py, "group", &group)?;
        let valid_until = valid_until.map(|end| arguments::instant("valid_until", end)).transpose()?;
        let new = NewPolicy { group, name, description, document, valid_until };
        let policy = self.call(py, |engine| engine.create_policy(&actor.actor, &new))?;
        bridge::to_python(py, &policy)
    }

    /// Edits a draft; what is not given stays. For `valid_until` None means no end. Answers with the `Policy`.
    ///
    /// Raises `InvalidInputError` or `AlreadyExistsError` with every field that breaks a rule; `NotFoundError`;
    /// `WrongStateError` where it is no draft (`PMS_POL_020`); `ForbiddenError` without the role PolicyManager.
    #[pyo3(
        signature = (actor, id, *, name=None, description=None, document=None, valid_until=End::Unchanged),
        text_signature = "($self, actor, id, *, name=None, description=None, document=None, valid_until=UNCHANGED)"
    )]
    #[expect(clippy::too_many_arguments, reason = "one for each field")]
    fn edit_policy<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
        name: Option<String>,
        description: Option<String>,
        document: Option<String>,
        valid_until: End,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let edit = PolicyEdit { name, description, document, valid_until: valid_until.into() };
        let policy = self.call(py, |engine| engine.edit_policy(&actor.actor, id, &edit))?;
        bridge::to_python(py, &policy)
    }

    /// Publishes a draft: it is active, and immutable, from then on. Answers with the `Policy`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is no draft, is past its end, or its group is not active;
    /// `ForbiddenError` without the role PolicyManager.
    fn publish_policy<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let policy = self.call(py, |engine| engine.publish_policy(&actor.actor, id))?;
        bridge::to_python(py, &policy)
    }

    /// Deactivates an active policy that no link needs. Final. Answers with the `Policy`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is not active or has pending or approved links;
    /// `ForbiddenError` without the role PolicyManager.
    fn deactivate_policy<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let policy = self.call(py, |engine| engine.deactivate_policy(&actor.actor, id))?;
        bridge::to_python(py, &policy)
    }

    /// Looks a `PolicyGroup` up.
    ///
    /// Raises `NotFoundError` (`PMS_PRT_002`); `ForbiddenError` without a role.
    fn policy_group<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let group = self.call(py, |engine| engine.policy_group(&actor.actor, id))?;
        bridge::to_python(py, &group)
    }

    /// Looks a `Policy` up.
    ///
    /// Raises `NotFoundError` (`PMS_PRT_073`); `ForbiddenError` without a role.
    fn policy<'py>(&self, py: Python<'py>, actor: &Actor, id: PyBackedStr) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let policy = self.call(py, |engine| engine.policy(&actor.actor, id))?;
        bridge::to_python(py, &policy)
    }

    /// Lists policy groups.
    ///
    /// `filter` is a `PolicyGroupFilter`, `sort` a `PolicyGroupSort` (newest first unless given), `page_size` 1 to 100, `after` the
    /// `next` of the page before. `with_total` counts all that the filter lets through, in time proportional to them.
    /// Answers with a `Page` of `PolicyGroup`.
    ///
    /// Raises `InvalidInputError` for a page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (
        actor, *, filter=None, sort=None, descending=true, page_size=8, after=None, with_total=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn list_policy_groups<'py>(
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
        let page = self.call(py, |engine| engine.list_policy_groups(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }

    /// Lists policies.
    ///
    /// `filter` is a `PolicyFilter`, `sort` a `PolicySort` (newest first unless given), `page_size` 1 to 100, `after` the
    /// `next` of the page before. `with_total` counts all that the filter lets through, in time proportional to them.
    /// Answers with a `Page` of `PolicyRow`.
    ///
    /// Raises `InvalidInputError` for a page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (
        actor, *, filter=None, sort=None, descending=true, page_size=8, after=None, with_total=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn list_policies<'py>(
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
        let page = self.call(py, |engine| engine.list_policies(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }
}

/// The end of a policy's validity in an edit.
enum End {
    Unchanged,
    Never,
    At(Timestamp),
}

impl From<End> for Option<Option<Timestamp>> {
    fn from(end: End) -> Self {
        match end {
            End::Unchanged => None,
            End::Never => Some(None),
            End::At(instant) => Some(Some(instant)),
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for End {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if given.is_none() {
            return Ok(Self::Never);
        }
        let unchanged = given.py().import("misp_onboarding.policies")?.getattr("UNCHANGED")?;
        if given.is(&unchanged) {
            Ok(Self::Unchanged)
        } else {
            arguments::instant("valid_until", &given).map(Self::At)
        }
    }
}

/// What a policy document allows, a `PolicyPermissions`.
#[pyfunction]
pub(crate) fn policy_permissions<'py>(py: Python<'py>, document: PyBackedStr) -> PyResult<Bound<'py, PyAny>> {
    bridge::to_python(py, &arguments::text::<PolicyDocument>(py, "document", &document)?.permissions())
}
