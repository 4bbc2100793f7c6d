//! What is in the way of a change set is told in full, and nothing of a refused one is left in the file.
#![allow(clippy::unwrap_used)]

use misp_onboarding::license_key::{LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::partner::{Partner, PartnerState};
use misp_onboarding::policy::Policy;
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::store::{ChangeSet, Record, Store, StoreError};
use misp_onboarding::trust_store::{CaCertificate, CaState};
use misp_onboarding_sqlite::SqliteStore;
use misp_onboarding_testkit::commits;
use misp_onboarding_testkit::conformance::samples::{self, Successor};

fn empty() -> SqliteStore {
    SqliteStore::open_in_memory().unwrap()
}

#[test]
fn a_record_inserted_again_is_told_by_its_id() {
    commits::a_record_inserted_again_is_told_by_its_id(&empty());
}

#[test]
fn a_missing_record_is_named_with_its_kind() {
    commits::a_missing_record_is_named_with_its_kind(&empty());
}

#[test]
fn when_the_last_change_fails_nothing_is_there_also_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sqlite");
    commits::when_the_last_change_fails_nothing_is_there_also_after_opening_again(|| {
        SqliteStore::open(&path).unwrap()
    });
}

#[test]
fn a_row_is_listed_by_a_name_that_came_after_it() {
    commits::a_row_is_listed_by_a_name_that_came_after_it(&empty());
}

#[test]
fn rows_are_sorted_by_names_that_change_between_them() {
    commits::rows_are_sorted_by_names_that_change_between_them(&empty());
}

#[test]
fn what_a_record_says_against_its_state_is_refused_by_name() {
    let store = empty();
    commits::furnish(&store);
    let certificate = samples::partner_certificate(1, "acme");
    let active = samples::certified_partner("acme", certificate.id).next();
    store.commit(ChangeSet::new().insert(certificate).update(active.clone())).unwrap();
    let updates: Vec<(&str, Record)> = vec![
        ("partners_certified", Partner { certificate: None, ..active.clone() }.next().into()),
        ("partners_certified", Partner { state: PartnerState::Inactive, ..active }.next().into()),
        (
            "policies_published",
            Policy { published_at: None, ..samples::policy(1, 1, "Policy") }.next().into(),
        ),
        (
            "policy_links_decided",
            PolicyLink { state: PolicyLinkState::Approved, ..samples::policy_link(1, "acme", 1) }
                .next()
                .into(),
        ),
        (
            "license_keys_replaced",
            LicenseKeyRecord { state: LicenseKeyState::Replaced, ..samples::license_key(1, "acme") }
                .next()
                .into(),
        ),
        (
            "license_keys_deactivated",
            LicenseKeyRecord { state: LicenseKeyState::Deactivated, ..samples::license_key(1, "acme") }
                .next()
                .into(),
        ),
        (
            "ca_certificates_distrusted",
            CaCertificate { state: CaState::Distrusted, ..samples::ca_certificate(1) }.next().into(),
        ),
    ];
    for (name, record) in updates {
        match store.commit(ChangeSet::new().update(record)) {
            Err(StoreError::Backend(source)) => {
                assert_eq!(source.to_string(), format!("CHECK constraint failed: {name}"));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}
