//! What the stores of this project promise of a commit beyond what the suite asks of every store.
#![allow(clippy::expect_used, reason = "a store that cannot be furnished is a failed test")]

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::id::Version;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRecord, LicenseKeySort, LicenseKeyState};
use misp_onboarding::list::{Direction, Query};
use misp_onboarding::partner::Partner;
use misp_onboarding::policy::{Policy, PolicyGroup};
use misp_onboarding::store::{ChangeSet, Record, RecordId, Store, StoreError, Unique};
use misp_onboarding::trust_store::CaCertificate;

use crate::conformance::samples::{self, InState, Successor, literal};

/// Puts one record of each kind, but for a certificate, into an empty store: those of the partner "acme".
pub fn furnish(store: &impl Store) {
    let mut changes = ChangeSet::new();
    changes
        .insert(samples::trust_domain("AUTH"))
        .insert(samples::ca_certificate(1))
        .insert(samples::policy_group(1, "Group"))
        .insert(samples::policy(1, 1, "Policy"))
        .insert(samples::partner("acme"))
        .insert(samples::policy_link(1, "acme", 1))
        .insert(samples::license_key(1, "acme"));
    store.commit(&changes).expect("the first records are committed");
}

/// A record that is there already is told by its id, whatever else of it must be unique.
pub fn a_record_inserted_again_is_told_by_its_id(store: &impl Store) {
    furnish(store);
    let cases: [(Unique, Record); 3] = [
        (Unique::RecordId, samples::trust_domain("AUTH").into()),
        (Unique::RecordId, samples::license_key(1, "acme").into()),
        (Unique::PartnerId, samples::partner("acme").into()),
    ];
    for (wanted, record) in cases {
        match store.commit(ChangeSet::new().insert(record)) {
            Err(StoreError::Duplicate { unique }) => assert_eq!(unique, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
}

/// What a record names and is not there is told by its kind and its id.
pub fn a_missing_record_is_named_with_its_kind(store: &impl Store) {
    furnish(store);
    let (group, other_key) = (samples::policy_group_id(9), samples::license_key_id(9));
    let (policy, certificate) = (samples::policy_id(9), samples::partner_certificate_id(9));
    let key = || samples::license_key(2, "acme");
    let cases: Vec<(String, Record)> = vec![
        (
            "trust_domain OTHER".to_owned(),
            CaCertificate { domain: literal("OTHER"), ..samples::ca_certificate(2) }.into(),
        ),
        (format!("policy_group {group}"), samples::policy(2, 9, "Policy").into()),
        (
            format!("policy_group {group}"),
            Partner { policy_group: Some(group), ..samples::partner("b") }.into(),
        ),
        (format!("partner_certificate {certificate}"), samples::certified_partner("b", certificate).into()),
        ("partner b".to_owned(), samples::partner_certificate(1, "b").into()),
        ("partner b".to_owned(), samples::policy_link(2, "b", 1).into()),
        (format!("policy {policy}"), samples::policy_link(2, "acme", 9).into()),
        ("partner b".to_owned(), samples::license_key(2, "b").into()),
        (format!("policy {policy}"), LicenseKeyRecord { policy: Some(policy), ..key() }.into()),
        (format!("license_key {other_key}"), LicenseKeyRecord { replaces: Some(other_key), ..key() }.into()),
    ];
    for (wanted, record) in cases {
        match store.commit(ChangeSet::new().insert(record)) {
            Err(StoreError::MissingReference { reference }) => assert_eq!(reference, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
}

/// When the last of many changes fails nothing of them is there, for a store that was open and for one that is opened
/// afterwards; `open` opens the same empty store each time.
pub fn when_the_last_change_fails_nothing_is_there_also_after_opening_again<S: Store>(open: impl Fn() -> S) {
    let store = open();
    store.commit(ChangeSet::new().insert(samples::partner("acme"))).expect("a partner is committed");
    let acme = RecordId::Partner(samples::partner_id("acme"));
    let last: [&dyn Fn(&mut ChangeSet); 4] = [
        &|changes| {
            changes.expect(acme.clone(), Version::new(9));
        },
        &|changes| {
            changes.update(samples::partner("nobody").next());
        },
        &|changes| {
            changes.insert(samples::license_key(1, "acme"));
        },
        &|changes| {
            changes.insert(samples::license_key(2, "nobody"));
        },
    ];
    for fail in last {
        let mut changes = ChangeSet::new();
        changes
            .insert(samples::partner("new"))
            .update(Partner { address: literal("Elsewhere"), ..samples::partner("acme") }.next())
            .insert(samples::license_key(1, "new"))
            .event(samples::event(EventKind::PartnerCreated, acme.clone()));
        fail(&mut changes);
        store.commit(&changes).expect_err("the last change is refused");
        for store in [&store, &open()] {
            assert_eq!(store.partner(&samples::partner_id("new")).expect("read"), None);
            let found = store.partner(&samples::partner_id("acme")).expect("read");
            assert_eq!(found, Some(samples::partner("acme")));
            assert_eq!(store.find_by_digest(&samples::digest(1)).expect("read"), None);
            assert_eq!(store.events_after(EventSequence::START, 9).expect("read"), []);
        }
    }
}

/// A list finds and sorts a row by a name that came after it in the same change set.
pub fn a_row_is_listed_by_a_name_that_came_after_it(store: &impl Store) {
    furnish(store);
    let old = samples::license_key(1, "acme");
    let new = LicenseKeyRecord {
        name: old.name.clone(),
        policy: Some(samples::policy_id(2)),
        replaces: Some(old.id),
        ..samples::license_key(2, "acme")
    };
    let replaced =
        LicenseKeyRecord { replaced_by: Some(new.id), ..old }.in_state(LicenseKeyState::Replaced).next();
    let later = Policy { name: literal("Later"), ..samples::policy(2, 1, "Policy") };
    store
        .commit(ChangeSet::new().update(replaced).insert(new.clone()).insert(later))
        .expect("all is committed");
    let row = store.license_key(new.id).expect("read").expect("the new key");
    assert_eq!(row.policy_name, Some(literal("Later")));
    let query = Query {
        filter: LicenseKeyFilter { policy_name: Some(literal("lat")), ..Default::default() },
        sort: LicenseKeySort::Policy,
        direction: Direction::Ascending,
        after: None,
        limit: 9,
        now: samples::NOW,
    };
    assert_eq!(store.list_license_keys(&query).expect("read"), [row]);
}

/// Lists have rows of one change set in the order of the names that others have at its end, also where those change in
/// between: the partner's own, and the policy's group by way of the policy.
pub fn rows_are_sorted_by_names_that_change_between_them(store: &impl Store) {
    furnish(store);
    let key = |number, partner, policy| LicenseKeyRecord {
        policy: Some(samples::policy_id(policy)),
        ..samples::license_key(number, partner)
    };
    let partner = Partner { organization: literal("Zulu"), ..samples::partner("acme") };
    let group = PolicyGroup { name: literal("Zulu"), ..samples::policy_group(1, "Group") };
    let mut changes = ChangeSet::new();
    changes
        .insert(Partner { organization: literal("Yankee"), ..samples::partner("middle") })
        .insert(samples::policy_group(2, "Yankee"))
        .insert(samples::policy(2, 2, "Policy"))
        .insert(key(2, "acme", 1))
        .update(partner.next())
        .insert(key(3, "acme", 1))
        .update(group.next())
        .insert(key(4, "acme", 1))
        .insert(key(5, "middle", 2));
    store.commit(&changes).expect("all is committed");
    for sort in [LicenseKeySort::Organization, LicenseKeySort::PolicyGroup] {
        let filter = LicenseKeyFilter { name: Some(literal("key")), ..Default::default() };
        let direction = Direction::Descending;
        let query = Query { filter, sort, direction, after: None, limit: 3, now: samples::NOW };
        let rows = store.list_license_keys(&query).expect("read");
        let ids: Vec<_> = rows.into_iter().map(|row| row.key.id).collect();
        assert_eq!(ids, [4, 3, 2].map(samples::license_key_id), "{sort:?}");
    }
}
