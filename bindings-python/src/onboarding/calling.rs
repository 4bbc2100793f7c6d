//! Calls into the engine: the interpreter is released, and what Python raises on the way comes out as it is.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use misp_onboarding::Error;
use pyo3::prelude::*;

use super::Onboarding;
use crate::error;

impl Onboarding {
    /// Calls the engine with the interpreter released.
    pub(super) fn call<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&misp_onboarding::Onboarding) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        detached(py, || call(&self.engine))?.map_err(|failed| error::of(py, failed))
    }
}

/// Does something with the interpreter released.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    // A call that unwinds has committed nothing, and the engine keeps nothing else that it changes.
    py.detach(|| catch_unwind(AssertUnwindSafe(work))).map_err(|payload| {
        match payload.downcast::<Unwinding>() {
            Ok(raised) => raised.0,
            Err(panic) => resume_unwind(panic),
        }
    })
}

/// An exception on its way through the engine, where that has no room for a failure: a clock
/// cannot fail, and Ctrl-C is no failure of a store.
struct Unwinding(PyErr);

/// Ends the call under way with an exception. It is no panic: nothing is printed.
pub(crate) fn raise_through(raised: PyErr) -> ! {
    resume_unwind(Box::new(Unwinding(raised)))
}
