//! The store passes the suite that every store must pass, in a file and in memory.

mod in_a_file {
    use misp_onboarding_sqlite::SqliteStore;
    use misp_onboarding_testkit::conformance::Guarded;

    misp_onboarding_testkit::store_conformance!(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("onboarding.sqlite")).unwrap();
        Guarded::new(store, folder)
    });
}

mod in_memory {
    use misp_onboarding_sqlite::SqliteStore;

    misp_onboarding_testkit::store_conformance!(|| SqliteStore::open_in_memory().unwrap());
}
