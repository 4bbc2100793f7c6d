//! A change set is applied whole or not at all, and what is in its way is told by its kind.
#![allow(clippy::unwrap_used)]

mod support;

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::id::Version;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRecord, LicenseKeySort, LicenseKeyState};
use misp_onboarding::list::{Direction, Query};
use misp_onboarding::partner::Partner;
use misp_onboarding::policy::Policy;
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::{
    ChangeSet, EventRepository, LicenseKeyRepository, PartnerRepository, Record, RecordId, Store, StoreError,
    Unique,
};
use misp_onboarding::trust_store::CaCertificate;
use misp_onboarding_postgres::PostgresStore;
use misp_onboarding_testkit::conformance::Guarded;
use misp_onboarding_testkit::conformance::samples::{self, InState, Successor, literal};
use support::{Schema, guarded};

fn filled() -> Guarded<PostgresStore, Schema> {
    let store = guarded();
    let mut changes = ChangeSet::new();
    changes
        .insert(samples::trust_domain("AUTH"))
        .insert(samples::ca_certificate(1))
        .insert(samples::policy_group(1, "Group"))
        .insert(samples::policy(1, 1, "Policy"))
        .insert(samples::partner("acme"))
        .insert(samples::policy_link(1, "acme", 1))
        .insert(samples::license_key(1, "acme"));
    store.commit(&changes).unwrap();
    store
}

#[test]
fn each_unique_constraint_is_told_by_its_kind() {
    let store = filled();
    let cases: Vec<(Unique, Record)> = vec![
        (Unique::RecordId, samples::trust_domain("AUTH").into()),
        (Unique::RecordId, samples::policy(1, 1, "Another").into()),
        (Unique::RecordId, samples::license_key(1, "acme").into()),
        (Unique::PartnerId, samples::partner("acme").into()),
        (
            Unique::PartnerId,
            Partner { email: literal("else@example.org"), ..samples::partner("ACME") }.into(),
        ),
        (
            Unique::PartnerEmail,
            Partner { email: literal("ACME@example.ORG"), ..samples::partner("other") }.into(),
        ),
        (
            Unique::CaFingerprint,
            CaCertificate { fingerprint: samples::fingerprint(1), ..samples::ca_certificate(2) }.into(),
        ),
        (Unique::PolicyGroupName, samples::policy_group(2, "GROUP").into()),
        (Unique::PolicyName, samples::policy(2, 1, "POLICY").into()),
        (Unique::OpenPolicyLink, samples::policy_link(2, "acme", 1).into()),
        (
            Unique::LicenseKeyDigest,
            LicenseKeyRecord { digest: samples::digest(1), ..samples::license_key(2, "acme") }.into(),
        ),
        (
            Unique::LicenseKeyName,
            LicenseKeyRecord { name: literal("KEY 1"), ..samples::license_key(2, "acme") }.into(),
        ),
    ];
    for (wanted, record) in cases {
        match store.commit(ChangeSet::new().insert(record)) {
            Err(StoreError::Duplicate { unique }) => assert_eq!(unique, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
}

#[test]
fn a_missing_record_is_named_with_its_kind() {
    let store = filled();
    let cases: Vec<(&str, Record)> = vec![
        (
            "trust_domain OTHER",
            CaCertificate { domain: literal("OTHER"), ..samples::ca_certificate(2) }.into(),
        ),
        ("policy_group 0", samples::policy(2, 9, "Policy").into()),
        (
            "policy_group 0",
            Partner { policy_group: Some(samples::policy_group_id(9)), ..samples::partner("b") }.into(),
        ),
        ("partner_certificate 0", samples::certified_partner("b", samples::partner_certificate_id(9)).into()),
        ("partner b", samples::partner_certificate(1, "b").into()),
        ("partner b", samples::policy_link(2, "b", 1).into()),
        ("policy 0", samples::policy_link(2, "acme", 9).into()),
        ("partner b", samples::license_key(2, "b").into()),
        (
            "policy 0",
            LicenseKeyRecord { policy: Some(samples::policy_id(9)), ..samples::license_key(2, "acme") }
                .into(),
        ),
        (
            "license_key 0",
            LicenseKeyRecord {
                replaces: Some(samples::license_key_id(9)),
                ..samples::license_key(2, "acme")
            }
            .into(),
        ),
    ];
    for (wanted, record) in cases {
        match store.commit(ChangeSet::new().insert(record)) {
            Err(StoreError::MissingReference { reference }) => {
                assert!(reference.starts_with(wanted), "{wanted}: {reference}");
            }
            other => panic!("{wanted}: {other:?}"),
        }
    }
}

#[test]
fn when_the_last_change_fails_nothing_is_there_also_after_opening_again() {
    let schema = Schema::new();
    let store = schema.store();
    store.commit(ChangeSet::new().insert(samples::partner("acme"))).unwrap();
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
        store.commit(&changes).unwrap_err();
        for store in [&store, &schema.store()] {
            assert_eq!(store.partner(&samples::partner_id("new")).unwrap(), None);
            let found = store.partner(&samples::partner_id("acme")).unwrap();
            assert_eq!(found, Some(samples::partner("acme")));
            assert_eq!(store.find_by_digest(&samples::digest(1)).unwrap(), None);
            assert_eq!(store.events_after(EventSequence::START, 9).unwrap(), []);
        }
    }
}

#[test]
fn a_change_set_may_name_what_comes_later_and_take_what_it_frees() {
    let store = filled();
    let old = samples::license_key(1, "acme");
    let new = LicenseKeyRecord {
        name: old.name.clone(),
        policy: Some(samples::policy_id(2)),
        replaces: Some(old.id),
        ..samples::license_key(2, "acme")
    };
    let mut changes = ChangeSet::new();
    changes
        .update(
            LicenseKeyRecord { replaced_by: Some(new.id), ..old }.in_state(LicenseKeyState::Replaced).next(),
        )
        .insert(new.clone())
        .insert(Policy { name: literal("Later"), ..samples::policy(2, 1, "Policy") });
    store.commit(&changes).unwrap();
    let row = store.license_key(new.id).unwrap().unwrap();
    assert_eq!(row.policy_name, Some(literal("Later")));
    // The list finds and sorts the row by the name that came after it.
    let query = Query {
        filter: LicenseKeyFilter { policy_name: Some("lat".parse().unwrap()), ..Default::default() },
        sort: LicenseKeySort::Policy,
        direction: Direction::Ascending,
        after: None,
        limit: 9,
        now: samples::NOW,
    };
    assert_eq!(store.list_license_keys(&query).unwrap(), [row]);
}

#[test]
fn a_verdict_reads_the_permissions_beside_the_document() {
    let store = filled();
    let document = r#"{"allowAuthRequestDelegation":false,"allowKycRequestDelegation":true,
                       "trustBindedAuthVerificationToken":false,"allowKeyBindingDelegation":true}"#;
    let mut changes = ChangeSet::new();
    changes
        .update(Policy { document: literal(document), ..samples::policy(1, 1, "Policy") }.next())
        .update(samples::policy_link(1, "acme", 1).in_state(PolicyLinkState::Approved).next())
        .insert(LicenseKeyRecord { policy: Some(samples::policy_id(1)), ..samples::license_key(2, "acme") });
    store.commit(&changes).unwrap();
    let found = store.find_by_digest(&samples::digest(2)).unwrap().unwrap();
    let policy = found.policy.unwrap();
    assert!(policy.link_approved);
    assert!(
        policy.permissions.allow_kyc_request_delegation && policy.permissions.allow_key_binding_delegation
    );
    assert!(!policy.permissions.allow_auth_request_delegation);
    assert!(!policy.permissions.trust_binded_auth_verification_token);
}
