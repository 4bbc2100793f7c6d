//! Chapter 6: policy links.

use std::sync::Arc;

use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::MemoryStore;
use misp_onboarding::{ErrorKind, Role, Rules};
use misp_onboarding_testkit::scenario::{BEGIN, Scenario, actor};

use crate::{code, field_codes, kind};

#[test]
fn a_policy_is_requested_by_an_active_partner_of_its_group_only() {
    let s = Scenario::in_memory();
    let (group, foreign) = (s.policy_group("banks").id, s.policy_group("telecoms").id);
    let policy = s.policy(group, "standard");
    let foreign_policy = s.policy(foreign, "standard");
    let draft = s.draft(group, "draft").id;
    let bank = s.partner("bank");
    let request = |policy, comment: &str| s.onboarding.request_policy(&s.admin, &bank, policy, comment);

    assert_eq!(code(request(policy, "x")), "partner.not_active");
    s.certify(&bank);
    assert_eq!(code(request(policy, "x")), "partner.no_policy_group");
    s.onboarding.select_policy_group(&s.admin, &bank, group).unwrap();
    assert_eq!(code(request(foreign_policy, "x")), "policy_link.foreign_policy_group");
    assert_eq!(code(request(draft, "x")), "policy.not_active");
    for (comment, ok) in [("", false), ("x", true)] {
        assert_eq!(request(policy, comment).is_ok(), ok, "{comment:?}");
    }
    assert_eq!(field_codes(request(draft, &"x".repeat(501))), ["policy_link.comment.length"]);
    assert_eq!(kind(request(policy, "x")), (ErrorKind::AlreadyExists, "policy_link.already_pending"));
    let nothing = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(code(request(nothing, "x")), "policy.not_found");
}

#[test]
fn a_rejected_policy_may_be_requested_again_and_an_approved_one_not() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let error = s.onboarding.request_policy(&s.admin, &bank, policy, "x").unwrap_err();
    assert_eq!((error.code(), error.pms_code()), ("policy_link.already_approved", Some("PMS_PRT_060")));
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let second = s.policy(group, "second");
    let link = s.request(&bank, second);
    let rejected = s.onboarding.reject_policy_link(&s.admin, link.id, Some("not yet")).unwrap();
    assert_eq!(rejected.state, PolicyLinkState::Rejected);
    assert_eq!(rejected.decision_comment.unwrap().as_str(), "not yet");
    let again = s.request(&bank, second);
    assert_ne!(again.id, link.id);
    assert_eq!(
        s.onboarding.approve_policy_link(&s.admin, again.id, Some(&"y".repeat(500))).unwrap().state,
        PolicyLinkState::Approved
    );
}

#[test]
fn a_decision_is_final() {
    let s = Scenario::in_memory();
    let (bank, _) = s.ready_partner_with_policy("bank");
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    for (name, pms_code) in [("approved", "PMS_PM_034"), ("rejected", "PMS_PM_035")] {
        let link = s.request(&bank, s.policy(group, name));
        let decide = |state: &str| match state {
            "approved" => s.onboarding.approve_policy_link(&s.admin, link.id, None),
            _ => s.onboarding.reject_policy_link(&s.admin, link.id, None),
        };
        decide(name).unwrap();
        for again in ["approved", "rejected"] {
            let error = decide(again).unwrap_err();
            assert_eq!((error.code(), error.pms_code()), ("policy_link.already_decided", Some(pms_code)));
        }
    }
}

#[test]
fn approving_checks_partner_policy_and_group_again_and_rejecting_always_works() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let group = s.policy_group("banks").id;
    s.onboarding.select_policy_group(&s.admin, &bank, group).unwrap();
    let end = BEGIN.plus_days(10);
    let policy = s.policy_until(group, "short", end);
    let link = s.request(&bank, policy);
    s.clock.set(end);
    assert_eq!(code(s.onboarding.approve_policy_link(&s.admin, link.id, None)), "policy.ended");
    s.clock.set(misp_onboarding::Timestamp::from_unix_micros(end.unix_micros() - 1));
    let approved = s.onboarding.approve_policy_link(&s.admin, link.id, None).unwrap();
    assert_eq!(approved.decided_by.unwrap().as_str(), "ana.admin");

    s.clock.set(BEGIN);
    let other = s.policy_until(group, "other", end);
    let link = s.request(&bank, other);
    s.clock.set(end.plus_days(1));
    let rejected = s.onboarding.reject_policy_link(&s.admin, link.id, None).unwrap();
    assert_eq!(rejected.state, PolicyLinkState::Rejected, "although the policy has ended");
}

#[test]
fn the_approver_must_differ_from_the_requester_only_where_configured() {
    for differ in [false, true] {
        let mut rules = Rules::default();
        rules.approver_must_differ = differ;
        let s = Scenario::with_rules(Arc::new(MemoryStore::new()), rules);
        let bank = s.active_partner("bank");
        let group = s.policy_group("banks").id;
        s.onboarding.select_policy_group(&s.admin, &bank, group).unwrap();
        let link = s.request(&bank, s.policy(group, "standard"));
        let own = s.onboarding.approve_policy_link(&s.admin, link.id, None);
        if differ {
            assert_eq!(kind(own), (ErrorKind::Forbidden, "policy_link.approver_is_requester"));
            let other = actor("bo", Role::PartnerAdmin);
            assert!(s.onboarding.approve_policy_link(&other, link.id, None).is_ok());
        } else {
            assert!(own.is_ok());
        }
    }
}

#[test]
fn an_unknown_link_is_not_found() {
    let s = Scenario::in_memory();
    let nothing = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(code(s.onboarding.policy_link(&s.admin, nothing)), "policy_link.not_found");
    assert_eq!(code(s.onboarding.approve_policy_link(&s.admin, nothing, None)), "policy_link.not_found");
    assert_eq!(code(s.onboarding.reject_policy_link(&s.admin, nothing, None)), "policy_link.not_found");
}

#[test]
fn comments_of_requests_and_decisions_have_at_most_500_characters() {
    let s = Scenario::in_memory();
    let (bank, _) = s.ready_partner_with_policy("bank");
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let policy = s.policy(group, "second");
    let longest = "ß".repeat(500);
    let link = s.onboarding.request_policy(&s.admin, &bank, policy, &longest).unwrap();
    assert_eq!(link.request_comment.as_str(), longest);
    for comment in ["", &"x".repeat(501)] {
        let approved = s.onboarding.approve_policy_link(&s.admin, link.id, Some(comment));
        assert_eq!(field_codes(approved), ["policy_link.comment.length"]);
        let rejected = s.onboarding.reject_policy_link(&s.admin, link.id, Some(comment));
        assert_eq!(field_codes(rejected), ["policy_link.comment.length"]);
    }
    assert!(s.onboarding.reject_policy_link(&s.admin, link.id, Some(&longest)).is_ok());
}

#[test]
fn a_policy_past_its_end_cannot_be_requested() {
    let s = Scenario::in_memory();
    let (bank, _) = s.ready_partner_with_policy("bank");
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let end = BEGIN.plus_days(1);
    let policy = s.policy_until(group, "short", end);
    s.clock.set(end);
    assert_eq!(code(s.onboarding.request_policy(&s.admin, &bank, policy, "x")), "policy.ended");
    s.clock.set(misp_onboarding::Timestamp::from_unix_micros(end.unix_micros() - 1));
    assert!(s.onboarding.request_policy(&s.admin, &bank, policy, "x").is_ok());
}
