//! Chapter 10: what never happens, also when the store fails.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use misp_onboarding::id::{PolicyId, PolicyLinkId};
use misp_onboarding::license_key::{ImportLicenseKey, RegenerateLicenseKey};
use misp_onboarding::list::ListRequest;
use misp_onboarding::partner::{PartnerId, PartnerUpdate};
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, PolicyEdit};
use misp_onboarding::store::{MemoryStore, Store, StoreError};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Error, ErrorKind, Onboarding};
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::scenario::{BEGIN, DOCUMENT, ORGANIZATION, Scenario, generate};

use crate::kind;

/// A store that answers some calls and then fails one.
struct Failing {
    store: MemoryStore,
    /// Calls left until the failing one; it and those after it fail. `u32::MAX`: none does.
    left: AtomicU32,
    /// How many calls there were.
    calls: AtomicU32,
}

impl Layer for Failing {
    fn below(&self) -> &dyn Store {
        &self.store
    }

    fn before(&self) -> Result<(), StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let left = self.left.load(Ordering::SeqCst);
        if left == u32::MAX {
            return Ok(());
        }
        if left == 0 {
            return Err(StoreError::unavailable("pulled the plug"));
        }
        self.left.store(left - 1, Ordering::SeqCst);
        Ok(())
    }
}

fn failing() -> (Arc<Layered<Failing>>, Scenario) {
    let layer =
        Failing { store: MemoryStore::new(), left: AtomicU32::new(u32::MAX), calls: AtomicU32::new(0) };
    let store = Arc::new(Layered(layer));
    (store.clone(), Scenario::new(store))
}

/// What the commands of a test work on.
struct World {
    bank: PartnerId,
    inactive: PartnerId,
    policy: PolicyId,
    draft: PolicyId,
    pending: PolicyLinkId,
    second_pending: PolicyLinkId,
    requestable: PolicyId,
    key: misp_onboarding::id::LicenseKeyId,
    ca: misp_onboarding::id::CaCertificateId,
    group: misp_onboarding::id::PolicyGroupId,
}

fn world(s: &Scenario) -> World {
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let inactive = s.partner("inactive");
    let own_group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let draft = s.draft(own_group, "draft").id;
    let pending = s.request(&bank, s.policy(own_group, "one")).id;
    let second_pending = s.request(&bank, s.policy(own_group, "two")).id;
    let requestable = s.policy(own_group, "three");
    let key = s.license_key(&bank, "key").view.row.key.id;
    let cas = s.onboarding.list_ca_certificates(&s.admin, &Default::default()).unwrap().items;
    let group = s.policy_group("empty").id;
    World { bank, inactive, policy, draft, pending, second_pending, requestable, key, ca: cas[0].id, group }
}

type Command = (&'static str, fn(&Scenario, &World) -> Result<(), Error>);

const COMMANDS: &[Command] = &[
    ("upload CA certificates", |s, _| {
        let root =
            misp_onboarding_testkit::pki::CertificateBuilder::root("Another").valid_around(BEGIN, 4_000);
        let file = root.self_signed();
        s.onboarding.upload_ca_certificates(&s.admin, &TrustDomain::auth(), file.der()).map(drop)
    }),
    ("create a partner", |s, _| s.onboarding.create_partner(&s.admin, &s.new_partner("new")).map(drop)),
    ("update a partner", |s, w| {
        let update = PartnerUpdate { email: Some("x@example.org".into()), ..Default::default() };
        s.onboarding.update_partner(&s.admin, &w.bank, &update).map(drop)
    }),
    ("select a policy group", |s, w| {
        s.onboarding.select_policy_group(&s.admin, &w.inactive, w.group).map(drop)
    }),
    ("upload a first certificate", |s, w| {
        let leaf = s.pki.issue(ORGANIZATION);
        s.onboarding.upload_certificate(&s.admin, &w.inactive, leaf.der()).map(drop)
    }),
    ("upload a later certificate", |s, w| {
        let leaf = s.pki.issue_with(ORGANIZATION, |leaf| leaf.serial(77));
        s.onboarding.upload_certificate(&s.admin, &w.bank, leaf.der()).map(drop)
    }),
    ("create a policy group", |s, _| {
        let new = NewPolicyGroup { name: "new".into(), description: "x".into() };
        s.onboarding.create_policy_group(&s.manager, &new).map(drop)
    }),
    ("deactivate a policy group", |s, w| s.onboarding.deactivate_policy_group(&s.manager, w.group).map(drop)),
    ("create a policy", |s, w| {
        let new = NewPolicy {
            group: w.group,
            name: "new".into(),
            description: "x".into(),
            document: DOCUMENT.into(),
            valid_until: None,
        };
        s.onboarding.create_policy(&s.manager, &new).map(drop)
    }),
    ("edit a policy", |s, w| {
        let edit = PolicyEdit { name: Some("renamed".into()), ..Default::default() };
        s.onboarding.edit_policy(&s.manager, w.draft, &edit).map(drop)
    }),
    ("publish a policy", |s, w| s.onboarding.publish_policy(&s.manager, w.draft).map(drop)),
    ("deactivate a policy", |s, w| s.onboarding.deactivate_policy(&s.manager, w.requestable).map(drop)),
    ("request a policy", |s, w| s.onboarding.request_policy(&s.admin, &w.bank, w.requestable, "x").map(drop)),
    ("approve a link", |s, w| s.onboarding.approve_policy_link(&s.admin, w.pending, None).map(drop)),
    ("reject a link", |s, w| s.onboarding.reject_policy_link(&s.admin, w.second_pending, None).map(drop)),
    ("generate a key", |s, w| {
        let command = misp_onboarding::license_key::GenerateLicenseKey {
            policy: Some(w.policy),
            ..generate(&w.bank, "new")
        };
        s.onboarding.generate_license_key(&s.admin, &command).map(drop)
    }),
    ("regenerate a key", |s, w| {
        let command = RegenerateLicenseKey { name: Some("renamed".into()), ..Default::default() };
        s.onboarding.regenerate_license_key(&s.admin, w.key, &command).map(drop)
    }),
    ("deactivate a key", |s, w| s.onboarding.deactivate_license_key(&s.admin, w.key).map(drop)),
    ("import keys", |s, w| {
        let key = |number: u32| ImportLicenseKey {
            key: format!("{number:0>50}").parse().unwrap(),
            partner: w.bank.clone(),
            policy: Some(w.policy),
            name: format!("imported {number}"),
            expires_at: BEGIN.plus_days(1),
        };
        s.onboarding.import_license_keys(&s.admin, &[key(1), key(2)]).map(drop)
    }),
    ("deactivate a partner", |s, w| s.onboarding.deactivate_partner(&s.admin, &w.bank).map(drop)),
];

#[test]
fn whichever_call_of_the_store_fails_the_command_says_so_and_nothing_has_changed() {
    for (name, command) in COMMANDS {
        let mut failures = 0;
        loop {
            let (store, s) = failing();
            let w = world(&s);
            let before = s.onboarding.events(&s.admin, Default::default(), 1_000).unwrap();
            store.0.left.store(failures, Ordering::SeqCst);
            let result = command(&s, &w);
            store.0.left.store(u32::MAX, Ordering::SeqCst);
            let after = s.onboarding.events(&s.admin, Default::default(), 1_000).unwrap();
            match result {
                Ok(()) => {
                    assert!(after.len() > before.len(), "{name}");
                    break;
                }
                Err(error) => {
                    assert_eq!(
                        (error.kind(), error.code()),
                        (ErrorKind::Store, "store.unavailable"),
                        "{name}: {error}"
                    );
                    assert_eq!(after, before, "{name}, when call {failures} fails");
                }
            }
            failures += 1;
        }
        assert!(failures >= 2, "{name}: there are a read and a commit to fail");
    }
}

#[test]
fn a_distrust_that_stands_is_told_even_when_the_store_fails_after_it() {
    let (store, s) = failing();
    let w = world(&s);
    store.0.calls.store(0, Ordering::SeqCst);
    // Three reads and the commit get their answers, the read after it does not.
    store.0.left.store(4, Ordering::SeqCst);
    let distrusted = s.onboarding.distrust_ca_certificate(&s.admin, w.ca, "gone").unwrap();
    assert_eq!(store.0.calls.load(Ordering::SeqCst), 5);
    assert_eq!(distrusted.affected_partners, std::slice::from_ref(&w.bank));
    store.0.left.store(u32::MAX, Ordering::SeqCst);
    assert_eq!(s.onboarding.partners_relying_on(&s.admin, w.ca).unwrap(), [w.bank]);
}

#[test]
fn malformed_keys_never_reach_the_store_and_others_cost_one_call() {
    let (store, s) = failing();
    let bank = s.active_partner("bank");
    let key = s.license_key(&bank, "x");
    let calls = |text: &str| {
        store.0.calls.store(0, Ordering::SeqCst);
        let _ = s.onboarding.authenticate(text).unwrap();
        store.0.calls.load(Ordering::SeqCst)
    };
    let mistyped = key.key.reveal().replace("misp_", "misq_");
    for text in ["", "x", &"a".repeat(51), &mistyped, &"é".repeat(27), &"a".repeat(1 << 20)] {
        assert_eq!(calls(text), 0, "{} bytes", text.len());
    }
    assert_eq!(calls(key.key.reveal()), 1);
    assert_eq!(calls(&"a".repeat(50)), 1);
}

/// A store whose every commit loses a race.
struct Losing(MemoryStore, AtomicU32);

impl Layer for Losing {
    fn below(&self) -> &dyn Store {
        &self.0
    }

    fn commit(&self, _: &misp_onboarding::store::ChangeSet) -> Result<(), StoreError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Err(StoreError::Duplicate { unique: misp_onboarding::store::Unique::PartnerId })
    }
}

#[test]
fn a_command_that_loses_every_race_gives_up_after_64_attempts() {
    let store = Arc::new(Layered(Losing(MemoryStore::new(), AtomicU32::new(0))));
    let s = Scenario::new(store.clone());
    let result = s.onboarding.create_partner(&s.admin, &s.new_partner("bank"));
    assert_eq!(kind(result), (ErrorKind::Conflict, "store.conflict"));
    assert_eq!(store.0.1.load(Ordering::SeqCst), 64);
}

/// A store in which somebody else is quicker once: what they do is done just before the next commit.
struct Overtaken {
    store: Arc<MemoryStore>,
    quicker: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Layer for Overtaken {
    fn below(&self) -> &dyn Store {
        &*self.store
    }

    fn commit(&self, changes: &misp_onboarding::store::ChangeSet) -> Result<(), StoreError> {
        let quicker = self.quicker.lock().unwrap().take();
        if let Some(act) = quicker {
            act();
        }
        self.store.commit(changes)
    }
}

#[test]
fn no_key_is_made_on_what_has_changed_in_the_meantime() {
    type Quicker = fn(&Scenario, &PartnerId);
    let cases: [(&str, Quicker, &str); 2] = [
        (
            "the partner is deactivated",
            |s, bank| drop(s.onboarding.deactivate_partner(&s.admin, bank).unwrap()),
            "partner.not_active",
        ),
        (
            "its CAs are distrusted",
            |s, _| {
                let cas = s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap();
                for ca in cas.items {
                    s.onboarding.distrust_ca_certificate(&s.admin, ca.id, "stolen key").unwrap();
                }
            },
            "license_key.certificate_not_trusted",
        ),
    ];
    for (name, quicker, want) in cases {
        let base = Arc::new(MemoryStore::new());
        let s = Scenario::new(base.clone());
        let bank = s.active_partner("bank");
        let store = Arc::new(Layered(Overtaken { store: base, quicker: Mutex::default() }));
        let slower = Onboarding::builder(store.clone()).clock(s.clock.clone()).build().unwrap();
        let (admin, command) = (s.admin.clone(), generate(&bank, "x"));
        *store.0.quicker.lock().unwrap() = Some(Box::new(move || quicker(&s, &bank)));
        let error = slower.generate_license_key(&admin, &command).unwrap_err();
        assert_eq!(error.code(), want, "{name}");
    }
}
