//! Chapter 5: policy groups and policies.

use misp_onboarding::ErrorKind;
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, PolicyEdit, PolicyGroupState, PolicyState};
use misp_onboarding_testkit::scenario::{BEGIN, DOCUMENT, Scenario};

use crate::{code, field_codes, kind};

#[test]
fn the_fields_of_a_policy_group_have_their_boundaries() {
    for (name, group_name, description, want) in [
        ("shortest", "x".to_owned(), "x".to_owned(), vec![]),
        ("longest", "x".repeat(128), "x".repeat(256), vec![]),
        (
            "empty",
            String::new(),
            String::new(),
            vec!["policy_group.name.length", "policy_group.description.length"],
        ),
        (
            "too long",
            "x".repeat(129),
            "x".repeat(257),
            vec!["policy_group.name.length", "policy_group.description.length"],
        ),
    ] {
        let s = Scenario::in_memory();
        let result =
            s.onboarding.create_policy_group(&s.manager, &NewPolicyGroup { name: group_name, description });
        if want.is_empty() {
            assert_eq!(result.unwrap().state, PolicyGroupState::Active, "{name}");
        } else {
            assert_eq!(field_codes(result), want, "{name}");
        }
    }
}

#[test]
fn group_names_are_unique_without_regard_to_case_also_after_deactivation() {
    let s = Scenario::in_memory();
    let group = s.policy_group("Banks");
    s.onboarding.deactivate_policy_group(&s.manager, group.id).unwrap();
    let again = NewPolicyGroup { name: "BANKS".into(), description: "x".into() };
    let error = s.onboarding.create_policy_group(&s.manager, &again).unwrap_err();
    assert_eq!((error.kind(), error.pms_code()), (ErrorKind::AlreadyExists, Some("PMS_POL_014")));
}

#[test]
fn a_group_is_deactivated_only_when_no_policy_of_it_is_a_draft_or_active() {
    let s = Scenario::in_memory();
    let group = s.policy_group("banks").id;
    let draft = s.draft(group, "one").id;
    let refused = |want: &str| {
        let error = s.onboarding.deactivate_policy_group(&s.manager, group).unwrap_err();
        assert_eq!((error.code(), error.pms_code()), ("policy_group.in_use", Some(want)), "{error}");
    };
    refused("PMS_POL_070");
    let active = s.policy(group, "two");
    refused("PMS_POL_069");
    s.onboarding.publish_policy(&s.manager, draft).unwrap();
    refused("PMS_POL_056");
    s.onboarding.deactivate_policy(&s.manager, draft).unwrap();
    refused("PMS_POL_056");
    s.onboarding.deactivate_policy(&s.manager, active).unwrap();
    let gone = s.onboarding.deactivate_policy_group(&s.manager, group).unwrap();
    assert_eq!(gone.state, PolicyGroupState::Deactivated);
    assert_eq!(
        code(s.onboarding.deactivate_policy_group(&s.manager, group)),
        "policy_group.already_deactivated"
    );
    let new = NewPolicy {
        group,
        name: "x".into(),
        description: "x".into(),
        document: DOCUMENT.into(),
        valid_until: None,
    };
    assert_eq!(code(s.onboarding.create_policy(&s.manager, &new)), "policy_group.not_active");
}

#[test]
fn the_fields_of_a_policy_are_checked_together() {
    let s = Scenario::in_memory();
    let group = s.policy_group("banks").id;
    let new = NewPolicy {
        group,
        name: "x".repeat(129),
        description: String::new(),
        document: "{}".into(),
        valid_until: Some(BEGIN),
    };
    assert_eq!(
        field_codes(s.onboarding.create_policy(&s.manager, &new)),
        [
            "policy.name.length",
            "policy.description.length",
            "policy.document.format",
            "policy.valid_until.range"
        ]
    );
    let end = misp_onboarding::Timestamp::from_unix_micros(BEGIN.unix_micros() + 1);
    let new = NewPolicy {
        name: "x".repeat(128),
        description: "d".repeat(256),
        document: DOCUMENT.into(),
        valid_until: Some(end),
        ..new
    };
    assert_eq!(s.onboarding.create_policy(&s.manager, &new).unwrap().valid_until, Some(end));
    // Published at its end is too late.
    let policy = s.onboarding.create_policy(&s.manager, &NewPolicy { name: "y".into(), ..new }).unwrap();
    s.clock.set(end);
    assert_eq!(code(s.onboarding.publish_policy(&s.manager, policy.id)), "policy.ended");
}

#[test]
fn a_policy_name_is_unique_in_its_group_only() {
    let s = Scenario::in_memory();
    let (one, two) = (s.policy_group("one").id, s.policy_group("two").id);
    s.draft(one, "Standard");
    s.draft(two, "standard");
    let new = NewPolicy {
        group: one,
        name: " STANDARD ".into(),
        description: "x".into(),
        document: DOCUMENT.into(),
        valid_until: None,
    };
    let error = s.onboarding.create_policy(&s.manager, &new).unwrap_err();
    assert_eq!((error.code(), error.pms_code()), ("input.taken", Some("PMS_POL_009")));
}

#[test]
fn a_draft_can_be_edited_and_a_published_policy_cannot() {
    let s = Scenario::in_memory();
    let group = s.policy_group("banks").id;
    let draft = s.draft(group, "one");
    s.draft(group, "two");
    let taken = PolicyEdit { name: Some("TWO".into()), ..Default::default() };
    assert_eq!(field_codes(s.onboarding.edit_policy(&s.manager, draft.id, &taken)), ["policy.name.taken"]);
    let document = r#"{"allowAuthRequestDelegation":false,"allowKycRequestDelegation":true,"note":"kept"}"#;
    let edit = PolicyEdit {
        name: Some("ONE".into()),
        document: Some(document.into()),
        valid_until: Some(Some(BEGIN.plus_days(1))),
        ..Default::default()
    };
    let edited = s.onboarding.edit_policy(&s.manager, draft.id, &edit).unwrap();
    assert_eq!((edited.name.as_str(), edited.document.as_str()), ("ONE", document));
    assert_eq!(edited.description, draft.description);
    let described = PolicyEdit { description: Some("for banks".into()), ..Default::default() };
    let described = s.onboarding.edit_policy(&s.manager, draft.id, &described).unwrap();
    assert_eq!((described.description.as_str(), &described.name), ("for banks", &edited.name));
    let unlimited = PolicyEdit { valid_until: Some(None), ..Default::default() };
    assert_eq!(s.onboarding.edit_policy(&s.manager, draft.id, &unlimited).unwrap().valid_until, None);
    let published = s.onboarding.publish_policy(&s.manager, draft.id).unwrap();
    assert_eq!((published.state, published.published_at), (PolicyState::Active, Some(BEGIN)));
    assert_eq!(
        kind(s.onboarding.edit_policy(&s.manager, draft.id, &edit)),
        (ErrorKind::WrongState, "policy.not_draft")
    );
    assert_eq!(code(s.onboarding.publish_policy(&s.manager, draft.id)), "policy.not_draft");
}

#[test]
fn a_policy_is_deactivated_only_when_active_and_without_open_links() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let group = s.policy_group("banks").id;
    s.onboarding.select_policy_group(&s.admin, &bank, group).unwrap();
    let draft = s.draft(group, "one").id;
    assert_eq!(code(s.onboarding.deactivate_policy(&s.manager, draft)), "policy.not_active");
    s.onboarding.publish_policy(&s.manager, draft).unwrap();
    let link = s.request(&bank, draft);
    let refused = |want: &str| {
        let error = s.onboarding.deactivate_policy(&s.manager, draft).unwrap_err();
        assert_eq!((error.code(), error.pms_code()), ("policy.in_use", Some(want)), "{error}");
    };
    refused("PMS_POL_064");
    s.onboarding.reject_policy_link(&s.admin, link.id, None).unwrap();
    let second = s.policy(group, "two");
    s.link(&bank, second);
    let error = s.onboarding.deactivate_policy(&s.manager, second).unwrap_err();
    assert_eq!(error.pms_code(), Some("PMS_POL_063"));
    // Rejected links do not stand in the way.
    let gone = s.onboarding.deactivate_policy(&s.manager, draft).unwrap();
    assert_eq!(gone.state, PolicyState::Deactivated);
    assert_eq!(code(s.onboarding.deactivate_policy(&s.manager, draft)), "policy.already_deactivated");
    assert_eq!(code(s.onboarding.publish_policy(&s.manager, draft)), "policy.not_draft");
}

#[test]
fn a_document_has_at_most_5120_characters_when_it_is_created_and_when_it_is_edited() {
    let s = Scenario::in_memory();
    let group = s.policy_group("group").id;
    // Characters count, not bytes.
    let document = |characters: usize, filler: &str| {
        let frame = r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":false,"x":""}"#;
        frame.replace("\"x\":\"\"", &format!("\"x\":\"{}\"", filler.repeat(characters - frame.len())))
    };
    for filler in ["x", "\u{1f511}"] {
        for (characters, want) in [(5_119, true), (5_120, true), (5_121, false)] {
            let text = document(characters, filler);
            assert_eq!(text.chars().count(), characters);
            let new = NewPolicy {
                group,
                name: format!("{filler} {characters}"),
                description: "x".into(),
                document: text.clone(),
                valid_until: None,
            };
            let created = s.onboarding.create_policy(&s.manager, &new);
            let draft = s.draft(group, &format!("draft {filler} {characters}")).id;
            let edit = PolicyEdit { document: Some(text.clone()), ..PolicyEdit::default() };
            let edited = s.onboarding.edit_policy(&s.manager, draft, &edit);
            for result in [created, edited] {
                if want {
                    assert_eq!(result.unwrap().document.as_str(), text);
                } else {
                    assert_eq!(field_codes(result), ["policy.document.length"]);
                }
            }
        }
    }
}
