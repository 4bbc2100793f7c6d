//! Making an engine: on which store, with which rules, clock and pepper.

use std::path::PathBuf;
use std::sync::Arc;

use misp_onboarding::license_key::Pepper;
use misp_onboarding::store::{MemoryStore, Store, StoreError};
use misp_onboarding::{Rules, onboarding};
use misp_onboarding_postgres::{PostgresOptions, PostgresStore, Tls};
use misp_onboarding_sqlite::SqliteStore;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyString;

use super::Onboarding;
use super::clock::PythonClock;
use crate::store::PythonStore;
use crate::{arguments, error, license_key};

/// What an engine is set up with, whatever its store.
pub(crate) struct Settings {
    rules: Rules,
    clock: Option<PythonClock>,
    pepper: Option<Pepper>,
}

impl Settings {
    /// Reads the keywords that every way to make an engine has.
    pub(crate) fn read(
        py: Python<'_>,
        rules: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
        pepper: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        Ok(Self {
            rules: arguments::value_or_default("rules", rules)?,
            clock: clock.map(PythonClock::new).transpose()?,
            pepper: pepper.map(|secret| license_key::pepper(py, secret)).transpose()?,
        })
    }

    /// The engine on a store; `on` names the kind of store.
    pub(crate) fn build(
        self,
        py: Python<'_>,
        store: Arc<dyn Store>,
        on: &'static str,
    ) -> PyResult<Onboarding> {
        let mut builder: onboarding::OnboardingBuilder =
            misp_onboarding::Onboarding::builder(store).rules(self.rules);
        if let Some(clock) = self.clock {
            builder = builder.clock(Arc::new(clock));
        }
        if let Some(pepper) = &self.pepper {
            builder = builder.pepper(pepper);
        }
        let engine = builder.build().map_err(|invalid| error::of(py, invalid.into()))?;
        Ok(Onboarding { engine, on })
    }
}

#[pymethods]
impl Onboarding {
    /// The engine on a store of the host's own, an object with the methods of `misp_onboarding.stores.Store`.
    ///
    /// The store may be called from several threads at a time. Where it raises one of the failures that `stores` has,
    /// the engine deals with it; any other exception comes out as the `__cause__` of a `StoreFailedError`, and nothing
    /// has changed. `rules`, `clock` and `pepper` are those of `in_memory`.
    ///
    /// Raises `TypeError` for an object that lacks a method, `InvalidInputError` as `in_memory` does.
    #[new]
    #[pyo3(signature = (store, *, rules=None, clock=None, pepper=None))]
    fn new(
        py: Python<'_>,
        store: &Bound<'_, PyAny>,
        rules: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
        pepper: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        let store = PythonStore::new(store)?;
        Settings::read(py, rules, clock, pepper)?.build(py, Arc::new(store), "a store of its own")
    }

    /// The engine on a new store in memory, which forgets everything when it is dropped.
    ///
    /// `rules` are `Rules`, or a mapping of the same names. `clock` is an object with a method `now`, or a callable,
    /// that answers with a datetime with a time zone; the operating system's clock unless given. `pepper` is a secret
    /// of at least 32 bytes that license key digests are made under; keys made without it, or under another, are
    /// unknown then.
    ///
    /// Raises `InvalidInputError` for rules that contradict each other, or a pepper that is shorter.
    #[staticmethod]
    #[pyo3(signature = (*, rules=None, clock=None, pepper=None))]
    fn in_memory(
        py: Python<'_>,
        rules: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
        pepper: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        Settings::read(py, rules, clock, pepper)?.build(py, Arc::new(MemoryStore::new()), "memory")
    }

    /// The engine on a database, made or brought up to date where needed.
    ///
    /// * `sqlite:///data.sqlite` is a file relative to the working directory, `sqlite:////srv/data.sqlite` an absolute
    ///   one, `sqlite://` a database in memory. A `pathlib.Path` is a file too.
    /// * `postgresql://user:password@host:5432/database` (or `postgres://`) is a database server. Of the keywords that
    ///   are for it alone, `schema` is where the tables are (`misp_onboarding` unless given), `connections` how many
    ///   may be open at the same time (8 unless given), `tls_roots` one or more root certificates in PEM: connections
    ///   are encrypted then, to a server whose certificate leads to one of them.
    ///
    /// `rules`, `clock` and `pepper` are those of `in_memory`.
    ///
    /// Raises `InvalidInputError` for another URL, `StoreFailedError` where the database cannot be opened.
    #[staticmethod]
    #[pyo3(signature = (url, *, rules=None, clock=None, pepper=None, schema=None, connections=None, tls_roots=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn open(
        py: Python<'_>,
        url: &Bound<'_, PyAny>,
        rules: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
        pepper: Option<Vec<u8>>,
        schema: Option<String>,
        connections: Option<i64>,
        tls_roots: Option<arguments::File>,
    ) -> PyResult<Self> {
        let settings = Settings::read(py, rules, clock, pepper)?;
        let place = place(url)?;
        let for_postgres = schema.is_some() || connections.is_some() || tls_roots.is_some();
        if for_postgres && !matches!(place, Place::Postgres(_)) {
            let rule = "a postgresql URL for schema, connections and tls_roots needed, found another";
            return Err(error::of_argument(py, "url", rule));
        }
        let opened = py.detach(|| -> Result<(Arc<dyn Store>, &'static str), StoreError> {
            Ok(match place {
                Place::SqliteInMemory => (Arc::new(SqliteStore::open_in_memory()?), "SQLite in memory"),
                Place::Sqlite(path) => (Arc::new(SqliteStore::open(path)?), "SQLite"),
                Place::Postgres(url) => {
                    let mut options = PostgresOptions::default();
                    if let Some(schema) = schema {
                        options = options.schema(schema);
                    }
                    if let Some(connections) = connections {
                        options = options.connections(usize::try_from(connections).unwrap_or_default());
                    }
                    if let Some(roots) = tls_roots {
                        options = options.tls(Tls::Required { roots: roots.bytes().to_vec() });
                    }
                    (Arc::new(PostgresStore::connect(&url, &options)?), "PostgreSQL")
                }
            })
        });
        let (store, on) = opened.map_err(|failed| error::of(py, failed.into()))?;
        settings.build(py, store, on)
    }
}

/// Where a database is.
enum Place {
    SqliteInMemory,
    Sqlite(PathBuf),
    Postgres(PyBackedStr),
}

fn place(url: &Bound<'_, PyAny>) -> PyResult<Place> {
    if !url.is_instance_of::<PyString>() {
        return url.extract().map(Place::Sqlite);
    }
    let text: PyBackedStr = url.extract()?;
    Ok(match text.split_once("://") {
        Some(("sqlite", "" | "/:memory:")) => Place::SqliteInMemory,
        Some(("sqlite", path)) if path.len() > 1 && path.starts_with('/') => Place::Sqlite(path[1..].into()),
        Some(("postgresql" | "postgres", _)) => Place::Postgres(text),
        found => {
            // Not the rest of it, which may hold a password.
            let found = found.map_or("text without ://", |(scheme, _)| scheme);
            let rule =
                format!("sqlite:///file, sqlite:// or postgresql://host/database needed, found {found:?}");
            return Err(error::of_argument(url.py(), "url", &rule));
        }
    })
}
