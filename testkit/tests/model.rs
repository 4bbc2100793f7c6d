//! Random commands on the in-memory store do what the model says, and a store that is a little wrong is caught.
#![allow(clippy::unwrap_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::license_key::{AuthenticationRecord, LicenseKeyDigest};
use misp_onboarding::store::{EventRepository, LicenseKeyRepository, MemoryStore, Store, StoreError};
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::model::Comparison;

#[test]
fn random_commands_do_what_the_model_says() {
    let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.regressions");
    Comparison { cases: 300, regressions: Some(regressions) }.run(MemoryStore::new);
}

/// A store that keeps keys good for one microsecond too long.
#[derive(Default)]
struct Late(MemoryStore);

impl Layer for Late {
    fn below(&self) -> &dyn Store {
        &self.0
    }

    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        let late = |found: Arc<AuthenticationRecord>| {
            let mut record = (*found).clone();
            record.expires_at = Timestamp::from_unix_micros(record.expires_at.unix_micros() + 1);
            Arc::new(record)
        };
        Ok(self.0.find_by_digest(digest)?.map(late))
    }
}

/// A store that tells of nobody's deactivation.
#[derive(Default)]
struct Silent(MemoryStore);

impl Layer for Silent {
    fn below(&self) -> &dyn Store {
        &self.0
    }

    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        let mut events = self.0.events_after(after, limit)?;
        events.retain(|event| event.event.new_state.as_deref() != Some("deactivated"));
        Ok(events)
    }
}

fn is_caught<S: Store + 'static>(empty_store: impl Fn() -> S) {
    let comparison = Comparison { cases: 400, regressions: None };
    let panic = catch_unwind(AssertUnwindSafe(|| comparison.run(empty_store))).unwrap_err();
    let told = panic.downcast_ref::<String>().unwrap();
    assert!(told.contains("in the sequence"), "{told}");
}

#[test]
fn a_store_that_keeps_keys_good_too_long_is_caught() {
    is_caught(|| Layered(Late::default()));
}

#[test]
fn a_store_that_leaves_events_out_is_caught() {
    is_caught(|| Layered(Silent::default()));
}
