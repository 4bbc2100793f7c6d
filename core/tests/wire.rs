//! What crosses serde: every record comes back as it was, and reading checks what it reads.
#![allow(clippy::unwrap_used)]

use std::fmt::Debug;

use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::license_key::{
    AuthenticationRecord, LicenseKeyFilter, LicenseKeyRow, RegenerateLicenseKey,
};
use misp_onboarding::list::ListRequest;
use misp_onboarding::partner::{Partner, PartnerFilter, PartnerRow};
use misp_onboarding::policy::{Policy, PolicyRow};
use misp_onboarding::policy_link::PolicyLinkRow;
use misp_onboarding::store::{Change, ChangeSet, Record, RecordId};
use misp_onboarding::trust_store::CaCertificate;
use misp_onboarding_testkit::scenario::Scenario;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_record_row_and_event_comes_back_as_it_was() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let key = s.license_key_for(&bank, policy, "production");
    let command = RegenerateLicenseKey::default();
    let second = s.onboarding.regenerate_license_key(&s.admin, key.view.row.key.id, &command).unwrap();
    let (engine, admin) = (&s.onboarding, &s.admin);
    let store = engine.store();

    let partner = engine.partner(admin, &bank).unwrap();
    let certificate = store.partner_certificate(partner.certificate.unwrap()).unwrap().unwrap();
    let link = engine.list_policy_links(admin, &ListRequest::default()).unwrap().items.remove(0);
    let domain = store.trust_domain(&engine.rules().partner_domain).unwrap().unwrap();
    let ca = engine.list_ca_certificates(admin, &ListRequest::default()).unwrap().items.remove(0);
    let row = engine.list_policies(admin, &ListRequest::default()).unwrap().items.remove(0);
    let group = engine.policy_group(admin, row.policy.group).unwrap();
    let partner_row = engine.list_partners(admin, &ListRequest::default()).unwrap().items.remove(0);

    comes_back::<PartnerRow>(&partner_row);
    comes_back::<PolicyRow>(&row);
    comes_back::<PolicyLinkRow>(&link);
    comes_back::<LicenseKeyRow>(&second.view.row);
    let digest = second.view.row.key.digest;
    comes_back::<AuthenticationRecord>(&store.find_by_digest(&digest).unwrap().unwrap());
    let mut changes = ChangeSet::new();
    changes.expect(RecordId::Partner(bank.clone()), partner.version);
    let records: [Record; 8] = [
        domain.into(),
        ca.into(),
        partner.into(),
        certificate.into(),
        group.into(),
        row.policy.into(),
        link.link.into(),
        second.view.row.key.into(),
    ];
    for record in records {
        comes_back(&record);
        changes.insert(record.clone()).update(record);
    }
    let events = engine.events(admin, EventSequence::START, 1_000).unwrap();
    assert!(events.len() > 10);
    for event in events {
        comes_back::<Event>(&event);
        changes.event(event.event);
    }
    comes_back::<ChangeSet>(&changes);
}

#[test]
fn text_types_are_their_text_and_bytes_are_base64() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let partner = comes_back::<Partner>(&s.onboarding.partner(&s.admin, &bank).unwrap());
    assert_eq!(partner["id"], "bank");
    assert_eq!(partner["state"], "active");
    assert_eq!(partner["created_at"], s.onboarding.partner(&s.admin, &bank).unwrap().created_at.to_string());
    let ca = s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap().items.remove(0);
    let der = comes_back::<CaCertificate>(&ca)["der"].as_str().unwrap().to_owned();
    assert!(der.starts_with("MII"), "{der}");
    let expected = json!({"expect": [{"kind": "partner", "id": "bank"}, 3]});
    assert_eq!(comes_back(&serde_json::from_value::<Change>(expected.clone()).unwrap()), expected);
}

#[test]
fn filters_may_leave_out_what_they_do_not_ask_for_and_name_what_they_do_not_know() {
    let filter: LicenseKeyFilter =
        serde_json::from_value(json!({"status": "expired", "name": "ÄB"})).unwrap();
    assert_eq!(filter.name.as_ref().unwrap().folded(), "äb");
    comes_back(&filter);
    assert_eq!(serde_json::from_value::<PartnerFilter>(json!({})).unwrap(), PartnerFilter::default());
    let error = serde_json::from_value::<PartnerFilter>(json!({"states": "active"})).unwrap_err();
    assert!(error.to_string().contains("unknown field `states`"), "{error}");
}

#[test]
fn reading_refuses_what_parsing_refuses() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let good = comes_back::<Partner>(&s.onboarding.partner(&s.admin, &bank).unwrap());
    for (field, value, reason) in [
        ("id", json!("1bank"), "a letter first"),
        ("state", json!("asleep"), "one of inactive, active, deactivated"),
        ("created_at", json!("noon"), "an RFC 3339 instant"),
        ("certificate", json!("x"), "a UUID"),
        ("language", json!("english"), "ISO 639-3"),
        ("version", json!(-1), "invalid value"),
        ("extra", json!(1), "unknown field"),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        let error = serde_json::from_value::<Partner>(bad).unwrap_err().to_string();
        assert!(error.contains(reason), "{field}: {error}");
    }
    let group = s.policy_group("Banks");
    let draft = s.draft(group.id, "Sign-in");
    let mut bad = comes_back::<Policy>(&draft);
    bad["document"] = json!("[]");
    assert!(serde_json::from_value::<Policy>(bad).unwrap_err().to_string().contains("a JSON object"));
}
