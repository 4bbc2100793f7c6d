//! Moving a whole store: the engine's export and import on a file of Python's, at either end of which may be a store
//! that is written in Python.

mod file;

use misp_onboarding::store::Store;
use misp_onboarding::transfer::{self, Progress, TransferError};
use misp_onboarding::{Clock, SystemClock};
use pyo3::prelude::*;

use crate::onboarding::{Onboarding, detached, raise_through};
use crate::store::PythonStore;
use crate::{arguments, bridge, error};
use file::{Reader, Writer};

/// Writes everything that a store holds, but no secrets, as lines of JSON.
///
/// `store` is an `Onboarding`, whose store is read, or a store of the host's own. `file` has a method `write` that
/// takes bytes, or str where it has an `encoding`, as text files have. `at` is the present instant, a datetime with a
/// time zone, for the file to name; that of the operating system's clock unless given. `progress` is called with a
/// `Progress` after each page of some hundred records, when what it tells of has been handed to the file.
///
/// Answers with the `Counts` of what is in the file. What is in memory at a time does not grow with the store.
///
/// Raises `TransferError` (`transfer.moved`) where a command was carried out meanwhile; `StoreFailedError` where the
/// store fails; what `file` and `progress` raise, as it is. What the file has until then is good to go on from: see
/// `unfinished`.
#[pyfunction]
#[pyo3(signature = (store, file, *, at=None, progress=None))]
pub(crate) fn export<'py>(
    py: Python<'py>,
    store: Side<'py>,
    file: &Bound<'py, PyAny>,
    at: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    go_on(py, &store, transfer::Unfinished::default(), file, at, progress)
}

/// Goes on with an export that was broken off.
///
/// `unfinished` is what `unfinished` answered about the file, which has to be cut after that many bytes; `file` then
/// takes the rest. The other arguments are those of `export`, but that `at` counts only where nothing is there yet.
///
/// Answers and raises as `export`; `transfer.moved` also where a command was carried out since it was broken off, so
/// that it must begin anew, and `transfer.differs` where the file is of another store.
#[pyfunction]
#[pyo3(signature = (store, unfinished, file, *, at=None, progress=None))]
pub(crate) fn resume<'py>(
    py: Python<'py>,
    store: Side<'py>,
    unfinished: &Unfinished,
    file: &Bound<'py, PyAny>,
    at: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    go_on(py, &store, unfinished.unfinished.clone(), file, at, progress)
}

fn go_on<'py>(
    py: Python<'py>,
    store: &Side<'py>,
    unfinished: transfer::Unfinished,
    file: &Bound<'py, PyAny>,
    at: Option<&Bound<'py, PyAny>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let at = at.map_or_else(|| Ok(SystemClock.now()), |at| arguments::instant("at", at))?;
    let (store, to) = (store.store(), Writer::new(file)?);
    let counts = call(py, move || {
        transfer::resume(store, at, unfinished, &to, |so_far| {
            let told = to.hand_over().map_err(PyErr::from).and_then(|()| tell(progress.as_ref(), so_far));
            told.unwrap_or_else(|raised| raise_through(raised));
        })
    })?;
    bridge::to_python(py, &counts)
}

/// Reads how far an export got, from the beginning of `file`, which has a method `read`; the last line may be cut.
///
/// Answers with an `Unfinished`, None where the export is complete.
///
/// Raises `TransferError` where the file is none that an export wrote; what `file` raises, as it is.
#[pyfunction]
pub(crate) fn unfinished(py: Python<'_>, file: &Bound<'_, PyAny>) -> PyResult<Option<Unfinished>> {
    let mut from = Reader::new(file)?;
    let found = call(py, || transfer::unfinished(&mut from))?;
    Ok(found.map(|unfinished| Unfinished { unfinished }))
}

/// Reads everything that a file holds into a store, in commits of some hundred records. What is there and equal is left
/// alone, so an import that was broken off is begun again, with the file from its beginning.
///
/// `store` is an `Onboarding`, whose store is written to, or a store of the host's own; either should be used for
/// nothing else until this has succeeded. `file` has a method `read` that takes a number and answers with at most as
/// many bytes, or characters of text, and none at its end. `progress` is called with a `Progress` after each commit.
///
/// Answers with an `Imported`. What is in memory at a time does not grow with the file.
///
/// Raises `TransferError`: `transfer.differs` where the store holds something else, before anything is written if it
/// has events that the file has not; other codes where the file is cut, damaged or no export. `ConflictError` where
/// another record in the store has something that is unique, `StoreFailedError` where the store fails; what `file` and
/// `progress` raise, as it is. Every commit until then stands.
#[pyfunction]
#[pyo3(name = "import_", signature = (store, file, *, progress=None))]
pub(crate) fn import<'py>(
    py: Python<'py>,
    store: Side<'py>,
    file: &Bound<'py, PyAny>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (store, mut from) = (store.store(), Reader::new(file)?);
    let imported = call(py, || {
        transfer::import(store, &mut from, |so_far| {
            tell(progress.as_ref(), so_far).unwrap_or_else(|raised| raise_through(raised));
        })
    })?;
    bridge::to_python(py, &imported)
}

/// Reads `file` to its end, without a store: whether it is whole and undamaged. It has a method `read`.
///
/// Answers with the `Counts` of what it holds.
///
/// Raises `TransferError` where the file is cut, damaged or no export; what `file` raises, as it is.
#[pyfunction]
pub(crate) fn verify<'py>(py: Python<'py>, file: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let mut from = Reader::new(file)?;
    let counts = call(py, || transfer::verify(&mut from))?;
    bridge::to_python(py, &counts)
}

/// Does something with the interpreter released.
fn call<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, TransferError> + Send) -> PyResult<T> {
    detached(py, work)?.map_err(|failed| error::of_transfer(py, failed))
}

/// Tells the host how far it is.
fn tell(progress: Option<&Py<PyAny>>, so_far: &Progress) -> PyResult<()> {
    let Some(progress) = progress else { return Ok(()) };
    Python::attach(|py| progress.call1(py, (bridge::to_python(py, so_far)?,)).map(drop))
}

/// An export that was broken off, as far as its file goes.
#[pyclass(frozen, module = "misp_onboarding.transfer")]
pub(crate) struct Unfinished {
    unfinished: transfer::Unfinished,
}

#[pymethods]
impl Unfinished {
    /// How many bytes of the file are whole lines. The file must be cut there before the export goes on.
    #[getter]
    fn bytes(&self) -> u64 {
        self.unfinished.bytes()
    }

    /// The `Counts` of what is in the file.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bridge::to_python(py, &self.unfinished.counts())
    }

    fn __repr__(&self) -> String {
        let counts = self.unfinished.counts();
        format!("<Unfinished export of {} events and records, {} bytes>", counts.total(), self.bytes())
    }
}

/// The store at one side of the file.
pub(crate) enum Side<'py> {
    Engine(Bound<'py, Onboarding>),
    Own(PythonStore),
}

impl Side<'_> {
    fn store(&self) -> &dyn Store {
        match self {
            Self::Engine(engine) => engine.get().engine().store(),
            Self::Own(store) => store,
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Side<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.cast::<Onboarding>() {
            Ok(engine) => Ok(Self::Engine(engine.to_owned())),
            Err(_) => PythonStore::new(&object).map(Self::Own),
        }
    }
}
