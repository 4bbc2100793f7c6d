//! Chapter 9: events.

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::license_key::{ImportLicenseKey, LicenseKey, RegenerateLicenseKey};
use misp_onboarding::list::ListRequest;
use misp_onboarding::partner::PartnerUpdate;
use misp_onboarding::policy::PolicyEdit;
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

#[test]
fn every_change_is_told_in_order_with_old_and_new_state_and_no_contact_data() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let update = PartnerUpdate {
        email: Some("secret.mail@example.org".into()),
        address: Some("Secret Street 1".into()),
        contact_number: Some("999 888 777".into()),
        language: None,
    };
    s.onboarding.update_partner(&s.admin, &bank, &update).unwrap();
    let second = s.pki.issue_with(ORGANIZATION, |b| b.serial(2)).pem();
    s.onboarding.upload_certificate(&s.admin, &bank, second.as_bytes()).unwrap();
    let key = s.license_key_for(&bank, policy, "x").view.row.key.id;
    // Identifiers made later sort later, from one millisecond to the next.
    s.clock.advance_days(1);
    s.onboarding.regenerate_license_key(&s.admin, key, &RegenerateLicenseKey::default()).unwrap();
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let pending = s.policy(group, "pending");
    s.request(&bank, pending);
    s.onboarding.deactivate_partner(&s.admin, &bank).unwrap();
    s.onboarding.deactivate_policy(&s.manager, pending).unwrap();
    let ca = s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap().items[0].id;
    s.onboarding.distrust_ca_certificate(&s.admin, ca, "gone").unwrap();

    let events = s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap();
    let told: Vec<(EventKind, Option<&str>, Option<&str>)> = events
        .iter()
        .map(|e| (e.event.kind, e.event.old_state.as_deref(), e.event.new_state.as_deref()))
        .collect();
    use EventKind as K;
    assert_eq!(
        told,
        [
            (K::PartnerCreated, None, Some("inactive")),
            (K::CaCertificateAdded, None, Some("trusted")),
            (K::CaCertificateAdded, None, Some("trusted")),
            (K::PartnerCertificateUploaded, None, Some("current")),
            (K::PartnerActivated, Some("inactive"), Some("active")),
            (K::PolicyGroupCreated, None, Some("active")),
            (K::PartnerPolicyGroupSelected, Some("active"), Some("active")),
            (K::PolicyCreated, None, Some("draft")),
            (K::PolicyPublished, Some("draft"), Some("active")),
            (K::PolicyLinkRequested, None, Some("pending")),
            (K::PolicyLinkApproved, Some("pending"), Some("approved")),
            (K::PartnerUpdated, Some("active"), Some("active")),
            (K::PartnerCertificateReplaced, Some("current"), Some("replaced")),
            (K::PartnerCertificateUploaded, None, Some("current")),
            (K::LicenseKeyGenerated, None, Some("active")),
            (K::LicenseKeyReplaced, Some("active"), Some("replaced")),
            (K::LicenseKeyGenerated, None, Some("active")),
            (K::PolicyCreated, None, Some("draft")),
            (K::PolicyPublished, Some("draft"), Some("active")),
            (K::PolicyLinkRequested, None, Some("pending")),
            (K::PartnerDeactivated, Some("active"), Some("deactivated")),
            (K::PolicyLinkRejected, Some("pending"), Some("rejected")),
            (K::LicenseKeyDeactivated, Some("replaced"), Some("deactivated")),
            (K::LicenseKeyDeactivated, Some("active"), Some("deactivated")),
            (K::PolicyDeactivated, Some("active"), Some("deactivated")),
            (K::CaCertificateDistrusted, Some("trusted"), Some("distrusted")),
        ]
    );
    let shown = format!("{events:?}");
    for contact in ["secret.mail", "Secret Street", "999 888", "@example.org", "Harbor"] {
        assert!(!shown.contains(contact), "{contact}");
    }
    assert_eq!(events.iter().filter(|e| e.event.partner.as_ref() == Some(&bank)).count(), 17);
}

#[test]
fn a_cursor_reads_on_and_misses_none() {
    let s = Scenario::in_memory();
    s.ready_partner("bank");
    let all = s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap();
    let mut read = Vec::new();
    let mut cursor = EventSequence::START;
    loop {
        let some = s.onboarding.events(&s.admin, cursor, 2).unwrap();
        assert!(some.len() <= 2);
        let Some(last) = some.last() else { break };
        cursor = last.sequence;
        read.extend(some);
    }
    assert_eq!(read, all);
    assert!(s.onboarding.events(&s.admin, cursor, 0).unwrap().is_empty());
    s.partner("other");
    assert_eq!(s.onboarding.events(&s.admin, cursor, 10).unwrap().len(), 1);
}

#[test]
fn a_refused_command_tells_nothing() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let before = s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap();
    let _ = s.onboarding.create_partner(&s.admin, &s.new_partner("BANK")).unwrap_err();
    let _ = s.onboarding.upload_certificate(&s.admin, &bank, b"x").unwrap_err();
    let _ =
        s.onboarding.generate_license_key(&s.admin, &misp_onboarding_testkit::scenario::generate(&bank, "x"));
    assert_eq!(s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap(), before);
}

/// The facts of the last event, which must be of this kind.
fn facts(s: &Scenario, kind: EventKind) -> Vec<(String, String)> {
    let events = s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap();
    let last = events.into_iter().next_back().unwrap().event;
    assert_eq!(last.kind, kind);
    last.facts.into_iter().collect()
}

fn pairs(facts: &[(&str, &str)]) -> Vec<(String, String)> {
    facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_update_tells_which_fields_changed_and_not_to_what() {
    let s = Scenario::in_memory();
    let bank = s.partner("bank");
    let update = |update: PartnerUpdate| s.onboarding.update_partner(&s.admin, &bank, &update).unwrap();
    update(PartnerUpdate { language: Some("fra".into()), ..PartnerUpdate::default() });
    assert_eq!(facts(&s, EventKind::PartnerUpdated), pairs(&[("fields", "language")]));
    update(PartnerUpdate {
        address: Some("Elsewhere".into()),
        contact_number: Some("1".into()),
        email: Some("new@example.org".into()),
        language: Some("fra".into()),
    });
    let changed = pairs(&[("fields", "address,contact_number,email")]);
    assert_eq!(facts(&s, EventKind::PartnerUpdated), changed, "the language is what it was");
    let before = s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap().len();
    update(PartnerUpdate { address: Some(" Elsewhere ".into()), ..PartnerUpdate::default() });
    let after = s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap().len();
    assert_eq!(after, before, "nothing changed, nothing is told");
}

#[test]
fn an_edit_tells_the_draft_s_name_from_then_on_and_its_group() {
    let s = Scenario::in_memory();
    let group = s.policy_group("Banks").id;
    let draft = s.draft(group, "Sign-in").id;
    let edit = PolicyEdit { name: Some("e-KYC".into()), ..PolicyEdit::default() };
    s.onboarding.edit_policy(&s.manager, draft, &edit).unwrap();
    let wanted = pairs(&[("name", "e-KYC"), ("policy_group", &group.to_string())]);
    assert_eq!(facts(&s, EventKind::PolicyEdited), wanted);
}

#[test]
fn an_import_tells_name_end_and_policy_and_nothing_of_the_key() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let text = "Key0".repeat(13)[..50].to_owned();
    let import = ImportLicenseKey {
        key: LicenseKey::parse(&text).unwrap(),
        partner: bank.clone(),
        policy: Some(policy),
        name: "  old   key ".into(),
        expires_at: BEGIN.plus_days(9),
    };
    s.onboarding.import_license_keys(&s.admin, &[import]).unwrap();
    let wanted = pairs(&[
        ("expires_at", &BEGIN.plus_days(9).to_string()),
        ("name", "old key"),
        ("policy", &policy.to_string()),
    ]);
    assert_eq!(facts(&s, EventKind::LicenseKeyImported), wanted);
    let events = s.onboarding.events(&s.admin, EventSequence::START, 1_000).unwrap();
    assert!(!format!("{events:?}").contains("Key0"));
}
