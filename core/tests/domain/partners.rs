//! Chapter 3: partners.

use misp_onboarding::license_key::{LicenseKeyStatus, Refusal};
use misp_onboarding::list::ListRequest;
use misp_onboarding::partner::{NewPartner, PartnerState, PartnerUpdate};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::{Clock as _, ErrorKind, Rules};
use misp_onboarding_testkit::scenario::{Scenario, generate};

use crate::{code, field_codes, kind};

#[test]
fn each_field_of_a_new_partner_is_checked_at_both_sides_of_its_boundaries() {
    type Set = fn(&mut NewPartner, String);
    let id: Set = |new, text| new.id = text;
    let organization: Set = |new, text| new.organization = text;
    let address: Set = |new, text| new.address = text;
    let number: Set = |new, text| new.contact_number = text;
    let email: Set = |new, text| new.email = text;
    let language: Set = |new, text| new.language = Some(text);
    // 254 characters: local part of 64, labels of 63.
    let longest_email = {
        let label = "d".repeat(61);
        format!("{}@{label}.{label}.{label}.org", "l".repeat(64))
    };
    assert_eq!(longest_email.len(), 254);
    let cases: Vec<(&str, Set, String, Option<&str>)> = vec![
        ("id of 0", id, String::new(), Some("partner.id.length")),
        ("id of 1", id, "a".into(), None),
        ("id of 36", id, "a".repeat(36), None),
        ("id of 37", id, "a".repeat(37), Some("partner.id.length")),
        ("id of 36 in another script", id, "क".repeat(36), None),
        ("id of 37 in another script", id, "क".repeat(37), Some("partner.id.length")),
        ("id with marks and digits of another script", id, "की-१.x_y".into(), None),
        ("id that starts with a digit", id, "1a".into(), Some("partner.id.format")),
        ("id that starts with a mark", id, "\u{301}a".into(), Some("partner.id.format")),
        ("id that starts with a dot", id, ".a".into(), Some("partner.id.format")),
        ("id with a space", id, "a b".into(), Some("partner.id.characters")),
        ("id with a slash", id, "a/b".into(), Some("partner.id.characters")),
        ("id with a superscript", id, "a²".into(), Some("partner.id.characters")),
        ("id with a control character", id, "a\u{7}b".into(), Some("partner.id.control_character")),
        ("id in white space", id, "  bank \n".into(), None),
        ("organization of 0", organization, " ".into(), Some("partner.organization.length")),
        ("organization of 1", organization, "o".into(), None),
        ("organization of 128", organization, "ö".repeat(128), None),
        ("organization of 129", organization, "ö".repeat(129), Some("partner.organization.length")),
        (
            "organization with a tab",
            organization,
            "a\tb".into(),
            Some("partner.organization.control_character"),
        ),
        ("address of 0", address, String::new(), Some("partner.address.length")),
        ("address of 2000", address, "x".repeat(2_000), None),
        ("address of 2001", address, "x".repeat(2_001), Some("partner.address.length")),
        ("number of 0", number, String::new(), Some("partner.contact_number.length")),
        ("number of 1", number, "1".into(), None),
        ("number of 16", number, "+1 (555) 010-012".into(), None),
        ("number of 17", number, "+1 (555) 010-0123".into(), Some("partner.contact_number.length")),
        ("number without a digit", number, "+-( )".into(), Some("partner.contact_number.format")),
        ("number with a letter", number, "555x".into(), Some("partner.contact_number.characters")),
        (
            "number with a digit of another script",
            number,
            "५५५".into(),
            Some("partner.contact_number.characters"),
        ),
        ("email of 0", email, String::new(), Some("partner.email.length")),
        ("email of 254", email, longest_email.clone(), None),
        ("email of 255", email, format!("{longest_email}x"), Some("partner.email.length")),
        ("email without @", email, "bank.example.org".into(), Some("partner.email.format")),
        ("email without a domain", email, "bank@".into(), Some("partner.email.format")),
        ("email with a hyphen in a later label", email, "a@b.my-bank.example.org".into(), None),
        ("email with an upper-case end", email, "a@b.ORG".into(), None),
        ("language of the list", language, "fra".into(), None),
        ("language not of the list", language, "deu".into(), Some("partner.language.range")),
        ("language of two letters", language, "en".into(), Some("partner.language.format")),
        ("language in upper case", language, "ENG".into(), Some("partner.language.format")),
    ];
    for (name, set, text, want) in cases {
        let s = Scenario::in_memory();
        let mut new = s.new_partner("bank");
        set(&mut new, text);
        let result = s.onboarding.create_partner(&s.admin, &new);
        match want {
            None => assert!(result.is_ok(), "{name}: {}", result.unwrap_err()),
            Some(want) => assert_eq!(field_codes(result), [want], "{name}"),
        }
    }
}

#[test]
fn all_field_errors_come_back_together_in_the_order_of_the_fields() {
    let s = Scenario::in_memory();
    s.partner("bank");
    let new = NewPartner {
        id: "BANK".into(),
        organization: String::new(),
        address: String::new(),
        contact_number: "x".into(),
        email: "Bank@Example.ORG".into(),
        language: Some("xxx".into()),
        policy_group: Some("018f0000-0000-7000-8000-000000000000".parse().unwrap()),
    };
    let result = s.onboarding.create_partner(&s.admin, &new);
    assert_eq!(
        field_codes(result),
        [
            "partner.id.taken",
            "partner.organization.length",
            "partner.address.length",
            "partner.contact_number.characters",
            "partner.email.taken",
            "partner.language.range",
            "partner.policy_group.unknown",
        ]
    );
}

#[test]
fn ids_and_emails_are_unique_without_regard_to_case() {
    let s = Scenario::in_memory();
    s.partner("Straße");
    let mut new = s.new_partner("STRASSE");
    new.email = "other@example.org".into();
    let result = s.onboarding.create_partner(&s.admin, &new);
    assert_eq!(kind(result), (ErrorKind::AlreadyExists, "input.taken"));
    let mut new = s.new_partner("other");
    new.email = s.new_partner("Straße").email.to_uppercase();
    let error = s.onboarding.create_partner(&s.admin, &new).unwrap_err();
    assert_eq!(error.pms_code(), Some("PMS_PRT_011"));
    assert!(!error.to_string().contains("example.org"), "{error}");
}

#[test]
fn text_is_kept_in_nfc_and_trimmed() {
    let s = Scenario::in_memory();
    let mut new = s.new_partner("  e\u{301}cole ");
    new.organization = " E\u{301}cole\u{a0}".into();
    new.email = "ecole@example.org".into();
    let partner = s.onboarding.create_partner(&s.admin, &new).unwrap();
    assert_eq!((partner.id.as_str(), partner.organization.as_str()), ("école", "École"));
    assert_eq!(partner.language.as_str(), "eng");
    assert_eq!(partner.state, PartnerState::Inactive);
}

#[test]
fn a_policy_group_given_at_creation_must_exist_and_be_active() {
    let s = Scenario::in_memory();
    let group = s.policy_group("banks").id;
    let mut new = s.new_partner("one");
    new.policy_group = Some(group);
    assert_eq!(s.onboarding.create_partner(&s.admin, &new).unwrap().policy_group, Some(group));
    s.onboarding.deactivate_policy_group(&s.manager, group).unwrap();
    let mut new = s.new_partner("two");
    new.policy_group = Some(group);
    assert_eq!(field_codes(s.onboarding.create_partner(&s.admin, &new)), ["partner.policy_group.not_active"]);
}

#[test]
fn an_update_changes_contact_data_and_language_and_nothing_else() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    s.partner("other");
    let update = PartnerUpdate {
        address: Some("2 Harbor Street".into()),
        contact_number: Some("555".into()),
        email: Some("new@example.org".into()),
        language: Some("ara".into()),
    };
    let changed = s.onboarding.update_partner(&s.admin, &bank, &update).unwrap();
    assert_eq!(changed.address.as_str(), "2 Harbor Street");
    assert_eq!(changed.email.as_str(), "new@example.org");
    assert_eq!(changed, s.onboarding.partner(&s.admin, &bank).unwrap());
    // The same again, or one's own address in another case, is no clash.
    let again = s.onboarding.update_partner(&s.admin, &bank, &update).unwrap();
    assert_eq!(again.version, changed.version, "nothing changed");
    let own = PartnerUpdate { email: Some("NEW@example.org".into()), ..Default::default() };
    assert!(s.onboarding.update_partner(&s.admin, &bank, &own).is_ok());
    let taken = PartnerUpdate {
        email: Some("Other@example.org".into()),
        contact_number: Some("none".into()),
        ..Default::default()
    };
    assert_eq!(
        field_codes(s.onboarding.update_partner(&s.admin, &bank, &taken)),
        ["partner.contact_number.characters", "partner.email.taken"]
    );
}

#[test]
fn a_deactivated_partner_cannot_be_updated_certified_linked_or_given_a_key() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let group = s.policy_group("other").id;
    let certificate = s.pki.issue("Example Bank").pem();
    s.onboarding.deactivate_partner(&s.admin, &bank).unwrap();
    let o = &s.onboarding;
    assert_eq!(code(o.update_partner(&s.admin, &bank, &PartnerUpdate::default())), "partner.deactivated");
    assert_eq!(code(o.select_policy_group(&s.admin, &bank, group)), "partner.deactivated");
    assert_eq!(code(o.upload_certificate(&s.admin, &bank, certificate.as_bytes())), "partner.deactivated");
    assert_eq!(code(o.request_policy(&s.admin, &bank, policy, "x")), "partner.not_active");
    assert_eq!(code(o.generate_license_key(&s.admin, &generate(&bank, "x"))), "partner.not_active");
    assert_eq!(code(o.deactivate_partner(&s.admin, &bank)), "partner.already_deactivated");
    // A dry run changes nothing, so it is allowed.
    assert!(o.inspect_certificate(&s.admin, &bank, certificate.as_bytes()).is_ok());
}

#[test]
fn deactivating_a_partner_takes_its_keys_and_pending_requests_down() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let pending = s.request(&bank, s.policy(group, "another"));
    let first = s.license_key(&bank, "first");
    let second = s.license_key_for(&bank, policy, "second");
    let replaced = s.onboarding.regenerate_license_key(
        &s.admin,
        first.view.row.key.id,
        &misp_onboarding::license_key::RegenerateLicenseKey {
            overlap: std::time::Duration::from_secs(3_600),
            ..Default::default()
        },
    );
    let third = replaced.unwrap();
    let other = s.ready_partner("other");
    let untouched = s.license_key(&other, "first");
    assert!(s.onboarding.authenticate(first.key.reveal()).unwrap().is_ok(), "its overlap runs");

    s.onboarding.deactivate_partner(&s.admin, &bank).unwrap();
    for key in [&first, &second, &third] {
        assert_eq!(s.onboarding.authenticate(key.key.reveal()).unwrap(), Err(Refusal::PartnerDeactivated));
        let view = s.onboarding.license_key(&s.admin, key.view.row.key.id).unwrap();
        assert_eq!(view.status, LicenseKeyStatus::Deactivated);
    }
    assert!(s.onboarding.authenticate(untouched.key.reveal()).unwrap().is_ok());
    let link = s.onboarding.policy_link(&s.admin, pending.id).unwrap();
    assert_eq!(link.state, PolicyLinkState::Rejected);
    assert_eq!((link.decided_at, link.decided_by.as_ref()), (Some(s.clock.now()), Some(s.admin.id())));
    assert_eq!(link.decision_comment.unwrap().as_str(), "partner deactivated");
    assert_eq!(
        code(s.onboarding.approve_policy_link(&s.admin, pending.id, None)),
        "policy_link.already_decided"
    );
}

#[test]
fn deactivating_an_inactive_partner_is_final_too() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let gone = s.onboarding.deactivate_partner(&s.admin, &bank).unwrap();
    assert_eq!(gone.state, PartnerState::Deactivated);
    let certificate = s.pki.issue("Example Bank").pem();
    s.trust_ca();
    let result = s.onboarding.upload_certificate(&s.admin, &bank, certificate.as_bytes());
    assert_eq!(code(result), "partner.deactivated");
    // Id and email address stay taken.
    assert_eq!(
        field_codes(s.onboarding.create_partner(&s.admin, &s.new_partner("bank"))),
        ["partner.id.taken", "partner.email.taken"]
    );
}

#[test]
fn the_policy_group_is_selected_once() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let (one, two) = (s.policy_group("one").id, s.policy_group("two").id);
    assert_eq!(
        s.onboarding.select_policy_group(&s.admin, &bank, one).unwrap().policy_group,
        Some(one),
        "an inactive partner may select"
    );
    for group in [one, two] {
        let result = s.onboarding.select_policy_group(&s.admin, &bank, group);
        assert_eq!(kind(result), (ErrorKind::WrongState, "partner.policy_group_already_selected"));
    }
    let other = s.partner("other");
    s.onboarding.deactivate_policy_group(&s.manager, two).unwrap();
    assert_eq!(code(s.onboarding.select_policy_group(&s.admin, &other, two)), "policy_group.not_active");
    let nothing = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(
        kind(s.onboarding.select_policy_group(&s.admin, &other, nothing)),
        (ErrorKind::NotFound, "policy_group.not_found")
    );
}

#[test]
fn an_unknown_partner_is_not_found_by_any_call() {
    let s = Scenario::in_memory();
    let nobody = "nobody".parse().unwrap();
    let o = &s.onboarding;
    assert_eq!(kind(o.partner(&s.admin, &nobody)), (ErrorKind::NotFound, "partner.not_found"));
    assert_eq!(code(o.update_partner(&s.admin, &nobody, &PartnerUpdate::default())), "partner.not_found");
    assert_eq!(code(o.deactivate_partner(&s.admin, &nobody)), "partner.not_found");
    assert_eq!(code(o.inspect_certificate(&s.admin, &nobody, b"x")), "partner.not_found");
    assert_eq!(code(o.upload_certificate(&s.admin, &nobody, b"x")), "partner.not_found");
    assert_eq!(code(o.certificate_history(&s.admin, &nobody)), "partner.not_found");
    assert_eq!(code(o.generate_license_key(&s.admin, &generate(&nobody, "x"))), "partner.not_found");
    assert_eq!(code(o.policies_for_license_key(&s.admin, &nobody)), "partner.not_found");
    // Ids are looked up exactly.
    s.partner("bank");
    assert_eq!(code(o.partner(&s.admin, &"Bank".parse().unwrap())), "partner.not_found");
}

#[test]
fn what_is_typed_of_a_partner_prints_without_its_contact_data() {
    let s = Scenario::in_memory();
    let new = s.new_partner("bank");
    let update = PartnerUpdate {
        address: Some(new.address.clone()),
        contact_number: Some(new.contact_number.clone()),
        email: Some(new.email.clone()),
        language: Some("fra".into()),
    };
    let (new_shown, update_shown) = (format!("{new:?}"), format!("{update:?}"));
    assert!(new_shown.contains("bank") && new_shown.contains(&new.organization), "{new_shown}");
    assert!(update_shown.contains("fra"), "{update_shown}");
    for secret in [&new.address, &new.contact_number, &new.email] {
        assert!(!new_shown.contains(secret) && !update_shown.contains(secret), "{new_shown} {update_shown}");
    }
}

#[test]
fn languages_are_those_configured_and_the_first_is_the_default() {
    let mut rules = Rules::default();
    rules.languages = vec!["deu".parse().unwrap(), "fra".parse().unwrap()];
    let s = Scenario::with_rules(std::sync::Arc::new(misp_onboarding::store::MemoryStore::new()), rules);
    let bank = s.partner("bank");
    let language = s.onboarding.partner(&s.admin, &bank).unwrap().language;
    assert_eq!(format!("{language} {language:?} {}", language.as_str()), "deu deu deu");
    let mut new = s.new_partner("other");
    new.language = Some("eng".into());
    assert_eq!(field_codes(s.onboarding.create_partner(&s.admin, &new)), ["partner.language.range"]);
    assert_eq!(s.onboarding.list_partners(&s.admin, &ListRequest::default()).unwrap().items.len(), 1);
}

#[test]
fn a_group_given_at_creation_counts_as_selected() {
    let s = Scenario::in_memory();
    let (one, two) = (s.policy_group("one").id, s.policy_group("two").id);
    let mut new = s.new_partner("bank");
    new.policy_group = Some(one);
    let bank = s.onboarding.create_partner(&s.admin, &new).unwrap().id;
    let result = s.onboarding.select_policy_group(&s.admin, &bank, two);
    assert_eq!(code(result), "partner.policy_group_already_selected");
}

#[test]
fn the_fields_of_an_update_have_the_boundaries_of_a_new_partner() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let update = |update: PartnerUpdate| s.onboarding.update_partner(&s.admin, &bank, &update);
    let too_long = PartnerUpdate {
        address: Some("x".repeat(2_001)),
        contact_number: Some("1".repeat(17)),
        email: Some(format!("{}@example.org", "x".repeat(300))),
        language: Some("xxx".into()),
    };
    assert_eq!(
        field_codes(update(too_long)),
        [
            "partner.address.length",
            "partner.contact_number.length",
            "partner.email.length",
            "partner.language.range"
        ]
    );
    let longest = PartnerUpdate {
        address: Some("x".repeat(2_000)),
        contact_number: Some("1".repeat(16)),
        ..Default::default()
    };
    assert_eq!(update(longest).unwrap().address.as_str().len(), 2_000);
}

#[test]
fn names_cannot_differ_in_invisible_characters_only() {
    let s = Scenario::in_memory();
    for organization in ["Bank\u{200b}", "\u{202e}knaB", "Ba\u{ad}nk", "Bank\u{2028}x"] {
        let mut new = s.new_partner("bank");
        new.organization = organization.into();
        let result = s.onboarding.create_partner(&s.admin, &new);
        assert_eq!(field_codes(result), ["partner.organization.control_character"], "{organization:?}");
    }
}
