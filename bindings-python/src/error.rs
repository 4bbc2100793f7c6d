//! Failures as exceptions: the one place that makes them.

use misp_onboarding::certificate::PathError;
use misp_onboarding::error::{Error, ErrorKind, FieldError, InvalidInput};
use misp_onboarding::license_key::LicenseKeyError;
use misp_onboarding::store::StoreError;
use misp_onboarding::text::FieldRule;
use misp_onboarding::transfer::TransferError;
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde::Serialize;

use crate::bridge;
use crate::report::CertificateReport;

type Boxed = Box<dyn std::error::Error + Send + Sync>;

/// The exception of a failed call.
pub(crate) fn of(py: Python<'_>, error: Error) -> PyErr {
    exception(py, error).unwrap_or_else(|failure| failure)
}

/// The exception of an argument that breaks a rule, told as `required needed, found found`.
pub(crate) fn of_argument(py: Python<'_>, argument: &str, rule: &str) -> PyErr {
    // The engine's own problems of a field are told that way; what else reading refuses has no fact found.
    let (required, found) = rule.split_once(" needed, found ").unwrap_or((rule, "another value"));
    let make = || {
        let field = field_error(py, argument, &FieldRule::Format, required, found, None)?;
        let facts = PyDict::new(py);
        facts.set_item("fields", (field,))?;
        let message = format!("{argument}: {rule}");
        let told = Told { kind: ErrorKind::InvalidInput, code: "input.invalid", pms_code: None, message };
        told.exception(facts)
    };
    make().unwrap_or_else(|failure| failure)
}

/// The exception of a certificate without a valid path.
pub(crate) fn of_path(py: Python<'_>, error: &PathError) -> PyErr {
    let make = || {
        let facts = PyDict::new(py);
        facts.set_item("report", bridge::to_python(py, error)?)?;
        let class = py.import("misp_onboarding.errors")?.getattr("PathError")?;
        let kind = ErrorKind::CertificateRejected;
        let told = Told { kind, code: error.code(), pms_code: None, message: error.to_string() };
        told.exception_of(&class, facts)
    };
    make().unwrap_or_else(|failure| failure)
}

/// The exception of an export or an import that did not come to its end.
pub(crate) fn of_transfer(py: Python<'_>, error: TransferError) -> PyErr {
    let error = match error {
        TransferError::Store(failed) => return of(py, failed.into()),
        // What the file raised.
        TransferError::Read(failed) | TransferError::Write(failed) => return failed.into(),
        error => error,
    };
    let make = || {
        let class = py.import("misp_onboarding.errors")?.getattr("TransferError")?;
        let (kind, code, message) = (error.kind(), error.code(), error.to_string());
        Told { kind, code, pms_code: None, message }.exception_of(&class, plain_facts(py, &error)?)
    };
    make().unwrap_or_else(|failure| failure)
}

/// The exception of a file that holds no certificate that could be looked at, or more than one.
pub(crate) fn of_certificate(py: Python<'_>, code: &'static str, message: String) -> PyErr {
    let told = Told { kind: ErrorKind::CertificateRejected, code, pms_code: Some("KER-KMS-013"), message };
    told.exception(PyDict::new(py)).unwrap_or_else(|failure| failure)
}

/// What every exception tells.
struct Told {
    kind: ErrorKind,
    code: &'static str,
    pms_code: Option<&'static str>,
    message: String,
}

impl Told {
    fn exception(self, facts: Bound<'_, PyDict>) -> PyResult<PyErr> {
        let class = facts.py().import("misp_onboarding.errors")?.getattr(class_of(self.kind))?;
        self.exception_of(&class, facts)
    }

    fn exception_of(self, class: &Bound<'_, PyAny>, facts: Bound<'_, PyDict>) -> PyResult<PyErr> {
        let py = facts.py();
        let arguments = PyDict::new(py);
        arguments.set_item("kind", bridge::to_python(py, &self.kind)?)?;
        arguments.set_item("code", self.code)?;
        arguments.set_item("pms_code", self.pms_code)?;
        arguments.set_item("facts", facts)?;
        Ok(PyErr::from_value(class.call((self.message,), Some(&arguments))?))
    }
}

fn class_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidInput => "InvalidInputError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::AlreadyExists => "AlreadyExistsError",
        ErrorKind::WrongState => "WrongStateError",
        ErrorKind::Forbidden => "ForbiddenError",
        ErrorKind::CertificateRejected => "CertificateRejectedError",
        ErrorKind::Conflict => "ConflictError",
        ErrorKind::Store => "StoreFailedError",
    }
}

fn exception(py: Python<'_>, error: Error) -> PyResult<PyErr> {
    let (kind, code, pms_code) = (error.kind(), error.code(), error.pms_code());
    let told = Told { kind, code, pms_code, message: error.to_string() };
    let facts = facts_of(py, &error)?;
    let cause = match error {
        Error::CertificateRejected(report) => {
            facts.set_item("report", Bound::new(py, CertificateReport::new(*report))?)?;
            None
        }
        Error::LicenseKey(LicenseKeyError::Import { source, .. }) => Some(exception(py, *source)?),
        Error::Conflict { last, .. } => Some(exception(py, last.into())?),
        Error::Random(source) => Some(cause_of(source)),
        Error::Store(StoreError::Backend(source) | StoreError::Unavailable(source)) => Some(cause_of(source)),
        _ => None,
    };
    let exception = told.exception(facts)?;
    exception.set_cause(py, cause);
    Ok(exception)
}

/// What a store or a generator ran into: its own exception where it is written in Python.
fn cause_of(source: Boxed) -> PyErr {
    match source.downcast::<PyErr>() {
        Ok(raised) => *raised,
        Err(source) => {
            let mut text = source.to_string();
            let mut below = source.source();
            while let Some(error) = below {
                text = format!("{text}: {error}");
                below = error.source();
            }
            PyRuntimeError::new_err(text)
        }
    }
}

fn facts_of<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyDict>> {
    match error {
        Error::InvalidInput(input) => {
            let facts = PyDict::new(py);
            facts.set_item("fields", fields_of(py, input)?)?;
            Ok(facts)
        }
        // The report itself becomes the fact.
        Error::CertificateRejected(_) => Ok(PyDict::new(py)),
        Error::LicenseKey(LicenseKeyError::Import { index, source }) => {
            let facts = facts_of(py, source)?;
            facts.set_item("index", index)?;
            Ok(facts)
        }
        _ => plain_facts(py, error),
    }
}

fn plain_facts<'py, T: Serialize>(py: Python<'py>, error: &T) -> PyResult<Bound<'py, PyDict>> {
    Ok(match bridge::facts(py, error)? {
        Some(facts) => facts.cast_into()?,
        None => PyDict::new(py),
    })
}

fn fields_of<'py>(py: Python<'py>, input: &InvalidInput) -> PyResult<Bound<'py, PyTuple>> {
    let fields: Vec<_> = input
        .fields()
        .iter()
        .map(|error @ FieldError { field, problem, .. }| {
            field_error(py, field, &problem.rule, &problem.required, &problem.found, error.pms_code())
        })
        .collect::<PyResult<_>>()?;
    PyTuple::new(py, fields)
}

fn field_error<'py, F: Serialize + ?Sized>(
    py: Python<'py>,
    field: &F,
    rule: &FieldRule,
    required: &str,
    found: &str,
    pms_code: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let arguments = PyDict::new(py);
    arguments.set_item(intern!(py, "field"), bridge::to_python(py, field)?)?;
    arguments.set_item(intern!(py, "rule"), bridge::to_python(py, rule)?)?;
    arguments.set_item(intern!(py, "required"), required)?;
    arguments.set_item(intern!(py, "found"), found)?;
    arguments.set_item(intern!(py, "pms_code"), pms_code)?;
    bridge::class(py, "FieldError")?.call((), Some(&arguments))
}
