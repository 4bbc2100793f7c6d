//! The engine: one method for each command and read. A method reads its arguments, calls the engine with the
//! interpreter released, and converts the answer.

mod calling;
mod certificates;
mod clock;
mod events;
mod expiring;
mod license_keys;
mod opening;
mod partners;
mod policies;
mod policy_links;
mod trust_store;

use pyo3::prelude::*;

pub(crate) use calling::{detached, raise_through};
pub(crate) use license_keys::license_key_status;
pub(crate) use policies::policy_permissions;

/// The engine on one store: every command and every read of the onboarding guide is a method of it.
///
/// Threads may share it; each call releases the interpreter while the engine works. Commands and reads take the `Actor`
/// whom the host has authenticated. They fail with a subclass of `OnboardingError`, and have changed nothing then.
#[pyclass(frozen, module = "misp_onboarding")]
pub(crate) struct Onboarding {
    engine: misp_onboarding::Onboarding,
    /// How it was made, for people.
    on: &'static str,
}

impl Onboarding {
    pub(crate) fn engine(&self) -> &misp_onboarding::Onboarding {
        &self.engine
    }
}

#[pymethods]
impl Onboarding {
    /// The configuration, a `Rules`.
    #[getter]
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        crate::bridge::to_python(py, self.engine.rules())
    }

    fn __repr__(&self) -> String {
        format!("<Onboarding on {}>", self.on)
    }
}
