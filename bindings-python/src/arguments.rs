//! Reading the arguments of a call; what is wrong with one names it.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use misp_onboarding::Timestamp;
use misp_onboarding::list::{ListRequest, SortKey};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyDelta, PyDeltaAccess};
use serde::de::DeserializeOwned;

use crate::bridge::{self, Problem};
use crate::error;

/// An identifier or another text with a rule.
pub(crate) fn text<T>(py: Python<'_>, name: &str, text: &str) -> PyResult<T>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|problem: T::Err| error::of_argument(py, name, &problem.to_string()))
}

/// A text with a rule that may be left out.
pub(crate) fn optional_text<T>(py: Python<'_>, name: &str, value: Option<&PyBackedStr>) -> PyResult<Option<T>>
where
    T: FromStr,
    T::Err: Display,
{
    value.map(|value| text(py, name, value)).transpose()
}

/// An instant.
pub(crate) fn instant(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    bridge::instant_from_python(value).map_err(|problem| problem.in_argument(value.py(), name))
}

/// A length of time, which is none below zero.
pub(crate) fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let py = value.py();
    let Ok(delta) = value.cast::<PyDelta>() else {
        return Err(Problem::kind_of(value, "a timedelta").in_argument(py, name));
    };
    match u64::try_from(delta.get_days()) {
        Ok(days) => {
            // A timedelta keeps seconds and microseconds at zero or above, and within a day and a second.
            let seconds = u64::try_from(delta.get_seconds()).unwrap_or_default();
            let micros = u64::try_from(delta.get_microseconds()).unwrap_or_default();
            Ok(Duration::from_secs(days * 86_400 + seconds) + Duration::from_micros(micros))
        }
        Err(_) => Err(error::of_argument(py, name, "a timedelta of zero or more needed, found one below")),
    }
}

/// Any value that crosses.
pub(crate) fn value<T: DeserializeOwned>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    bridge::from_python(value).map_err(|problem| problem.in_argument(value.py(), name))
}

/// Any value that crosses, its default where it is left out.
pub(crate) fn value_or_default<T: DeserializeOwned + Default>(
    name: &str,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<T> {
    given.map_or_else(|| Ok(T::default()), |given| value(name, given))
}

/// A whole number brought into the range of `u32`: the engine refuses what is too small or too large.
pub(crate) fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

/// The keywords of every list.
pub(crate) struct List<'a, 'py> {
    pub(crate) filter: Option<&'a Bound<'py, PyAny>>,
    pub(crate) sort: Option<&'a Bound<'py, PyAny>>,
    pub(crate) descending: bool,
    pub(crate) page_size: i64,
    pub(crate) after: Option<&'a PyBackedStr>,
    pub(crate) with_total: bool,
}

impl List<'_, '_> {
    /// What the engine is asked for.
    pub(crate) fn request<F, S>(&self, py: Python<'_>) -> PyResult<ListRequest<F, S>>
    where
        F: DeserializeOwned + Default,
        S: SortKey + DeserializeOwned,
    {
        use misp_onboarding::list::Direction::{Ascending, Descending};
        let direction = if self.descending { Descending } else { Ascending };
        let sort = self.sort.map(|sort| value("sort", sort)).transpose()?.unwrap_or(S::NEWEST);
        let mut request = ListRequest::with_filter(value_or_default("filter", self.filter)?)
            .sorted(sort, direction)
            .page_size(count(self.page_size))
            .after(cursor(py, self.after)?);
        request.with_total = self.with_total;
        Ok(request)
    }
}

/// Where a page ended.
pub(crate) fn cursor(
    py: Python<'_>,
    after: Option<&PyBackedStr>,
) -> PyResult<Option<misp_onboarding::list::Cursor>> {
    let parsed = after.map(|after| after.parse()).transpose();
    parsed.map_err(|problem: misp_onboarding::list::ListError| error::of(py, problem.into()))
}

/// A file: its bytes, or its text where it is PEM.
pub(crate) enum File {
    Bytes(PyBackedBytes),
    Text(PyBackedStr),
}

impl File {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for File {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.extract() {
            return Ok(Self::Bytes(bytes));
        }
        object.extract().map(Self::Text).map_err(|_| {
            let found = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            PyTypeError::new_err(format!("bytes, or PEM as str, needed, found {found}"))
        })
    }
}
