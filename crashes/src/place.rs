//! Where a store is, for several processes to open it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use misp_onboarding::store::{Store, StoreError};
use misp_onboarding_postgres::{PostgresOptions, PostgresStore};
use misp_onboarding_sqlite::SqliteStore;
use postgres::{Client, NoTls};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// What a store can be opened by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Place {
    /// A file of the SQLite store.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database.
    Postgres {
        /// The database.
        url: String,
        /// The schema.
        schema: String,
    },
}

impl Place {
    /// Opens the store, and makes it first where it is not there yet.
    ///
    /// # Errors
    /// As the store's own.
    pub fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::Sqlite(file) => Arc::new(SqliteStore::open(file)?),
            Self::Postgres { url, schema } => {
                Arc::new(PostgresStore::connect(url, &PostgresOptions::default().schema(schema))?)
            }
        })
    }
}

/// A place of a test's own, where nothing is yet; emptied when it is dropped.
#[derive(Debug)]
pub struct NewPlace {
    place: Place,
    _folder: Option<TempDir>,
}

impl NewPlace {
    /// A file in a new folder below `parent`, whose file system keeps it as it would a host's.
    pub fn sqlite(parent: &Path) -> Self {
        std::fs::create_dir_all(parent).expect("the folder for databases is made");
        let folder = tempfile::tempdir_in(parent).expect("a folder is made");
        let place = Place::Sqlite(folder.path().join("onboarding.sqlite"));
        Self { place, _folder: Some(folder) }
    }

    /// A schema that no other test has, in the database at `url`.
    pub fn postgres(url: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("crash_{}_{number}", std::process::id());
        let new = Self { place: Place::Postgres { url: url.to_owned(), schema }, _folder: None };
        new.remove();
        new
    }

    /// The place.
    pub fn place(&self) -> &Place {
        &self.place
    }

    fn remove(&self) {
        if let Place::Postgres { url, schema } = &self.place {
            let mut client = Client::connect(url, NoTls).expect("the server answers");
            let sql = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
            client.batch_execute(&sql).expect("the schema is dropped");
        }
    }
}

impl Drop for NewPlace {
    fn drop(&mut self) {
        // A test that failed keeps what it failed on.
        if !std::thread::panicking() {
            self.remove();
        }
    }
}
