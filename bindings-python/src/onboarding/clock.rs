//! A clock written in Python.

use misp_onboarding::{Clock, Timestamp};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::calling::raise_through;
use crate::arguments;

/// Asks a Python callable for the present instant.
pub(super) struct PythonClock {
    now: Py<PyAny>,
}

impl PythonClock {
    /// Takes an object with a method `now`, or something that can be called.
    pub(super) fn new(clock: &Bound<'_, PyAny>) -> PyResult<Self> {
        let method = clock.getattr_opt("now")?;
        let now = method.unwrap_or_else(|| clock.clone());
        if now.is_callable() {
            Ok(Self { now: now.unbind() })
        } else {
            Err(PyTypeError::new_err("clock: an object with a method now, or a callable, needed"))
        }
    }
}

impl Clock for PythonClock {
    fn now(&self) -> Timestamp {
        let asked = Python::attach(|py| arguments::instant("clock.now()", &self.now.bind(py).call0()?));
        // A wrong instant must not decide anything, so the call ends here, before anything is committed.
        asked.unwrap_or_else(|raised| raise_through(raised))
    }
}
