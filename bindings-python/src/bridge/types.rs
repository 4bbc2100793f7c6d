//! What the Python module `_wire` says: which class stands for which type of the engine.

use std::collections::HashMap;

use pyo3::exceptions::PyLookupError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// The classes by the names that the types have in the engine.
pub(crate) struct Types {
    /// Of structures.
    classes: HashMap<String, Py<PyAny>>,
    /// The members of enumerations by their text.
    enums: HashMap<String, HashMap<String, Py<PyAny>>>,
    /// Of variants that carry something, by `Enum.variant`.
    variants: HashMap<String, Variant>,
}

/// The class of a variant that carries something.
pub(crate) struct Variant {
    pub(crate) class: Py<PyAny>,
    /// Its fields, in order.
    pub(crate) fields: Vec<String>,
}

/// The registry, read once.
pub(crate) fn types(py: Python<'_>) -> PyResult<&'static Types> {
    static TYPES: PyOnceLock<Types> = PyOnceLock::new();
    TYPES.get_or_try_init(py, || Types::read(py))
}

impl Types {
    fn read(py: Python<'_>) -> PyResult<Self> {
        let wire = py.import("misp_onboarding._wire")?;
        let mut fields: HashMap<String, Vec<String>> = wire.getattr("FIELDS")?.extract()?;
        let mut variants = HashMap::new();
        for (name, class) in wire.getattr("VARIANTS")?.cast_into::<PyDict>()? {
            let name: String = name.extract()?;
            let fields = fields.remove(&name).unwrap_or_default();
            variants.insert(name, Variant { class: class.unbind(), fields });
        }
        Ok(Self {
            classes: wire.getattr("CLASSES")?.extract()?,
            enums: wire.getattr("ENUMS")?.extract()?,
            variants,
        })
    }

    /// The class of a structure.
    pub(crate) fn class<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.structure(py, name).ok_or_else(|| PyLookupError::new_err(format!("no class stands for {name}")))
    }

    /// The class of a structure, where there is one.
    pub(crate) fn structure<'py>(&self, py: Python<'py>, name: &str) -> Option<Bound<'py, PyAny>> {
        self.classes.get(name).map(|class| class.bind(py).clone())
    }

    /// The members of an enumeration.
    pub(crate) fn members(&self, name: &str) -> Option<&HashMap<String, Py<PyAny>>> {
        self.enums.get(name)
    }

    /// The class of a variant.
    pub(crate) fn variant(&self, name: &str, variant: &str) -> Option<&Variant> {
        self.variants.get(&format!("{name}.{variant}"))
    }
}
