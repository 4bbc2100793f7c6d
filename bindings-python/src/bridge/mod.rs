//! The engine's values as Python's, and back: one way for all of them, over serde.
//!
//! Every type of the engine that crosses derives serde's traits, and tells its name and the names of its fields while
//! it is read or written. The Python module `_wire` says which class stands for which name. So a type's fields are
//! listed twice, in the engine and in the dataclass, and nowhere in this crate.

mod from_python;
mod problem;
mod shape;
mod time;
mod to_python;
mod types;

use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use problem::Problem;
pub(crate) use shape::Shape;
pub(crate) use time::{instant_from_python, instant_to_python};

/// A value as Python's.
pub(crate) fn to_python<'py, T: Serialize + ?Sized>(
    py: Python<'py>,
    value: &T,
) -> PyResult<Bound<'py, PyAny>> {
    let types = types::types(py)?;
    Ok(value.serialize(to_python::ToPython { py, types, facts: false })?)
}

/// The named fields of a value as a `dict`, whatever its name; none where it has no fields.
pub(crate) fn facts<'py, T: Serialize + ?Sized>(
    py: Python<'py>,
    value: &T,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let types = types::types(py)?;
    let facts = value.serialize(to_python::ToPython { py, types, facts: true })?;
    Ok(Some(facts).filter(|facts| !facts.is_none()))
}

/// Values as a Python `list`.
pub(crate) fn to_list<'py, T: Serialize>(py: Python<'py>, values: &[T]) -> PyResult<Bound<'py, PyAny>> {
    let items: Vec<_> = values.iter().map(|value| to_python(py, value)).collect::<PyResult<_>>()?;
    Ok(pyo3::types::PyList::new(py, items)?.into_any())
}

/// Python's value as the engine's.
pub(crate) fn from_python<T: DeserializeOwned>(value: &Bound<'_, PyAny>) -> Result<T, Problem> {
    let types = types::types(value.py())?;
    T::deserialize(from_python::FromPython { value: value.clone(), types })
}

/// The class that stands for a type of the engine.
pub(crate) fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    types::types(py)?.class(py, name)
}
