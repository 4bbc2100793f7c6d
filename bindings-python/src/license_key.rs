//! The license key itself.

use misp_onboarding::license_key::{KeyHasher, LicenseKey as Key, Pepper};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;

use crate::{arguments, error};

/// A license key in clear. It does not print itself, and can be neither copied nor pickled: only `reveal` shows it.
///
/// A generated key is `misp_`, 43 random characters (more than 256 bits) and a checksum of 6: letters, digits and `_`
/// only, 54 characters. An imported key is MOSIP's: 50 letters and digits.
#[pyclass(frozen, module = "misp_onboarding.license_keys")]
pub(crate) struct LicenseKey {
    pub(crate) key: Key,
}

#[pymethods]
impl LicenseKey {
    /// Reads a key as somebody presents it, a generated one or one of MOSIP's.
    ///
    /// Raises `InvalidInputError` with what about its form is wrong, never with the text itself.
    #[staticmethod]
    fn parse(py: Python<'_>, text: PyBackedStr) -> PyResult<Self> {
        Key::parse(&text)
            .map(|key| Self { key })
            .map_err(|malformed| error::of_argument(py, "text", &malformed.to_string()))
    }

    /// Makes a key from the operating system's generator. No store knows it: `Onboarding.generate_license_key` makes
    /// one that authenticates.
    ///
    /// Raises `StoreFailedError` where the generator fails.
    #[staticmethod]
    fn generate(py: Python<'_>) -> PyResult<Self> {
        let made = Key::generate(&mut getrandom::SysRng).map(|key| Self { key });
        made.map_err(|failed| error::of(py, misp_onboarding::Error::Random(failed.into())))
    }

    /// The key in clear. Whoever has it can authenticate: hand it over, and keep it nowhere.
    fn reveal(&self) -> &str {
        self.key.reveal()
    }

    /// The last four characters, for display.
    #[getter]
    fn last4(&self) -> &str {
        self.key.last4()
    }

    /// What stores keep in its place: SHA-256, or HMAC-SHA-256 under a pepper of at least 32 bytes; 64 hexadecimal
    /// digits.
    ///
    /// Raises `InvalidInputError` for a pepper that is shorter.
    #[pyo3(signature = (*, pepper=None))]
    fn digest(&self, py: Python<'_>, pepper: Option<Vec<u8>>) -> PyResult<String> {
        let hasher = pepper.map_or_else(
            || Ok(KeyHasher::sha256()),
            |secret| self::pepper(py, secret).map(|pepper| KeyHasher::peppered(&pepper)),
        )?;
        Ok(self.key.digest(&hasher).to_string())
    }

    fn __repr__(&self) -> &'static str {
        "LicenseKey(elided)"
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a license key is neither copied nor pickled"))
    }
}

/// The secret that digests are made under.
pub(crate) fn pepper(py: Python<'_>, secret: Vec<u8>) -> PyResult<Pepper> {
    Pepper::new(secret).map_err(|problem| error::of_argument(py, "pepper", &problem.to_string()))
}

/// A license key from Python, for `arguments`.
pub(crate) fn revealed(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Key> {
    let Ok(key) = value.cast::<LicenseKey>() else {
        let problem = crate::bridge::Problem::kind_of(value, "a LicenseKey");
        return Err(problem.in_argument(value.py(), name));
    };
    // It was parsed or generated, so it parses.
    arguments::text(value.py(), name, key.get().key.reveal())
}
