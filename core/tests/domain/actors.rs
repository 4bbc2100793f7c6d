//! Chapter 1: who may do what.

use misp_onboarding::event::EventSequence;
use misp_onboarding::license_key::RegenerateLicenseKey;
use misp_onboarding::list::ListRequest;
use misp_onboarding::onboarding::ExpiringRequest;
use misp_onboarding::partner::PartnerUpdate;
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, PolicyEdit};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Actor, Error};
use misp_onboarding_testkit::scenario::{Scenario, generate};

use crate::code;

type Call<'a> = (&'static str, Box<dyn Fn(&Actor) -> Result<(), Error> + 'a>);

fn call<'a, T>(name: &'static str, run: impl Fn(&Actor) -> Result<T, Error> + 'a) -> Call<'a> {
    (name, Box::new(move |actor| run(actor).map(|_| ())))
}

#[test]
fn every_call_needs_its_role_and_says_which() {
    let s = Scenario::in_memory();
    let (partner, policy) = s.ready_partner_with_policy("bank");
    let link = s.onboarding.list_policy_links(&s.admin, &ListRequest::default()).unwrap().items[0].link.id;
    let key = s.license_key(&partner, "one").view.row.key.id;
    let group = s.policy_group("other").id;
    let ca = s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap().items[0].id;
    let o = &s.onboarding;
    let new_policy = || NewPolicy {
        group,
        name: "x".into(),
        description: "x".into(),
        document: misp_onboarding_testkit::scenario::DOCUMENT.into(),
        valid_until: None,
    };
    let partner_admin_only: Vec<Call<'_>> = vec![
        call("upload_ca_certificates", |a| o.upload_ca_certificates(a, &TrustDomain::auth(), b"")),
        call("distrust_ca_certificate", |a| o.distrust_ca_certificate(a, ca, "")),
        call("create_partner", |a| o.create_partner(a, &s.new_partner(""))),
        call("update_partner", |a| o.update_partner(a, &partner, &PartnerUpdate::default())),
        call("select_policy_group", |a| o.select_policy_group(a, &partner, group)),
        call("inspect_certificate", |a| o.inspect_certificate(a, &partner, b"")),
        call("upload_certificate", |a| o.upload_certificate(a, &partner, b"")),
        call("request_policy", |a| o.request_policy(a, &partner, policy, "")),
        call("approve_policy_link", |a| o.approve_policy_link(a, link, None)),
        call("reject_policy_link", |a| o.reject_policy_link(a, link, None)),
        call("generate_license_key", |a| o.generate_license_key(a, &generate(&partner, ""))),
        call("regenerate_license_key", |a| {
            o.regenerate_license_key(
                a,
                key,
                &RegenerateLicenseKey { name: Some(String::new()), ..Default::default() },
            )
        }),
        call("import_license_keys", |a| o.import_license_keys(a, &[])),
    ];
    let policy_manager_only: Vec<Call<'_>> = vec![
        call("create_policy_group", |a| o.create_policy_group(a, &NewPolicyGroup::default())),
        call("deactivate_policy_group", |a| o.deactivate_policy_group(a, group)),
        call("create_policy", |a| o.create_policy(a, &new_policy())),
        call("edit_policy", |a| o.edit_policy(a, policy, &PolicyEdit::default())),
        call("publish_policy", |a| o.publish_policy(a, policy)),
        call("deactivate_policy", |a| o.deactivate_policy(a, policy)),
    ];
    let either: Vec<Call<'_>> = vec![
        call("partner", |a| o.partner(a, &partner)),
        call("list_partners", |a| o.list_partners(a, &ListRequest::default())),
        call("certificate_history", |a| o.certificate_history(a, &partner)),
        call("ca_certificate", |a| o.ca_certificate(a, ca)),
        call("ca_chain", |a| o.ca_chain(a, ca)),
        call("list_ca_certificates", |a| o.list_ca_certificates(a, &ListRequest::default())),
        call("policy_group", |a| o.policy_group(a, group)),
        call("policy", |a| o.policy(a, policy)),
        call("list_policy_groups", |a| o.list_policy_groups(a, &ListRequest::default())),
        call("list_policies", |a| o.list_policies(a, &ListRequest::default())),
        call("policy_link", |a| o.policy_link(a, link)),
        call("list_policy_links", |a| o.list_policy_links(a, &ListRequest::default())),
        call("license_key", |a| o.license_key(a, key)),
        call("list_license_keys", |a| o.list_license_keys(a, &ListRequest::default())),
        call("partners_for_license_key", |a| o.partners_for_license_key(a, 8, None)),
        call("policies_for_license_key", |a| o.policies_for_license_key(a, &partner)),
        call("expiring_ca_certificates", |a| o.expiring_ca_certificates(a, &Default::default())),
        call("expiring_partner_certificates", |a| o.expiring_partner_certificates(a, &Default::default())),
        call("expiring_license_keys", |a| o.expiring_license_keys(a, &Default::default())),
        call("events", |a| o.events(a, EventSequence::START, 10)),
    ];
    let nobody = Actor::new("nina".parse().unwrap(), []);
    let forbidden = |actor: &Actor, (name, run): &Call<'_>| {
        let error = run(actor).expect_err(name);
        assert_eq!(
            (error.code(), error.pms_code()),
            ("actor.forbidden", Some("KER-ATH-403")),
            "{name}: {error}"
        );
        error.to_string()
    };
    for entry in &partner_admin_only {
        assert!(forbidden(&s.manager, entry).contains("the role PartnerAdmin is needed"), "{}", entry.0);
        forbidden(&nobody, entry);
        assert!(!matches!((entry.1)(&s.admin), Err(Error::Forbidden(_))), "{}", entry.0);
    }
    for entry in &policy_manager_only {
        assert!(forbidden(&s.admin, entry).contains("the role PolicyManager is needed"), "{}", entry.0);
        forbidden(&nobody, entry);
        assert!(!matches!((entry.1)(&s.manager), Err(Error::Forbidden(_))), "{}", entry.0);
    }
    for entry in &either {
        assert!(forbidden(&nobody, entry).contains("PartnerAdmin or PolicyManager"), "{}", entry.0);
        (entry.1)(&s.admin).expect(entry.0);
        (entry.1)(&s.manager).expect(entry.0);
    }
    assert_eq!(code(o.deactivate_license_key(&s.manager, key)), "actor.forbidden");
    // Nobody learns from a call they may not make what else is wrong with it.
    let empty = ExpiringRequest { window_days: 0, ..ExpiringRequest::default() };
    assert_eq!(code(o.expiring_ca_certificates(&nobody, &empty)), "actor.forbidden");
    assert_eq!(code(o.expiring_partner_certificates(&nobody, &empty)), "actor.forbidden");
    assert_eq!(code(o.expiring_license_keys(&nobody, &empty)), "actor.forbidden");
    assert_eq!(code(o.deactivate_partner(&s.manager, &partner)), "actor.forbidden");
}

#[test]
fn actor_and_instant_are_recorded_on_every_change() {
    let s = Scenario::in_memory();
    let partner = s.partner("bank");
    let later = s.clock.advance_days(1);
    let other = misp_onboarding_testkit::scenario::actor("bo", misp_onboarding::Role::PartnerAdmin);
    let update = PartnerUpdate { language: Some("fra".into()), ..Default::default() };
    let changed = s.onboarding.update_partner(&other, &partner, &update).unwrap();
    assert_eq!((changed.created_by.as_str(), changed.updated_by.as_str()), ("ana.admin", "bo"));
    assert_eq!(changed.updated_at, later);
    let events = s.onboarding.events(&s.admin, EventSequence::START, 10).unwrap();
    let last = &events.last().unwrap().event;
    assert_eq!((last.actor.as_str(), last.at), ("bo", later));
}
