//! Chapter 7: license keys.

use std::sync::Arc;
use std::time::Duration;

use misp_onboarding::license_key::{
    Action, GenerateLicenseKey, LicenseKeyStatus, Refusal, RegenerateLicenseKey, Validity,
};
use misp_onboarding::store::MemoryStore;
use misp_onboarding::{ErrorKind, Rules, Timestamp};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario, generate};

use crate::{code, field_codes, kind};

const DAY: Duration = Duration::from_secs(86_400);
const MICRO: Duration = Duration::from_micros(1);

#[test]
fn a_key_needs_an_active_partner_with_a_certificate_valid_now() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let result = s.onboarding.generate_license_key(&s.admin, &generate(&bank, "x"));
    assert_eq!(kind(result), (ErrorKind::WrongState, "partner.not_active"));
    s.trust_ca();
    let ends = BEGIN.plus_days(400);
    let leaf = s.pki.issue_with(ORGANIZATION, |b| b.valid(BEGIN, ends));
    s.onboarding.upload_certificate(&s.admin, &bank, leaf.pem().as_bytes()).unwrap();
    assert!(s.onboarding.generate_license_key(&s.admin, &generate(&bank, "first instant")).is_ok());
    s.clock.set(ends);
    assert!(s.onboarding.generate_license_key(&s.admin, &generate(&bank, "last instant")).is_ok());
    s.clock.set(ends.plus(MICRO));
    let result = s.onboarding.generate_license_key(&s.admin, &generate(&bank, "x"));
    assert_eq!(code(result), "license_key.certificate_not_valid");
}

#[test]
fn names_have_their_form_and_are_unique_among_the_partners_live_keys() {
    let s = Scenario::in_memory();
    let (bank, other) = (s.active_partner("bank"), s.active_partner("other"));
    for (name, ok) in [
        (String::new(), false),
        (" \t ".into(), false),
        ("x".into(), true),
        ("ä".repeat(128), true),
        ("ä".repeat(129), false),
        ("a\u{7}b".into(), false),
        // White space is collapsed, and still there is an end to what is read.
        (format!("{}y", " ".repeat(16_383)), true),
        (format!("{}z", " ".repeat(16_384)), false),
    ] {
        let result = s.onboarding.generate_license_key(&s.admin, &generate(&bank, &name));
        assert_eq!(result.is_ok(), ok, "{name:?}");
    }
    let key = s.license_key(&bank, "  Production \n\t key ");
    assert_eq!(key.view.row.key.name.as_str(), "Production key");
    let result = s.onboarding.generate_license_key(&s.admin, &generate(&bank, "PRODUCTION KEY"));
    assert_eq!(field_codes(result), ["license_key.name.taken"]);
    let error = s.onboarding.generate_license_key(&s.admin, &generate(&bank, "production key")).unwrap_err();
    assert_eq!((error.kind(), error.pms_code()), (ErrorKind::AlreadyExists, Some("PMS_MSP_424")));
    s.license_key(&other, "production key");
    // An expired key is still live, a deactivated one is not.
    s.clock.advance_days(91);
    assert_eq!(
        code(s.onboarding.generate_license_key(&s.admin, &generate(&bank, "production key"))),
        "input.taken"
    );
    s.onboarding.deactivate_license_key(&s.admin, key.view.row.key.id).unwrap();
    s.license_key(&bank, "production key");
}

#[test]
fn validity_is_90_days_by_default_and_at_most_1825_to_the_microsecond() {
    let cases = [
        (Validity::Default, Some(90 * DAY)),
        (Validity::For(Duration::ZERO), None),
        (Validity::For(MICRO), Some(MICRO)),
        (Validity::For(1_825 * DAY), Some(1_825 * DAY)),
        (Validity::For(1_825 * DAY + MICRO), None),
        (Validity::For(Duration::MAX), None),
        (Validity::Until(BEGIN), None),
        (Validity::Until(Timestamp::MIN), None),
        (Validity::Until(BEGIN.plus(MICRO)), Some(MICRO)),
        (Validity::Until(BEGIN.plus(1_825 * DAY)), Some(1_825 * DAY)),
        (Validity::Until(BEGIN.plus(1_825 * DAY + MICRO)), None),
    ];
    for (validity, want) in cases {
        let s = Scenario::in_memory();
        let bank = s.active_partner("bank");
        let result = s
            .onboarding
            .generate_license_key(&s.admin, &GenerateLicenseKey { validity, ..generate(&bank, "x") });
        match want {
            Some(want) => {
                assert_eq!(result.unwrap().view.row.key.expires_at, BEGIN.plus(want), "{validity:?}");
            }
            None => assert_eq!(field_codes(result), ["license_key.validity.range"], "{validity:?}"),
        }
    }
}

#[test]
fn a_policy_must_be_approved_for_the_partner_and_usable_now() {
    let s = Scenario::in_memory();
    let (bank, approved) = s.ready_partner_with_policy("bank");
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let pending = s.policy(group, "pending");
    s.request(&bank, pending);
    let unrelated = s.policy(group, "unrelated");
    let with = |policy, name: &str| {
        let command = GenerateLicenseKey { policy: Some(policy), ..generate(&bank, name) };
        s.onboarding.generate_license_key(&s.admin, &command)
    };
    assert_eq!(with(approved, "a").unwrap().view.row.key.policy, Some(approved));
    assert_eq!(code(with(pending, "b")), "license_key.policy_not_approved");
    assert_eq!(code(with(unrelated, "b")), "license_key.policy_not_approved");
    let nothing = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(code(with(nothing, "b")), "policy.not_found");
    // Of two partners' policies each is good for its own only.
    let (other, _) = s.ready_partner_with_policy("other");
    let command = GenerateLicenseKey { policy: Some(approved), ..generate(&other, "x") };
    assert_eq!(
        code(s.onboarding.generate_license_key(&s.admin, &command)),
        "license_key.policy_not_approved"
    );
    // Up to the last instant of the policy.
    let end = BEGIN.plus_days(5);
    let short = s.policy_until(group, "short", end);
    s.link(&bank, short);
    s.clock.set(Timestamp::from_unix_micros(end.unix_micros() - 1));
    assert!(with(short, "c").is_ok());
    s.clock.set(end);
    assert_eq!(code(with(short, "d")), "policy.ended");
}

#[test]
fn helpers_list_the_partners_and_policies_that_qualify() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    s.partner("inactive");
    let gone = s.active_partner("gone");
    s.onboarding.deactivate_partner(&s.admin, &gone).unwrap();
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    s.request(&bank, s.policy(group, "pending"));
    let partners = s.onboarding.partners_for_license_key(&s.admin, 8, None).unwrap().items;
    let ids: Vec<_> = partners.iter().map(|row| row.partner.id.clone()).collect();
    assert_eq!(ids.as_slice(), std::slice::from_ref(&bank));
    let policies = s.onboarding.policies_for_license_key(&s.admin, &bank).unwrap();
    assert_eq!(policies.iter().map(|row| row.policy.id).collect::<Vec<_>>(), [policy]);
    // A certificate without a well-defined end qualifies as well.
    let forever = s.partner("forever");
    let leaf = s.pki.issue_with(ORGANIZATION, |b| b.not_after(Timestamp::MAX));
    s.onboarding.upload_certificate(&s.admin, &forever, leaf.pem().as_bytes()).unwrap();
    assert_eq!(s.onboarding.partners_for_license_key(&s.admin, 8, None).unwrap().items.len(), 2);
    s.onboarding.deactivate_partner(&s.admin, &forever).unwrap();
    s.clock.advance_days(731);
    assert!(s.onboarding.partners_for_license_key(&s.admin, 8, None).unwrap().items.is_empty());
}

#[test]
fn regenerating_replaces_at_once_by_default() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let old = s.license_key_for(&bank, policy, "production");
    s.clock.advance_days(10);
    let id = old.view.row.key.id;
    let new = s.onboarding.regenerate_license_key(&s.admin, id, &Default::default()).unwrap();
    let (now, key) = (BEGIN.plus_days(10), &new.view.row.key);
    assert_ne!(new.key.reveal(), old.key.reveal());
    assert_eq!((key.name.as_str(), key.policy, &key.partner), ("production", Some(policy), &bank));
    assert_eq!((key.replaces, key.expires_at), (Some(id), now.plus_days(90)));
    let replaced = s.onboarding.license_key(&s.admin, id).unwrap();
    assert_eq!((replaced.status, replaced.row.key.replaced_by), (LicenseKeyStatus::Replaced, Some(key.id)));
    assert_eq!(s.onboarding.authenticate(old.key.reveal()).unwrap(), Err(Refusal::Replaced { since: now }));
    assert!(s.onboarding.authenticate(new.key.reveal()).unwrap().is_ok());
    assert_eq!(
        kind(s.onboarding.regenerate_license_key(&s.admin, id, &Default::default())),
        (ErrorKind::WrongState, "license_key.wrong_status")
    );
}

#[test]
fn an_overlap_keeps_the_old_key_to_the_microsecond_and_never_beyond_its_own_end() {
    for (overlap, left) in [(MICRO, MICRO), (DAY, DAY), (30 * DAY, 30 * DAY), (30 * DAY, 5 * DAY)] {
        let s = Scenario::in_memory();
        let bank = s.active_partner("bank");
        let validity = Validity::For(if left < overlap { left } else { 90 * DAY });
        let old = s
            .onboarding
            .generate_license_key(&s.admin, &GenerateLicenseKey { validity, ..generate(&bank, "x") })
            .unwrap();
        let command = RegenerateLicenseKey { overlap, ..Default::default() };
        let id = old.view.row.key.id;
        s.onboarding.regenerate_license_key(&s.admin, id, &command).unwrap();
        let ends = BEGIN.plus(left);
        let at = |instant| s.onboarding.authenticate_at(old.key.reveal(), instant).unwrap();
        let last = Timestamp::from_unix_micros(ends.unix_micros() - 1);
        assert_eq!(at(last).unwrap().valid_until, ends);
        assert_eq!(at(ends), Err(Refusal::Replaced { since: ends }), "{overlap:?}");
        assert_eq!(s.onboarding.license_key(&s.admin, id).unwrap().status, LicenseKeyStatus::Replaced);
    }
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let id = s.license_key(&bank, "x").view.row.key.id;
    let command = RegenerateLicenseKey { overlap: 30 * DAY + MICRO, ..Default::default() };
    let result = s.onboarding.regenerate_license_key(&s.admin, id, &command);
    assert!(result.as_ref().unwrap_err().to_string().contains("30.000000 days"), "{result:?}");
    assert_eq!(field_codes(result), ["license_key.overlap.range"]);
}

#[test]
fn an_expired_key_can_be_regenerated_and_a_deactivated_one_not() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let key = s.license_key(&bank, "x");
    let id = key.view.row.key.id;
    s.clock.advance_days(90);
    assert_eq!(s.onboarding.license_key(&s.admin, id).unwrap().status, LicenseKeyStatus::Expired);
    let command = RegenerateLicenseKey { overlap: DAY, ..Default::default() };
    let new = s.onboarding.regenerate_license_key(&s.admin, id, &command).unwrap();
    assert_eq!(
        s.onboarding.authenticate(key.key.reveal()).unwrap(),
        Err(Refusal::Replaced { since: BEGIN.plus_days(90) }),
        "an overlap does not revive it"
    );
    let new_id = new.view.row.key.id;
    s.onboarding.deactivate_license_key(&s.admin, new_id).unwrap();
    let result = s.onboarding.regenerate_license_key(&s.admin, new_id, &Default::default());
    assert_eq!(kind(result), (ErrorKind::WrongState, "license_key.already_deactivated"));
}

#[test]
fn regenerating_checks_what_generating_checks() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let key = s.license_key_for(&bank, policy, "x");
    s.license_key(&bank, "y");
    let id = key.view.row.key.id;
    let renamed = |name: &str| RegenerateLicenseKey { name: Some(name.into()), ..Default::default() };
    assert_eq!(
        field_codes(s.onboarding.regenerate_license_key(&s.admin, id, &renamed("Y"))),
        ["license_key.name.taken"]
    );
    assert_eq!(
        field_codes(s.onboarding.regenerate_license_key(
            &s.admin,
            id,
            &RegenerateLicenseKey {
                name: Some(String::new()),
                validity: Validity::Until(BEGIN),
                overlap: Duration::MAX
            }
        )),
        ["license_key.name.length", "license_key.validity.range", "license_key.overlap.range"]
    );
    // Its own name, in another case too, is free for its successor.
    assert!(s.onboarding.regenerate_license_key(&s.admin, id, &renamed("X")).is_ok());
    let other = s.license_key(&bank, "z").view.row.key.id;
    s.clock.advance_days(731);
    assert_eq!(
        code(s.onboarding.regenerate_license_key(&s.admin, other, &Default::default())),
        "license_key.certificate_not_valid"
    );
}

#[test]
fn deactivation_is_final_and_allowed_while_a_key_opens_doors() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let key = s.license_key(&bank, "x");
    let id = key.view.row.key.id;
    let view = s.onboarding.deactivate_license_key(&s.admin, id).unwrap();
    assert_eq!((view.status, &view.actions[..]), (LicenseKeyStatus::Deactivated, &[Action::View][..]));
    assert_eq!(s.onboarding.authenticate(key.key.reveal()).unwrap(), Err(Refusal::Deactivated));
    let error = s.onboarding.deactivate_license_key(&s.admin, id).unwrap_err();
    assert_eq!((error.code(), error.pms_code()), ("license_key.already_deactivated", Some("PMS_MSP_434")));
    let old = s.license_key(&bank, "y");
    let command = RegenerateLicenseKey { overlap: DAY, ..Default::default() };
    s.onboarding.regenerate_license_key(&s.admin, old.view.row.key.id, &command).unwrap();
    s.onboarding.deactivate_license_key(&s.admin, old.view.row.key.id).unwrap();
    assert_eq!(s.onboarding.authenticate(old.key.reveal()).unwrap(), Err(Refusal::Deactivated));
    let nothing = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(code(s.onboarding.deactivate_license_key(&s.admin, nothing)), "license_key.not_found");
    assert_eq!(code(s.onboarding.license_key(&s.admin, nothing)), "license_key.not_found");
}

#[test]
fn the_allowed_actions_follow_status_and_partner() {
    use Action::{Deactivate, Regenerate, View};
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let actions = |id| s.onboarding.license_key(&s.admin, id).unwrap().actions;
    let id = s.license_key(&bank, "x").view.row.key.id;
    assert_eq!(actions(id), [View, Regenerate, Deactivate], "active");
    s.clock.advance_days(90);
    assert_eq!(actions(id), [View, Regenerate, Deactivate], "expired");
    let key = s.license_key(&bank, "y").view.row.key.id;
    let command = RegenerateLicenseKey { overlap: DAY, ..Default::default() };
    s.onboarding.regenerate_license_key(&s.admin, key, &command).unwrap();
    assert_eq!(actions(key), [View, Deactivate], "replaced, its overlap runs");
    s.clock.advance_days(1);
    assert_eq!(actions(key), [View], "replaced, its overlap is over");
    assert_eq!(code(s.onboarding.deactivate_license_key(&s.admin, key)), "license_key.wrong_status");
    s.onboarding.deactivate_partner(&s.admin, &bank).unwrap();
    assert_eq!(actions(id), [View], "of a deactivated partner");
}

#[test]
fn a_view_masks_the_key_and_nothing_prints_it() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let generated = s.license_key(&bank, "x");
    let text = generated.key.reveal();
    let view = s.onboarding.license_key(&s.admin, generated.view.row.key.id).unwrap();
    assert_eq!(view.masked_key(), format!("...{}", &text[50..]));
    let events = s.onboarding.events(&s.admin, Default::default(), 100).unwrap();
    let authorization = s.onboarding.authenticate(text).unwrap();
    let wrong = s.onboarding.authenticate(&format!("{}x", &text[..53])).unwrap();
    for shown in [
        format!("{generated:?}"),
        format!("{view:?}"),
        format!("{events:?}"),
        format!("{authorization:?}"),
        format!("{wrong:?}"),
        format!("{:?}", s.onboarding),
    ] {
        // Not even half of it.
        assert!(!shown.contains(&text[5..27]) && !shown.contains(&text[27..50]), "{shown}");
    }
}

#[test]
fn other_limits_can_be_configured() {
    let mut rules = Rules::default();
    rules.license_key.default_validity_days = 7;
    rules.license_key.max_validity_days = 10;
    rules.license_key.max_overlap_days = 0;
    let s = Scenario::with_rules(Arc::new(MemoryStore::new()), rules);
    let bank = s.active_partner("bank");
    let key = s.license_key(&bank, "x");
    assert_eq!(key.view.row.key.expires_at, BEGIN.plus_days(7));
    let command = GenerateLicenseKey { validity: Validity::For(11 * DAY), ..generate(&bank, "y") };
    assert_eq!(code(s.onboarding.generate_license_key(&s.admin, &command)), "input.invalid");
    let command = RegenerateLicenseKey { overlap: MICRO, ..Default::default() };
    let result = s.onboarding.regenerate_license_key(&s.admin, key.view.row.key.id, &command);
    assert_eq!(field_codes(result), ["license_key.overlap.range"]);
}

#[test]
fn regenerating_needs_an_active_partner_a_trusted_certificate_and_a_usable_policy() {
    let s = Scenario::in_memory();
    let (bank, _) = s.ready_partner_with_policy("bank");
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let end = BEGIN.plus_days(5);
    let short = s.policy_until(group, "short", end);
    s.link(&bank, short);
    let key = s.license_key_for(&bank, short, "x").view.row.key.id;
    let regenerate = |id| s.onboarding.regenerate_license_key(&s.admin, id, &Default::default());
    s.clock.set(end);
    assert_eq!(code(regenerate(key)), "policy.ended");
    let plain = s.license_key(&bank, "y").view.row.key.id;
    let cas = s.onboarding.list_ca_certificates(&s.admin, &Default::default()).unwrap().items;
    s.onboarding.distrust_ca_certificate(&s.admin, cas[0].id, "gone").unwrap();
    assert_eq!(code(regenerate(plain)), "license_key.certificate_not_trusted");
    s.onboarding.deactivate_partner(&s.admin, &bank).unwrap();
    assert_eq!(code(regenerate(plain)), "license_key.already_deactivated");
    let nothing = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(code(regenerate(nothing)), "license_key.not_found");
}
