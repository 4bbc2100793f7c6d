//! Races about policy groups, policies and links to them.

use misp_onboarding::Error;
use misp_onboarding::id::PolicyGroupId;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::policy::{NewPolicy, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::PolicyLinkState;

use super::{Race, Side, Subject};
use crate::scenario::{DOCUMENT, Scenario};

/// Why a link cannot be decided twice.
const DECIDED: &[&str] = &["policy_link.already_decided"];

pub(super) const RACES: &[Race] = &[
    Race {
        name: "approve and reject",
        prepare: |s, name| {
            let (partner, _) = s.ready_partner_with_policy(&format!("approve-{name}"));
            let link = s.request(&partner, s.policy(group_of(s, &partner), "second")).id;
            Subject::default().with("link", link)
        },
        one: approve,
        two: |s, subject| {
            s.onboarding
                .reject_policy_link(&s.admin, subject.get("link"), None)
                .map(|link| link.id.to_string())
        },
        check: |s, subject, outcomes| {
            let won = match outcomes.one_wins(DECIDED, DECIDED) {
                (Side::One, _) => PolicyLinkState::Approved,
                (Side::Two, _) => PolicyLinkState::Rejected,
            };
            let link = s.onboarding.policy_link(&s.admin, subject.get("link")).expect("link is there");
            assert_eq!(link.state, won);
        },
    },
    Race {
        name: "deactivate policy and request it",
        prepare: |s, name| {
            let (partner, _) = s.ready_partner_with_policy(&format!("policy-{name}"));
            let policy = s.policy(group_of(s, &partner), "second");
            Subject::default().with("partner", partner).with("policy", policy)
        },
        one: |s, subject| {
            let policy = s.onboarding.deactivate_policy(&s.manager, subject.get("policy"))?;
            Ok(policy.id.to_string())
        },
        two: request,
        check: |s, subject, outcomes| {
            let in_the_way = ["policy.in_use", "policy.already_deactivated"];
            let won =
                match outcomes.one_wins(&in_the_way, &["policy.not_active", "policy_link.already_pending"]) {
                    (Side::One, _) => PolicyState::Deactivated,
                    (Side::Two, _) => PolicyState::Active,
                };
            let policy = s.onboarding.policy(&s.manager, subject.get("policy")).expect("policy is there");
            assert_eq!(policy.state, won);
        },
    },
    Race {
        name: "deactivate group and draft a policy",
        prepare: |s, name| Subject::default().with("group", s.policy_group(&format!("closing {name}")).id),
        one: |s, subject| {
            let group = s.onboarding.deactivate_policy_group(&s.manager, subject.get("group"))?;
            Ok(group.id.to_string())
        },
        two: |s, subject| {
            let new = NewPolicy {
                group: subject.get("group"),
                name: "x".to_owned(),
                description: "x".to_owned(),
                document: DOCUMENT.to_owned(),
                valid_until: None,
            };
            s.onboarding.create_policy(&s.manager, &new).map(|policy| policy.id.to_string())
        },
        check: |s, subject, outcomes| {
            let in_the_way = ["policy_group.in_use", "policy_group.already_deactivated"];
            let won = match outcomes.one_wins(&in_the_way, &["policy_group.not_active", "input.taken"]) {
                (Side::One, _) => PolicyGroupState::Deactivated,
                (Side::Two, _) => PolicyGroupState::Active,
            };
            let group = s.onboarding.policy_group(&s.manager, subject.get("group")).expect("group is there");
            assert_eq!(group.state, won);
        },
    },
];

pub(super) fn request(s: &Scenario, subject: &Subject) -> Result<String, Error> {
    let (partner, policy): (PartnerId, _) = (subject.get("partner"), subject.get("policy"));
    s.onboarding.request_policy(&s.admin, &partner, policy, "x").map(|link| link.id.to_string())
}

pub(super) fn approve(s: &Scenario, subject: &Subject) -> Result<String, Error> {
    s.onboarding.approve_policy_link(&s.admin, subject.get("link"), None).map(|link| link.id.to_string())
}

pub(super) fn group_of(s: &Scenario, partner: &PartnerId) -> PolicyGroupId {
    let partner = s.onboarding.partner(&s.admin, partner).expect("partner is there");
    partner.policy_group.expect("partner has a policy group")
}
