//! Who acts.

use std::hash::{DefaultHasher, Hash, Hasher};

use misp_onboarding as engine;
use misp_onboarding::Role;
use misp_onboarding::id::ActorId;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyFrozenSet, PyString};

use crate::{arguments, bridge};

/// Who gives a command, as the host authenticated them; recorded on every change.
///
/// `id` has 1 to 128 characters, `roles` are any of `Role`. Raises `InvalidInputError` for another id or role.
#[pyclass(frozen, module = "misp_onboarding.actors")]
pub(crate) struct Actor {
    pub(crate) actor: engine::Actor,
}

impl Actor {
    fn held(&self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(|role| self.actor.has(*role))
    }
}

#[pymethods]
impl Actor {
    #[new]
    #[pyo3(signature = (id, roles))]
    fn new(py: Python<'_>, id: PyBackedStr, roles: &Bound<'_, PyAny>) -> PyResult<Self> {
        let id: ActorId = arguments::text(py, "id", &id)?;
        // A role is text, and text can be iterated, but not to anything that makes sense here.
        if roles.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("roles: a sequence of Role needed, found a single one"));
        }
        let roles = roles
            .try_iter()?
            .map(|role| arguments::value("roles", &role?))
            .collect::<PyResult<Vec<Role>>>()?;
        Ok(Self { actor: engine::Actor::new(id, roles) })
    }

    /// Who it is.
    #[getter]
    fn id(&self) -> &str {
        self.actor.id().as_str()
    }

    /// What they may do, a frozenset of `Role`.
    #[getter]
    fn roles<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyFrozenSet>> {
        let roles: Vec<_> = self.held().map(|role| bridge::to_python(py, &role)).collect::<PyResult<_>>()?;
        PyFrozenSet::new(py, roles)
    }

    fn __repr__(&self) -> String {
        let roles: Vec<_> = self.held().map(|role| format!("{:?}", role.as_str())).collect();
        format!("Actor({:?}, [{}])", self.id(), roles.join(", "))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.actor.id() == other.actor.id() && self.held().eq(other.held())
        })
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.actor.id().hash(&mut hasher);
        self.held().for_each(|role| role.hash(&mut hasher));
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let arguments = (self.id(), self.roles(py)?);
        Ok((py.get_type::<Self>(), arguments).into_pyobject(py)?.into_any())
    }
}
