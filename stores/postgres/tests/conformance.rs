//! The store passes the suite that every store must pass, each case in a schema of its own.

mod support;

misp_onboarding_testkit::store_conformance!(support::guarded);
