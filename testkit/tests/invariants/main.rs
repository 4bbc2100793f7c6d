//! The checker of invariants finds nothing in a healthy store, and what is wrong in one that is not.
#![allow(clippy::unwrap_used)]

mod broken_contents;
mod broken_stores;

use std::sync::Arc;
use std::time::Duration;

use misp_onboarding::license_key::{ImportLicenseKey, RegenerateLicenseKey};
use misp_onboarding::partner::PartnerUpdate;
use misp_onboarding::store::{MemoryStore, Store};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::invariants::{self, Contents};
use misp_onboarding_testkit::pki::CertificateBuilder;
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

/// Lets the engine do all it can, so that every kind of record is there in every state.
pub(crate) fn fill(store: Arc<dyn Store>) {
    let s = Scenario::new(store);
    let go_on = || s.clock.advance(Duration::from_secs(1));
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let replaced = s.license_key_for(&bank, policy, "production").view.row.key.id;
    let overlap = RegenerateLicenseKey { overlap: Duration::from_secs(3_600), ..Default::default() };
    let second = s.onboarding.regenerate_license_key(&s.admin, replaced, &overlap).unwrap();
    let second = second.view.row.key.id;
    let third = s.onboarding.regenerate_license_key(&s.admin, second, &overlap).unwrap();
    s.onboarding.deactivate_license_key(&s.admin, second).unwrap();
    let unused = s.license_key(&bank, "unused").view.row.key.id;
    s.onboarding.deactivate_license_key(&s.admin, unused).unwrap();
    let key = |digit: char, name: &str| ImportLicenseKey {
        key: digit.to_string().repeat(50).parse().unwrap(),
        partner: bank.clone(),
        policy: None,
        name: name.to_owned(),
        expires_at: BEGIN.plus_days(30),
    };
    s.onboarding.import_license_keys(&s.admin, &[key('1', "old one"), key('2', "old two")]).unwrap();
    go_on();
    s.onboarding.import_license_keys(&s.admin, &[key('3', "old three")]).unwrap();
    s.certify(&bank);
    let later = s.pki.issue_with(ORGANIZATION, |leaf| leaf.serial(2));
    s.onboarding.upload_certificate(&s.admin, &bank, later.der()).unwrap();
    let update = PartnerUpdate { address: Some("2 Harbor Street".to_owned()), ..Default::default() };
    s.onboarding.update_partner(&s.admin, &bank, &update).unwrap();

    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    s.draft(group, "draft");
    let over = s.policy(group, "over");
    let link = s.request(&bank, over);
    s.onboarding.reject_policy_link(&s.admin, link.id, Some("not now")).unwrap();
    s.onboarding.deactivate_policy(&s.manager, over).unwrap();
    s.request(&bank, s.policy(group, "requested"));
    let closed = s.policy_group("closed").id;
    s.onboarding.deactivate_policy_group(&s.manager, closed).unwrap();

    let (gone, policy) = s.ready_partner_with_policy("gone");
    s.license_key_for(&gone, policy, "first");
    s.license_key(&gone, "second");
    let group = s.onboarding.partner(&s.admin, &gone).unwrap().policy_group.unwrap();
    s.request(&gone, s.policy(group, "asked for too late"));
    s.onboarding.deactivate_partner(&s.admin, &gone).unwrap();
    s.partner("new");

    go_on();
    let root = CertificateBuilder::root("Another Root").valid_around(BEGIN, 3_650).self_signed();
    let report = s.onboarding.upload_ca_certificates(&s.admin, &TrustDomain::auth(), root.der()).unwrap();
    let root = report.entries[0].outcome.id().unwrap();
    s.onboarding.distrust_ca_certificate(&s.admin, root, "stolen").unwrap();
    assert!(s.onboarding.authenticate(third.key.reveal()).unwrap().is_ok());
}

/// A store with all of that.
pub(crate) fn healthy() -> MemoryStore {
    struct Shared(Arc<MemoryStore>);

    impl Layer for Shared {
        fn below(&self) -> &dyn Store {
            &*self.0
        }
    }

    let store = Arc::new(MemoryStore::new());
    fill(Arc::new(Layered(Shared(store.clone()))));
    Arc::into_inner(store).unwrap()
}

#[test]
fn nothing_is_wrong_with_a_healthy_store() {
    let store = healthy();
    assert_eq!(invariants::check(&store).unwrap(), Vec::<String>::new());
    assert_eq!(invariants::check(&MemoryStore::new()).unwrap(), Vec::<String>::new());
    let contents = Contents::read(&store).unwrap();
    let kinds: std::collections::BTreeSet<_> =
        contents.records().map(|record| record.record_id().kind()).collect();
    assert_eq!(kinds.len(), 8, "records of every kind are looked at, found {kinds:?}");
    let told: std::collections::BTreeSet<_> = contents.events.iter().map(|event| event.event.kind).collect();
    assert_eq!(told.len() + 1, misp_onboarding::event::EventKind::ALL.len(), "all but the edit of a draft");
}
