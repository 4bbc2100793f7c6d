//! What hosts need to test with: certificates, and the suite for stores. Kotlin's package `testing` is made of it.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::store::Store as CoreStore;
use misp_onboarding_testkit::{conformance, pki};

use crate::error::StoreError;
use crate::store::{HostStore, Store};

/// A root and an issuing CA below it, both good at a given instant, and partner certificates on demand. For tests: all
/// of them have the same keys.
#[derive(uniffi::Object)]
pub struct TestPki(pki::TestPki);

#[uniffi::export]
impl TestPki {
    /// The PKI around `at`: `Test Root CA` and `Test Issuing CA`.
    #[uniffi::constructor]
    pub fn new(at: Timestamp) -> Self {
        Self(pki::TestPki::new(at))
    }

    /// Root and issuing CA as one PEM file, ready to be uploaded.
    pub fn ca_pem(&self) -> Vec<u8> {
        self.0.ca_pem().into_bytes()
    }

    /// The root alone, in PEM.
    pub fn root_pem(&self) -> Vec<u8> {
        self.0.root.pem().into_bytes()
    }

    /// The issuing CA alone, in PEM.
    pub fn issuing_pem(&self) -> Vec<u8> {
        self.0.issuing.pem().into_bytes()
    }

    /// A certificate for the partner `organization` in PEM, by default from a day before the instant of the PKI to 730
    /// days after.
    #[uniffi::method(default(not_before = None, not_after = None))]
    pub fn issue(
        &self,
        organization: String,
        not_before: Option<Timestamp>,
        not_after: Option<Timestamp>,
    ) -> Vec<u8> {
        let first = not_before.unwrap_or(self.0.at.plus_days(-1));
        let last = not_after.unwrap_or(self.0.at.plus_days(730));
        let certificate = self.0.issue_with(&organization, |partner| partner.valid(first, last));
        certificate.pem().into_bytes()
    }
}

/// Makes an empty store for each case of the suite.
#[uniffi::export(with_foreign)]
pub trait StoreFactory: Send + Sync {
    /// An empty store.
    fn create(&self) -> Result<Arc<dyn Store>, StoreError>;
}

/// How a store did in one case of the suite.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ConformanceOutcome {
    /// What the store must do.
    pub case: String,
    /// What it did otherwise; null where it passed.
    pub failure: Option<String>,
}

/// Runs every case of the suite, each on a store of its own.
#[uniffi::export]
pub fn store_conformance(stores: Arc<dyn StoreFactory>) -> Vec<ConformanceOutcome> {
    let outcomes = conformance::report(|| {
        let store: Box<dyn CoreStore> = Box::new(HostStore(stores.create()?));
        Ok(store)
    });
    outcomes
        .into_iter()
        .map(|outcome| ConformanceOutcome { case: outcome.case.to_owned(), failure: outcome.failure })
        .collect()
}
