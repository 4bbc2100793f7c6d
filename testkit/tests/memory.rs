//! The in-memory store passes the suite.

use misp_onboarding::store::MemoryStore;

misp_onboarding_testkit::store_conformance!(MemoryStore::new);
