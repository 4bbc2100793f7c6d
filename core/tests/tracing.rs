//! What the spans of the feature `tracing` hold: a whole scenario is recorded, every field of every span, and searched
//! for what must not be there.
#![allow(clippy::unwrap_used, reason = "what cannot be set up is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use misp_onboarding::event::EventSequence;
use misp_onboarding::license_key::{
    GenerateLicenseKey, ImportLicenseKey, KeyHasher, LicenseKey, RegenerateLicenseKey, Validity,
};
use misp_onboarding::list::ListRequest;
use misp_onboarding::onboarding::ExpiringRequest;
use misp_onboarding::partner::{NewPartner, PartnerUpdate};
use misp_onboarding::policy::PolicyEdit;
use misp_onboarding::store::{MemoryStore, StoreError};
use misp_onboarding::trust_store::{CaCertificateFilter, TrustDomain};
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::scenario::{DOCUMENT, ORGANIZATION, Scenario, generate};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const MOSIP_KEY: &str = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6g";

#[test]
fn every_call_has_a_span_with_its_outcome_and_nothing_but_ids() {
    let s = Scenario::in_memory();
    let (spans, told) = recorded(|| whole_scenario(&s));

    let names: BTreeSet<_> = spans.iter().map(|span| span.name.to_owned()).collect();
    assert_eq!(names, methods());
    for span in &spans {
        let outcomes: Vec<_> = span.fields.iter().filter(|(name, _)| *name == "outcome").collect();
        assert_eq!(outcomes.len(), 1, "{span:?}");
        for (name, value) in &span.fields {
            let known = match *name {
                "outcome" => value == "\"ok\"" || value.contains('.'),
                "partner" => value == "bank" || value == "other",
                "policy" | "policy_group" | "policy_link" | "license_key" | "ca_certificate" => {
                    is_uuid(value)
                }
                _ => false,
            };
            assert!(known, "{name}={value} of {span:?}");
        }
    }

    let all = format!("{spans:?}").to_lowercase();
    for secret in &told {
        assert!(!all.contains(&secret.to_lowercase()), "a span holds {secret}");
    }
    assert!(all.contains("bank"), "the search finds nothing");
}

#[test]
fn outcomes_are_the_codes() {
    let s = Scenario::in_memory();
    let (spans, ()) = recorded(|| {
        let bank = s.active_partner("bank");
        assert!(s.onboarding.deactivate_partner(&s.manager, &bank).is_err());
        assert!(s.onboarding.create_partner(&s.admin, &s.new_partner("bank")).is_err());
        let key = s.license_key(&bank, "production").key;
        for presented in [key.reveal(), MOSIP_KEY, "no key"] {
            let _ = s.onboarding.authenticate(presented).unwrap();
        }
        s.clock.advance_days(90);
        assert!(s.onboarding.authenticate(key.reveal()).unwrap().is_err());
    });
    let outcomes: Vec<_> =
        spans.iter().map(|span| (span.name, span.fields.last().unwrap().1.trim_matches('"'))).collect();
    let want = [
        ("create_partner", "ok"),
        ("upload_ca_certificates", "ok"),
        ("upload_certificate", "ok"),
        ("deactivate_partner", "actor.forbidden"),
        ("create_partner", "input.taken"),
        ("generate_license_key", "ok"),
        ("authenticate", "ok"),
        ("authenticate", "authenticate.unknown"),
        ("authenticate", "authenticate.malformed"),
        ("authenticate", "authenticate.expired"),
    ];
    assert_eq!(outcomes, want);
}

#[test]
fn what_a_failing_store_says_stays_out() {
    struct Failing(MemoryStore);
    impl Layer for Failing {
        fn below(&self) -> &dyn misp_onboarding::store::Store {
            &self.0
        }
        fn before(&self) -> Result<(), StoreError> {
            // As a database tells of a violated constraint.
            Err(StoreError::backend("Key (email)=(misp@example.org) already exists"))
        }
    }
    let s = Scenario::new(Arc::new(Layered(Failing(MemoryStore::new()))));
    let (spans, ()) = recorded(|| {
        assert!(s.onboarding.create_partner(&s.admin, &s.new_partner("bank")).is_err());
        assert!(s.onboarding.authenticate(MOSIP_KEY).is_err());
    });
    let unavailable = |name| Span { name, fields: vec![("outcome", "\"store.backend\"".to_owned())] };
    assert_eq!(spans, [unavailable("create_partner"), unavailable("authenticate")]);
}

/// Calls everything at least once, some of it so that it fails. Answers with what no span may hold.
fn whole_scenario(s: &Scenario) -> Vec<String> {
    let (onboarding, admin, manager) = (&s.onboarding, &s.admin, &s.manager);
    let new = NewPartner {
        address: "221B Baker Street".to_owned(),
        contact_number: "+44 (20) 7946".to_owned(),
        email: "sherlock@example.org".to_owned(),
        ..s.new_partner("bank")
    };
    let bank = onboarding.create_partner(admin, &new).unwrap().id;
    assert!(onboarding.create_partner(admin, &NewPartner { email: "moriarty@".to_owned(), ..new }).is_err());
    let update = PartnerUpdate {
        address: Some("5 Reichenbach Falls".to_owned()),
        contact_number: Some("+41 33 555".to_owned()),
        email: Some("watson@example.org".to_owned()),
        ..PartnerUpdate::default()
    };
    onboarding.update_partner(admin, &bank, &update).unwrap();

    s.certify(&bank);
    let certificate = s.pki.issue(ORGANIZATION).pem();
    onboarding.inspect_certificate(admin, &bank, certificate.as_bytes()).unwrap();
    onboarding.certificate_history(admin, &bank).unwrap();
    let group = s.policy_group("Detectives");
    let draft = s.draft(group.id, "Deduction");
    onboarding.edit_policy(manager, draft.id, &PolicyEdit::default()).unwrap();
    let policy = onboarding.publish_policy(manager, draft.id).unwrap().id;
    onboarding.select_policy_group(admin, &bank, group.id).unwrap();
    let rejected = onboarding.request_policy(admin, &bank, policy, "elementary").unwrap();
    onboarding.reject_policy_link(admin, rejected.id, Some("not so elementary")).unwrap();
    let link = s.link(&bank, policy);
    onboarding.policy_link(admin, link.id).unwrap();
    onboarding.policy_group(admin, group.id).unwrap();
    onboarding.policy(admin, policy).unwrap();
    onboarding.partner(admin, &bank).unwrap();

    onboarding.partners_for_license_key(admin, 10, None).unwrap();
    onboarding.policies_for_license_key(admin, &bank).unwrap();
    let named = GenerateLicenseKey { policy: Some(policy), ..generate(&bank, "violin") };
    let first = onboarding.generate_license_key(admin, &named).unwrap();
    assert!(onboarding.generate_license_key(admin, &named).is_err(), "the name is taken");
    let overlap = RegenerateLicenseKey {
        overlap: Duration::from_secs(60),
        validity: Validity::Default,
        ..RegenerateLicenseKey::default()
    };
    let second = onboarding.regenerate_license_key(admin, first.view.row.key.id, &overlap).unwrap();
    let import = ImportLicenseKey {
        partner: bank.clone(),
        key: LicenseKey::parse(MOSIP_KEY).unwrap(),
        policy: None,
        name: "pipe".to_owned(),
        expires_at: first.view.row.key.expires_at,
    };
    onboarding.import_license_keys(admin, std::slice::from_ref(&import)).unwrap();
    assert!(onboarding.import_license_keys(admin, &[import]).is_err(), "it is there already");
    onboarding.license_key(admin, second.view.row.key.id).unwrap();
    let mistyped = first.key.reveal().replace("misp_", "misq_");
    for presented in [first.key.reveal(), second.key.reveal(), MOSIP_KEY, &mistyped] {
        let _ = onboarding.authenticate(presented).unwrap();
    }

    let page = ExpiringRequest { window_days: 90, ..ExpiringRequest::default() };
    onboarding.expiring_license_keys(admin, &page).unwrap();
    onboarding.expiring_partner_certificates(admin, &page).unwrap();
    onboarding.expiring_ca_certificates(admin, &page).unwrap();
    onboarding.list_partners(admin, &ListRequest::default()).unwrap();
    onboarding.list_policies(admin, &ListRequest::default()).unwrap();
    onboarding.list_policy_groups(admin, &ListRequest::default()).unwrap();
    onboarding.list_policy_links(admin, &ListRequest::default()).unwrap();
    onboarding.list_license_keys(admin, &ListRequest::default()).unwrap();
    onboarding.events(admin, EventSequence::START, 1_000).unwrap();

    let cas =
        onboarding.list_ca_certificates(admin, &ListRequest::with_filter(CaCertificateFilter::default()));
    let ca = cas.unwrap().items.remove(0);
    onboarding.ca_certificate(admin, ca.id).unwrap();
    onboarding.ca_chain(admin, ca.id).unwrap();
    onboarding.partners_relying_on(admin, ca.id).unwrap();
    onboarding.distrust_ca_certificate(admin, ca.id, "the hound of the Baskervilles").unwrap();
    assert!(onboarding.upload_ca_certificates(admin, &TrustDomain::auth(), b"no certificate").is_err());

    onboarding.deactivate_license_key(admin, second.view.row.key.id).unwrap();
    onboarding.deactivate_partner(admin, &bank).unwrap();
    let other = s.partner("other");
    assert!(onboarding.deactivate_partner(manager, &other).is_err(), "the role is missing");
    let empty = s.policy_group("Villains");
    let plot = s.policy(empty.id, "Plot");
    onboarding.deactivate_policy(manager, plot).unwrap();
    onboarding.deactivate_policy_group(manager, empty.id).unwrap();

    let keys = [first.key.reveal(), second.key.reveal(), MOSIP_KEY, &mistyped];
    let hasher = KeyHasher::sha256();
    let digests = keys[..3].iter().map(|key| LicenseKey::parse(key).unwrap().digest(&hasher).to_string());
    let texts = [
        "Baker Street",
        "Reichenbach",
        "7946",
        "+41 33",
        "sherlock",
        "watson",
        "moriarty",
        "@",
        "elementary",
        "hound",
        "violin",
        "pipe",
        "Detectives",
        "Deduction",
        "ana.admin",
        ORGANIZATION,
        DOCUMENT,
    ];
    keys.into_iter().chain(texts).map(str::to_owned).chain(digests).collect()
}

/// The public methods of the engine that somebody calls: those that take an actor, and `authenticate`.
fn methods() -> BTreeSet<String> {
    let mut found = BTreeSet::from(["authenticate".to_owned()]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/onboarding");
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for function in source.split("    pub fn ").skip(1) {
            let (name, rest) = function.split_once('(').unwrap();
            let (arguments, _) = rest.split_once('{').unwrap();
            if arguments.contains("actor: &Actor") {
                found.insert(name.to_owned());
            }
        }
    }
    assert!(found.len() > 30, "{found:?}");
    found
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// A span: its name, and its fields with the value that each was given, in order.
#[derive(Debug, PartialEq)]
struct Span {
    name: &'static str,
    fields: Vec<(&'static str, String)>,
}

/// What the spans of a run held, and what the run answered.
fn recorded<T>(run: impl FnOnce() -> T) -> (Vec<Span>, T) {
    let recorder = Recorder::default();
    let spans = recorder.0.clone();
    let answer = tracing::subscriber::with_default(recorder, run);
    let spans = std::mem::take(&mut *spans.lock().unwrap());
    (spans, answer)
}

/// Keeps every field of every span.
#[derive(Default)]
struct Recorder(Arc<Mutex<Vec<Span>>>);

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        spans.push(Span { name: attributes.metadata().name(), fields: Vec::new() });
        attributes.record(&mut Fields(&mut spans.last_mut().unwrap().fields));
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.0.lock().unwrap();
        let index = usize::try_from(id.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut spans[index].fields));
    }

    fn event(&self, event: &Event<'_>) {
        let mut spans = self.0.lock().unwrap();
        spans.push(Span { name: event.metadata().name(), fields: Vec::new() });
        event.record(&mut Fields(&mut spans.last_mut().unwrap().fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Fields<'a>(&'a mut Vec<(&'static str, String)>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}
