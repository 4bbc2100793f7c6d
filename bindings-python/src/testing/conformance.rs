//! The suite that every store must pass, for stores written in Python.

use misp_onboarding_testkit::conformance::{CASES, Case};
use pyo3::exceptions::PyLookupError;
use pyo3::prelude::*;

use crate::onboarding::detached;
use crate::store::PythonStore;

/// The names of the cases.
#[pyfunction]
pub(crate) fn conformance_cases() -> Vec<&'static str> {
    CASES.iter().map(|case| case.name).collect()
}

/// Tries a case with an empty store; what the store did otherwise than it must, or none.
#[pyfunction]
pub(crate) fn run_conformance_case(
    py: Python<'_>,
    name: &str,
    store: &Bound<'_, PyAny>,
) -> PyResult<Option<String>> {
    let Some(Case { run, .. }) = CASES.iter().find(|case| case.name == name) else {
        return Err(PyLookupError::new_err(format!("there is no case {name}")));
    };
    let store = PythonStore::new(store)?;
    let verdict = detached(py, || run(&store))?;
    Ok(verdict.err().map(|failure| failure.to_string()))
}
