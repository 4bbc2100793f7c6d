//! Stores that commit in part, or whose lookups find something else than their lists show.

use std::sync::{Arc, Mutex};

use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::id::{LicenseKeyId, PolicyGroupId, PolicyLinkId};
use misp_onboarding::license_key::{AuthenticationRecord, LicenseKeyDigest, LicenseKeyName, LicenseKeyState};
use misp_onboarding::partner::{EmailAddress, Partner, PartnerId};
use misp_onboarding::policy::{PolicyGroupName, PolicyGroupState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::store::{
    Change, ChangeSet, EventRepository, LicenseKeyRepository, MemoryStore, PolicyLinkRepository, Record,
    Store, StoreError,
};
use misp_onboarding_testkit::conformance::samples::literal;
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::invariants;

use crate::{fill, healthy};

/// Declares a layer over the in-memory store.
macro_rules! layer {
    ($name:ident { $($method:tt)* }) => {
        struct $name(MemoryStore);

        impl Layer for $name {
            fn below(&self) -> &dyn Store {
                &self.0
            }

            $($method)*
        }
    };
}

/// What is wrong with a healthy store that is read through a layer.
fn read_through<L: Layer>(layer: impl FnOnce(MemoryStore) -> L) -> Vec<String> {
    invariants::check(&Layered(layer(healthy()))).unwrap()
}

#[track_caller]
fn must_tell(found: &[String], told: &str) {
    assert!(found.iter().any(|violation| violation.contains(told)), "{told}: {found:#?}");
}

layer!(LosesEvents {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        self.0.commit(&ChangeSet { changes: changes.changes.clone(), events: Vec::new() })
    }
});

/// Of all changes this one is missed least: nothing but the group's version tells of it.
fn moves_a_group(change: &Change) -> bool {
    matches!(change, Change::Update(Record::PolicyGroup(group)) if group.state == PolicyGroupState::Active)
}

layer!(LosesMovesOfGroups {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut changes = changes.clone();
        changes.changes.retain(|change| !moves_a_group(change));
        self.0.commit(&changes)
    }
});

#[test]
fn commits_in_part_are_found() {
    let store = Arc::new(Layered(LosesEvents(MemoryStore::new())));
    fill(store.clone());
    must_tell(&invariants::check(&*store).unwrap(), "must be told of, found no event");
    let store = Arc::new(Layered(LosesMovesOfGroups(MemoryStore::new())));
    fill(store.clone());
    let found = invariants::check(&*store).unwrap();
    assert!(!found.is_empty());
    for violation in found {
        assert!(violation.starts_with("policy_group "), "{violation}");
        assert!(violation.contains("its version must be"), "{violation}");
    }
}

layer!(LosesPartners {
    fn partner(&self, _: &PartnerId) -> Result<Option<Partner>, StoreError> {
        Ok(None)
    }
});

layer!(KnowsNoEmail {
    fn partner_id_by_email(&self, _: &EmailAddress) -> Result<Option<PartnerId>, StoreError> {
        Ok(Some(literal("new")))
    }
});

layer!(KnowsNoGroupName {
    fn policy_group_named(&self, _: &PolicyGroupName) -> Result<Option<PolicyGroupId>, StoreError> {
        Ok(None)
    }
});

layer!(ForgetsKeyNames {
    fn live_license_key_named(
        &self,
        partner: &PartnerId,
        name: &LicenseKeyName,
    ) -> Result<Option<LicenseKeyId>, StoreError> {
        Ok(self.0.live_license_key_named(partner, name)?.filter(|_| name.as_str() != "production"))
    }
});

layer!(LetsDeactivatedKeysIn {
    fn find_by_digest(&self, digest: &LicenseKeyDigest) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        let found = self.0.find_by_digest(digest)?;
        Ok(found.map(|found| Arc::new(AuthenticationRecord { state: LicenseKeyState::Active, ..(*found).clone() })))
    }
});

layer!(FindsLinksPending {
    fn policy_link(&self, id: PolicyLinkId) -> Result<Option<PolicyLink>, StoreError> {
        Ok(self.0.policy_link(id)?.map(|link| PolicyLink { state: PolicyLinkState::Pending, ..link }))
    }
});

#[test]
fn lookups_that_find_something_else_are_found() {
    must_tell(&read_through(LosesPartners), "partner bank: its lookup must find what the list shows");
    must_tell(&read_through(KnowsNoEmail), "what its id and email address find must be");
    must_tell(&read_through(KnowsNoGroupName), "what its name finds must be");
    must_tell(&read_through(ForgetsKeyNames), "what its name finds must be");
    must_tell(&read_through(LetsDeactivatedKeysIn), "what its digest finds must be");
    must_tell(&read_through(FindsLinksPending), "its lookup must find what the list shows");
}

/// Somebody commits whenever the end of the events was read.
struct NeverRests(MemoryStore, Mutex<u64>);

impl Layer for NeverRests {
    fn below(&self) -> &dyn Store {
        &self.0
    }

    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        let mut events = self.0.events_after(after, limit)?;
        if events.is_empty() && limit == 1 {
            *self.1.lock().unwrap() += 1;
            events = self.0.events_after(EventSequence::START, 1)?;
        }
        Ok(events)
    }
}

#[test]
fn a_store_that_others_keep_changing_is_not_judged() {
    let store = Layered(NeverRests(healthy(), Mutex::default()));
    let told = invariants::check(&store).unwrap_err().to_string();
    assert!(told.contains("nobody may change the store while it is read"), "{told}");
    assert_eq!(*store.0.1.lock().unwrap(), 20, "it was read again");
}
