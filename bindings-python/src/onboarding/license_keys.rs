//! License keys: generate, regenerate, deactivate, import, look up, list, authenticate.

use std::time::Duration;

use misp_onboarding::license_key::{
    GenerateLicenseKey, ImportLicenseKey, LicenseKeyRecord, LicenseKeyStatus, RegenerateLicenseKey, Validity,
};
use misp_onboarding::onboarding::GeneratedLicenseKey;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDateTime, PyDict};

use super::Onboarding;
use crate::actor::Actor;
use crate::arguments::{self, List};
use crate::bridge;
use crate::license_key::{LicenseKey, revealed};
use crate::verdict::{Authorization, Refusal};

#[pymethods]
impl Onboarding {
    /// Generates a license key for an active partner with a valid certificate.
    ///
    /// `name` has 1 to 128 characters and is unique among the partner's keys that are neither deactivated nor replaced.
    /// `policy`, recommended, is one that is approved for the partner and usable now. `validity` is how long the key is
    /// good, a timedelta, or until when, a datetime with a time zone; as configured unless given, 90 days by default.
    ///
    /// Answers with a `GeneratedLicenseKey`: the one time that the key is there in clear.
    ///
    /// Raises `InvalidInputError` for name and validity; `AlreadyExistsError` where the name is taken (`PMS_MSP_424`);
    /// `NotFoundError` and `WrongStateError` where partner, certificate or policy do not allow it; `ForbiddenError`
    /// without the role PartnerAdmin.
    #[pyo3(signature = (actor, *, partner, name, policy=None, validity=None))]
    fn generate_license_key<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
        name: String,
        policy: Option<PyBackedStr>,
        validity: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let command = GenerateLicenseKey {
            partner: arguments::text(py, "partner", &partner)?,
            policy: arguments::optional_text(py, "policy", policy.as_ref())?,
            name,
            validity: self::validity(validity)?,
        };
        shown_once(py, self.call(py, |engine| engine.generate_license_key(&actor.actor, &command))?)
    }

    /// Makes a license key in place of an active or expired one, for the same partner and policy.
    ///
    /// `name` is the old key's unless given. `validity` is that of `generate_license_key`. The old key ends at once, or
    /// stays good for `overlap`, a timedelta of at most 30 days by default. Answers with a `GeneratedLicenseKey`.
    ///
    /// Raises what `generate_license_key` raises, and `NotFoundError` or `WrongStateError` where the old key does not
    /// exist or is neither active nor expired.
    #[pyo3(signature = (actor, id, *, name=None, validity=None, overlap=None))]
    fn regenerate_license_key<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
        name: Option<String>,
        validity: Option<&Bound<'py, PyAny>>,
        overlap: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let overlap =
            overlap.map_or(Ok(Duration::ZERO), |overlap| arguments::duration("overlap", overlap))?;
        let command = RegenerateLicenseKey { name, validity: self::validity(validity)?, overlap };
        shown_once(py, self.call(py, |engine| engine.regenerate_license_key(&actor.actor, id, &command))?)
    }

    /// Deactivates a license key for good. Answers with the `LicenseKeyView`.
    ///
    /// Raises `NotFoundError`; `WrongStateError` where it is deactivated already (`PMS_MSP_434`) or replaced and at its
    /// end; `ForbiddenError` without the role PartnerAdmin.
    fn deactivate_license_key<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let view = self.call(py, |engine| engine.deactivate_license_key(&actor.actor, id))?;
        bridge::to_python(py, &view)
    }

    /// Imports keys that are in use already, `ImportLicenseKey` each, at most 100,000, all or none. Answers with a list
    /// of `LicenseKeyView`, whose ids ascend.
    ///
    /// Raises the error of the first key that breaks a rule, with its place as `index`: its partner or policy does not
    /// exist, its partner is deactivated, its name is taken, or it is in the store already; `InvalidInputError` where two
    /// are the same, or for more than 100,000; `ForbiddenError` without the role PartnerAdmin.
    fn import_license_keys<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        keys: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keys: Vec<_> =
            keys.try_iter()?.enumerate().map(|(index, key)| import(index, &key?)).collect::<PyResult<_>>()?;
        let views = self.call(py, |engine| engine.import_license_keys(&actor.actor, &keys))?;
        bridge::to_list(py, &views)
    }

    /// Looks a license key's record up, a `LicenseKeyView`. The key itself is masked.
    ///
    /// Raises `NotFoundError` (`PMS_MSP_441`); `ForbiddenError` without a role.
    fn license_key<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        id: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "id", &id)?;
        let view = self.call(py, |engine| engine.license_key(&actor.actor, id))?;
        bridge::to_python(py, &view)
    }

    /// Lists license keys, each masked, with what is allowed on it now.
    ///
    /// `filter` is a `LicenseKeyFilter`, `sort` a `LicenseKeySort` (newest first unless given), `page_size` 1 to 100, `after` the
    /// `next` of the page before. `with_total` counts all that the filter lets through, in time proportional to them.
    /// Answers with a `Page` of `LicenseKeyView`.
    ///
    /// Raises `InvalidInputError` for a page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (
        actor, *, filter=None, sort=None, descending=true, page_size=8, after=None, with_total=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn list_license_keys<'py>(
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
        let page = self.call(py, |engine| engine.list_license_keys(&actor.actor, &request))?;
        bridge::to_python(py, &page)
    }

    /// The partners that a license key can be generated for, as far as partner and certificate dates tell: active, with
    /// a certificate that has not ended. By id ascending. Answers with a `Page` of `PartnerRow`.
    ///
    /// Raises `InvalidInputError` for a page size or cursor that does not fit; `ForbiddenError` without a role.
    #[pyo3(signature = (actor, *, page_size=8, after=None))]
    fn partners_for_license_key<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        page_size: i64,
        after: Option<PyBackedStr>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (page_size, after) = (arguments::count(page_size), arguments::cursor(py, after.as_ref())?);
        let page = self.call(py, |engine| engine.partners_for_license_key(&actor.actor, page_size, after))?;
        bridge::to_python(py, &page)
    }

    /// The policies that a license key of a partner can name: approved for it and usable now, by name ascending. A list
    /// of `PolicyRow`.
    ///
    /// Raises `NotFoundError` where there is no such partner; `ForbiddenError` without a role.
    fn policies_for_license_key<'py>(
        &self,
        py: Python<'py>,
        actor: &Actor,
        partner: PyBackedStr,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id = arguments::text(py, "partner", &partner)?;
        let policies = self.call(py, |engine| engine.policies_for_license_key(&actor.actor, &id))?;
        bridge::to_list(py, &policies)
    }

    /// Whose key this is, whether it is good right now, and what it allows: an `Authorization`, or a `Refusal` with
    /// exactly one reason, which is false where it is asked for its truth. Takes no actor. Text that is no license key
    /// never reaches the store.
    ///
    /// Threads may call it at the same time, and none keeps another from running. They answer no more requests together
    /// than one does: the call takes some microseconds at most, which is what it takes to hand the interpreter's lock
    /// from one thread to another. Several processes, each with its own lock, can.
    ///
    /// Raises `StoreFailedError` where the store fails.
    #[pyo3(signature = (key, /))]
    fn authenticate<'py>(&self, py: Python<'py>, key: PyBackedStr) -> PyResult<Bound<'py, PyAny>> {
        verdict(py, self.call(py, |engine| engine.authenticate(&key))?)
    }

    /// Whose key this is, whether it is good at an instant, and what it allows, as the store stands now. `at` is a
    /// datetime with a time zone. Answers as `authenticate` does.
    ///
    /// Raises `StoreFailedError` where the store fails.
    #[pyo3(signature = (key, at, /))]
    fn authenticate_at<'py>(
        &self,
        py: Python<'py>,
        key: PyBackedStr,
        at: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let at = arguments::instant("at", at)?;
        verdict(py, self.call(py, |engine| engine.authenticate_at(&key, at))?)
    }
}

fn verdict(
    py: Python<'_>,
    verdict: Result<misp_onboarding::license_key::Authorization, misp_onboarding::license_key::Refusal>,
) -> PyResult<Bound<'_, PyAny>> {
    Ok(match verdict {
        Ok(authorization) => Bound::new(py, Authorization::from(authorization))?.into_any(),
        Err(refusal) => Bound::new(py, Refusal::from(refusal))?.into_any(),
    })
}

fn validity(given: Option<&Bound<'_, PyAny>>) -> PyResult<Validity> {
    Ok(match given {
        None => Validity::Default,
        Some(until) if until.is_instance_of::<PyDateTime>() => {
            Validity::Until(arguments::instant("validity", until)?)
        }
        Some(length) => Validity::For(arguments::duration("validity", length)?),
    })
}

fn shown_once(py: Python<'_>, generated: GeneratedLicenseKey) -> PyResult<Bound<'_, PyAny>> {
    let answer = PyDict::new(py);
    answer.set_item("key", Bound::new(py, LicenseKey { key: generated.key })?)?;
    answer.set_item("view", bridge::to_python(py, &generated.view)?)?;
    bridge::class(py, "GeneratedLicenseKey")?.call((), Some(&answer))
}

fn import(index: usize, given: &Bound<'_, PyAny>) -> PyResult<ImportLicenseKey> {
    let py = given.py();
    let place = |field: &str| format!("keys[{index}].{field}");
    if !given.is_instance(&bridge::class(py, "ImportLicenseKey")?)? {
        let problem = bridge::Problem::kind_of(given, "an ImportLicenseKey");
        return Err(problem.in_argument(py, &format!("keys[{index}]")));
    }
    let text = |field: &str| given.getattr(field)?.extract::<PyBackedStr>();
    Ok(ImportLicenseKey {
        key: revealed(&place("key"), &given.getattr("key")?)?,
        partner: arguments::text(py, &place("partner"), &text("partner")?)?,
        policy: arguments::value(&place("policy"), &given.getattr("policy")?)?,
        name: text("name")?.to_string(),
        expires_at: arguments::instant(&place("expires_at"), &given.getattr("expires_at")?)?,
    })
}

/// How a `LicenseKeyRecord` stands at an instant, a `LicenseKeyStatus`.
#[pyfunction]
pub(crate) fn license_key_status<'py>(
    py: Python<'py>,
    record: &Bound<'py, PyAny>,
    at: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let record: LicenseKeyRecord = arguments::value("record", record)?;
    let status: LicenseKeyStatus = record.status(arguments::instant("at", at)?);
    bridge::to_python(py, &status)
}
