//! A value from Python that the engine cannot take.

use std::fmt::{self, Display};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use serde::{de, ser};

use crate::error;

/// Why a value cannot cross, and where in it the reason is.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The names of the fields around the reason, the innermost first.
    path: Vec<String>,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    /// The value is of the right kind and breaks a rule.
    Value(String),
    /// The value is of another kind.
    Kind(String),
    /// Python raised something while the value was read or made.
    Raised(PyErr),
}

impl Problem {
    /// A rule that the value breaks, as `required needed, found found`.
    pub(crate) fn value(rule: impl Into<String>) -> Self {
        Self { path: Vec::new(), cause: Cause::Value(rule.into()) }
    }

    /// What is needed instead of a value of this kind.
    pub(crate) fn kind_of(value: &Bound<'_, PyAny>, needed: &str) -> Self {
        let found = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        Self { path: Vec::new(), cause: Cause::Kind(format!("{needed} needed, found {found}")) }
    }

    /// The same problem, in a field.
    pub(super) fn within(mut self, field: impl Into<String>) -> Self {
        self.path.push(field.into());
        self
    }

    /// The exception to raise for an argument of this name.
    pub(crate) fn in_argument(self, py: Python<'_>, name: &str) -> PyErr {
        let place = self.path.iter().rev().fold(name.to_owned(), |place, field| {
            if field.starts_with('[') { format!("{place}{field}") } else { format!("{place}.{field}") }
        });
        match self.cause {
            Cause::Raised(error) => error,
            Cause::Kind(text) => PyTypeError::new_err(format!("{place}: {text}")),
            Cause::Value(text) => error::of_argument(py, &place, &text),
        }
    }
}

impl From<PyErr> for Problem {
    fn from(error: PyErr) -> Self {
        Self { path: Vec::new(), cause: Cause::Raised(error) }
    }
}

/// For values on their way to Python, which nobody has to be told of by the name of an argument.
impl From<Problem> for PyErr {
    fn from(problem: Problem) -> Self {
        match problem.cause {
            Cause::Raised(error) => error,
            Cause::Kind(text) | Cause::Value(text) => PyTypeError::new_err(text),
        }
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Raised(error) => error.fmt(f),
            Cause::Kind(text) | Cause::Value(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: Display>(text: T) -> Self {
        Self::value(text.to_string())
    }

    fn invalid_type(found: de::Unexpected<'_>, needed: &dyn de::Expected) -> Self {
        // Which kind it is and not the value, which may be contact data.
        let found = match found {
            de::Unexpected::Bool(_) => "a bool",
            de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) => "an int",
            de::Unexpected::Float(_) => "a float",
            de::Unexpected::Str(_) => "a str",
            de::Unexpected::Bytes(_) => "bytes",
            de::Unexpected::Unit | de::Unexpected::Option => "None",
            de::Unexpected::Seq => "a sequence",
            de::Unexpected::Map => "a mapping",
            _ => "another kind",
        };
        Self { path: Vec::new(), cause: Cause::Kind(format!("{needed} needed, found {found}")) }
    }
}

impl ser::Error for Problem {
    fn custom<T: Display>(text: T) -> Self {
        Self::value(text.to_string())
    }
}
