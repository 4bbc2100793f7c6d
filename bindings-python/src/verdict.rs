//! The answer to the one question of every request. What is not looked at is not converted.

use misp_onboarding::license_key as engine;
use misp_onboarding::policy::PolicyPermissions;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDateTime, PyDict, PyTuple};

use crate::{arguments, bridge};

/// A good key: whose it is and what it allows. True where it is asked for its truth, as a `Refusal` is false.
#[pyclass(frozen, eq, module = "misp_onboarding.license_keys")]
#[derive(PartialEq)]
pub(crate) struct Authorization {
    authorization: engine::Authorization,
}

impl From<engine::Authorization> for Authorization {
    fn from(authorization: engine::Authorization) -> Self {
        Self { authorization }
    }
}

#[pymethods]
impl Authorization {
    /// Makes one by hand, for tests of whoever asks. Instants need a time zone.
    #[new]
    #[pyo3(signature = (*, key_id, name, partner, organization, valid_until, policy=None, permissions=None))]
    #[expect(clippy::too_many_arguments, reason = "one for each field")]
    fn new(
        py: Python<'_>,
        key_id: PyBackedStr,
        name: PyBackedStr,
        partner: PyBackedStr,
        organization: PyBackedStr,
        valid_until: &Bound<'_, PyAny>,
        policy: Option<PyBackedStr>,
        permissions: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let permissions: PolicyPermissions = arguments::value_or_default("permissions", permissions)?;
        let policy = arguments::optional_text(py, "policy", policy.as_ref())?;
        let authorization = engine::Authorization {
            key_id: arguments::text(py, "key_id", &key_id)?,
            name: arguments::text(py, "name", &name)?,
            partner: arguments::text(py, "partner", &partner)?,
            organization: arguments::text(py, "organization", &organization)?,
            policy: policy.map(|policy| (policy, permissions)),
            valid_until: arguments::instant("valid_until", valid_until)?,
        };
        Ok(authorization.into())
    }

    /// The id of the key's record.
    #[getter]
    fn key_id(&self) -> String {
        self.authorization.key_id.to_string()
    }

    /// The key's name.
    #[getter]
    fn name(&self) -> &str {
        self.authorization.name.as_str()
    }

    /// The id of the partner whose key it is.
    #[getter]
    fn partner(&self) -> &str {
        self.authorization.partner.as_str()
    }

    /// The partner's organization.
    #[getter]
    fn organization(&self) -> &str {
        self.authorization.organization.as_str()
    }

    /// The id of the policy; None for a key without a policy.
    #[getter]
    fn policy(&self) -> Option<String> {
        self.authorization.policy.map(|(policy, _)| policy.to_string())
    }

    /// What the policy allows, a `PolicyPermissions`; None for a key without a policy.
    #[getter]
    fn permissions<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.authorization.policy.map(|(_, permissions)| bridge::to_python(py, &permissions)).transpose()
    }

    /// The first instant at which the key will not be good any more: the end of its validity, or of its overlap where
    /// it was replaced, or of its policy, whichever comes first.
    #[getter]
    fn valid_until<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        bridge::instant_to_python(py, self.authorization.valid_until)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        let engine::Authorization { key_id, name, partner, organization, policy, valid_until } =
            &self.authorization;
        let policy = policy.map_or_else(|| "None".to_owned(), |(policy, _)| format!("'{policy}'"));
        format!(
            "Authorization(partner={:?}, organization={:?}, name={:?}, key_id='{key_id}', policy={policy}, \
             valid_until='{valid_until}')",
            partner.as_str(),
            organization.as_str(),
            name.as_str()
        )
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        PyTuple::new(py, [self.key_id(), self.authorization.valid_until.to_string()])?.hash()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let fields = PyDict::new(py);
        fields.set_item("key_id", self.key_id())?;
        fields.set_item("name", self.name())?;
        fields.set_item("partner", self.partner())?;
        fields.set_item("organization", self.organization())?;
        fields.set_item("policy", self.policy())?;
        fields.set_item("permissions", self.permissions(py)?)?;
        fields.set_item("valid_until", self.valid_until(py)?)?;
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (fields,)).into_pyobject(py)?.into_any())
    }

    /// Puts together what a pickle took apart.
    #[staticmethod]
    fn _restore<'py>(py: Python<'py>, fields: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
        py.get_type::<Self>().call((), Some(fields))
    }
}

/// Why a key is not good: exactly one reason. False where it is asked for its truth, so that
/// `if verdict := onboarding.authenticate(key):` asks what it seems to ask.
#[pyclass(frozen, module = "misp_onboarding.license_keys")]
pub(crate) struct Refusal {
    told: Told,
}

enum Told {
    Refusal(engine::Refusal),
    /// What came out of a pickle.
    Parts {
        code: String,
        reason: String,
        facts: Py<PyDict>,
    },
}

impl From<engine::Refusal> for Refusal {
    fn from(refusal: engine::Refusal) -> Self {
        Self { told: Told::Refusal(refusal) }
    }
}

#[pymethods]
impl Refusal {
    /// The reason's stable code, such as `authenticate.expired`.
    #[getter]
    fn code(&self) -> &str {
        match &self.told {
            Told::Refusal(refusal) => refusal.code(),
            Told::Parts { code, .. } => code,
        }
    }

    /// The reason in words.
    #[getter]
    fn reason(&self) -> String {
        match &self.told {
            Told::Refusal(refusal) => refusal.to_string(),
            Told::Parts { reason, .. } => reason.clone(),
        }
    }

    /// What there is to know about it, by name: `since` of a replaced key, `expired_at` of an expired one, `found` or
    /// `ended_at` of a policy that is not usable.
    #[getter]
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        match &self.told {
            Told::Parts { facts, .. } => facts.bind(py).copy(),
            Told::Refusal(refusal) => match bridge::facts(py, refusal)? {
                Some(facts) => Ok(facts.cast_into()?),
                None => Ok(PyDict::new(py)),
            },
        }
    }

    fn __bool__(&self) -> bool {
        false
    }

    fn __str__(&self) -> String {
        self.reason()
    }

    fn __repr__(&self) -> String {
        format!("Refusal(code={:?}, reason={:?})", self.code(), self.reason())
    }

    /// The words hold every fact.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.code() == other.code() && self.reason() == other.reason()
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        PyTuple::new(py, [self.code(), &self.reason()])?.hash()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (self.code(), self.reason(), self.facts(py)?)).into_pyobject(py)?.into_any())
    }

    /// Puts together what a pickle took apart.
    #[staticmethod]
    fn _restore(code: String, reason: String, facts: Py<PyDict>) -> Self {
        Self { told: Told::Parts { code, reason, facts } }
    }
}
