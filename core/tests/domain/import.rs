//! Chapter 7: import of keys in use before.

use misp_onboarding::license_key::{
    ImportLicenseKey, LicenseKeyOrigin, LicenseKeySort, LicenseKeyStatus, Refusal,
};
use misp_onboarding::list::{Direction, ListRequest};
use misp_onboarding::onboarding::MAX_IMPORT;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::{Error, ErrorKind};
use misp_onboarding_testkit::scenario::{BEGIN, Scenario};

use crate::{code, kind};

fn key(partner: &PartnerId, number: usize, name: &str) -> ImportLicenseKey {
    ImportLicenseKey {
        key: format!("{number:0>50}").parse().unwrap(),
        partner: partner.clone(),
        policy: None,
        name: name.to_owned(),
        // Far beyond what a generated key may have.
        expires_at: BEGIN.plus_days(999_999),
    }
}

#[test]
fn imported_keys_authenticate_are_listed_and_regenerated_like_any_other() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let imported = ImportLicenseKey { policy: Some(policy), ..key(&bank, 1, " Old  key ") };
    let views = s.onboarding.import_license_keys(&s.admin, &[imported, key(&bank, 2, "other")]).unwrap();
    assert_eq!(views[0].row.key.origin, LicenseKeyOrigin::Imported);
    assert_eq!((views[0].row.key.name.as_str(), views[0].masked_key().as_str()), ("Old key", "...0001"));
    let text = format!("{:0>50}", 1);
    let authorization = s.onboarding.authenticate(&text).unwrap().unwrap();
    assert_eq!(authorization.policy.unwrap().0, policy);
    let new =
        s.onboarding.regenerate_license_key(&s.admin, views[0].row.key.id, &Default::default()).unwrap();
    assert!(new.key.reveal().starts_with("misp_"));
    assert_eq!(s.onboarding.authenticate(&text).unwrap(), Err(Refusal::Replaced { since: BEGIN }));
    let events = s.onboarding.events(&s.admin, Default::default(), 100).unwrap();
    assert!(!format!("{events:?}").contains(&text[..46]));
}

#[test]
fn an_import_is_all_or_nothing_and_names_the_key_that_breaks_a_rule() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let gone = s.active_partner("gone");
    s.onboarding.deactivate_partner(&s.admin, &gone).unwrap();
    s.onboarding.import_license_keys(&s.admin, &[key(&bank, 1, "one")]).unwrap();
    let nobody: PartnerId = "nobody".parse().unwrap();
    let no_policy = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    let cases = [
        ("unknown partner", key(&nobody, 9, "x"), ErrorKind::NotFound, "partner.not_found"),
        ("deactivated partner", key(&gone, 9, "x"), ErrorKind::WrongState, "partner.deactivated"),
        (
            "unknown policy",
            ImportLicenseKey { policy: Some(no_policy), ..key(&bank, 9, "x") },
            ErrorKind::NotFound,
            "policy.not_found",
        ),
        ("name taken", key(&bank, 9, "ONE"), ErrorKind::AlreadyExists, "input.taken"),
        ("name taken in the same import", key(&bank, 9, "FIRST"), ErrorKind::AlreadyExists, "input.taken"),
        ("no name", key(&bank, 9, ""), ErrorKind::InvalidInput, "input.invalid"),
        (
            "in the store already",
            key(&bank, 1, "x"),
            ErrorKind::AlreadyExists,
            "license_key.already_imported",
        ),
        ("twice in the import", key(&bank, 5, "x"), ErrorKind::InvalidInput, "license_key.imported_twice"),
    ];
    for (name, bad, want_kind, want_code) in cases {
        let result = s.onboarding.import_license_keys(&s.admin, &[key(&bank, 5, "first"), bad]);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.code()), (want_kind, want_code), "{name}: {error}");
        assert!(matches!(error, Error::LicenseKey(_)), "{name}");
        let text = format!("{:0>50}", 5);
        assert_eq!(
            s.onboarding.authenticate(&text).unwrap(),
            Err(Refusal::Unknown),
            "{name}: nothing went in"
        );
    }
}

#[test]
fn expired_keys_may_be_imported_for_the_record() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let expired = ImportLicenseKey { expires_at: BEGIN.plus_days(-1), ..key(&bank, 1, "old") };
    let views = s.onboarding.import_license_keys(&s.admin, &[expired]).unwrap();
    assert_eq!(views[0].status, LicenseKeyStatus::Expired);
}

#[test]
fn lists_show_imported_keys_in_the_order_in_which_they_were_handed_in() {
    let s = Scenario::in_memory();
    let (bank, telecom) = (s.partner("bank"), s.partner("telecom"));
    let owner = |number: usize| if number.is_multiple_of(3) { &bank } else { &telecom };
    // Names and digests are in other orders.
    let keys: Vec<_> = (0..100).map(|n| key(owner(n), n * 37 % 100, &format!("k{}", n * 61 % 100))).collect();
    let views = s.onboarding.import_license_keys(&s.admin, &keys).unwrap();
    assert!(views.iter().map(|view| view.row.key.id).is_sorted_by(|one, next| one < next));
    let request =
        ListRequest::default().sorted(LicenseKeySort::CreatedAt, Direction::Ascending).page_size(100);
    let listed = s.onboarding.list_license_keys(&s.admin, &request).unwrap().items;
    let names = listed.iter().map(|view| view.row.key.name.as_str());
    assert!(names.eq(keys.iter().map(|key| key.name.as_str())));
}

#[test]
fn an_import_has_at_most_so_many_keys() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let keys = |count: usize| (0..count).map(|n| key(&bank, n, &format!("k{n}"))).collect::<Vec<_>>();
    assert_eq!(
        kind(s.onboarding.import_license_keys(&s.admin, &keys(MAX_IMPORT + 1))),
        (ErrorKind::InvalidInput, "input.invalid")
    );
    assert_eq!(s.onboarding.import_license_keys(&s.admin, &keys(MAX_IMPORT)).unwrap().len(), MAX_IMPORT);
    assert!(s.onboarding.import_license_keys(&s.admin, &[]).unwrap().is_empty());
    let manager = s.onboarding.import_license_keys(&s.manager, &[]);
    assert_eq!(code(manager), "actor.forbidden");
}
