//! Commands that race on real threads: exactly one outcome, whatever the order.
//!
//! Each race gives two commands that cannot both have their way to two engines at the same moment, each on a store
//! handle of its own, round after round, and looks at what became of it.
#![allow(clippy::expect_used, reason = "a race that cannot be set up is a failed test")]

use std::collections::HashMap;
use std::sync::{Arc, Barrier};
use std::thread;

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::license_key::{ImportLicenseKey, LicenseKeyFilter, LicenseKeyState, LicenseKeyStatus};
use misp_onboarding::list::{ListRequest, Page, SortKey};
use misp_onboarding::onboarding::GeneratedLicenseKey;
use misp_onboarding::partner::{PartnerId, PartnerState};
use misp_onboarding::policy::{NewPolicy, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::{RecordId, Store};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Error, Onboarding};

use crate::pki::CertificateBuilder;
use crate::scenario::{BEGIN, DOCUMENT, ORGANIZATION, Scenario, generate};

/// Two engines on one set of records.
pub struct Track {
    one: Scenario,
    two: Scenario,
}

/// One round of a race, by its number.
type Race = fn(&Track, usize);

/// Every race, by name.
const RACES: &[(&str, Race)] = &[
    ("two selections of a policy group", select_and_select),
    ("two keys of one name", generate_and_generate),
    ("approve and reject", approve_and_reject),
    ("deactivate partner and generate", deactivate_partner_and_generate),
    ("deactivate partner and regenerate", deactivate_partner_and_regenerate),
    ("deactivate partner and request policy", deactivate_partner_and_request),
    ("regenerate and regenerate", regenerate_and_regenerate),
    ("regenerate and deactivate", regenerate_and_deactivate),
    ("two first uploads", upload_and_upload),
    ("two partners of one id", create_and_create),
    ("deactivate policy and request it", deactivate_policy_and_request),
    ("deactivate group and draft a policy", deactivate_group_and_draft),
    ("two partners of one email address", email_and_email),
    ("select a policy group and deactivate it", select_and_deactivate_group),
    ("deactivate partner and approve", deactivate_partner_and_approve),
    ("generate and import a key of one name", generate_and_import),
    // Last, as each round leaves a CA behind.
    ("distrust a CA and upload a certificate", distrust_and_upload),
    ("distrust a CA and generate a key", distrust_and_generate),
];

impl Track {
    /// Two engines on two handles of the same records; the same handle twice will do.
    pub fn new(one: Arc<dyn Store>, two: Arc<dyn Store>) -> Self {
        Self { one: Scenario::new(one), two: Scenario::new(two) }
    }

    /// Runs every race for some rounds, then checks that no event was lost and no invariant is broken.
    pub fn run_all(&self, rounds: usize) {
        for (index, (name, race)) in RACES.iter().enumerate() {
            for round in 0..rounds {
                race(self, index * rounds + round);
            }
            self.check_invariants(name);
        }
    }

    /// Runs two commands at the same moment.
    fn race<A: Send, B: Send>(
        &self,
        one: impl FnOnce(&Onboarding) -> A + Send,
        two: impl FnOnce(&Onboarding) -> B + Send,
    ) -> (A, B) {
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            let first = scope.spawn(|| {
                barrier.wait();
                one(&self.one.onboarding)
            });
            barrier.wait();
            let second = two(&self.two.onboarding);
            (first.join().expect("the first racer finishes"), second)
        })
    }

    /// What must hold of the records whatever happened before.
    fn check_invariants(&self, after: &str) {
        let s = &self.one;
        // Every event has its place in order, tells of a later version than the one before, and goes on from the state
        // that the one before left. (A version also moves with what belongs to a record, so it may skip numbers.)
        let mut cursor = EventSequence::START;
        let mut versions = HashMap::new();
        let mut states: HashMap<_, (Option<String>, Option<String>)> = HashMap::new();
        loop {
            let events = s.onboarding.events(&s.admin, cursor, 1_000).expect("events are read");
            let Some(last) = events.last() else { break };
            cursor = last.sequence;
            for event in events {
                let event = event.event;
                let known: &mut u32 = versions.entry(event.subject.clone()).or_default();
                assert!(event.version.number() > *known, "after {after}: {event:?} follows version {known}");
                *known = event.version.number();
                if let Some((_, before)) = states.get(&event.subject) {
                    assert_eq!(before, &event.old_state, "after {after}: {event:?}");
                }
                states.insert(event.subject, (event.old_state, event.new_state));
            }
        }
        // What is stored is what was told last, of every record.
        let told = |record: RecordId, state: &str| {
            let last = states.get(&record).and_then(|(_, state)| state.as_deref());
            assert_eq!(last, Some(state), "after {after}: {record}");
        };
        for row in all(|request| s.onboarding.list_partners(&s.admin, request)) {
            told(RecordId::Partner(row.partner.id), row.partner.state.as_str());
        }
        for row in all(|request| s.onboarding.list_policies(&s.admin, request)) {
            told(RecordId::Policy(row.policy.id), row.policy.state.as_str());
        }
        for group in all(|request| s.onboarding.list_policy_groups(&s.admin, request)) {
            told(RecordId::PolicyGroup(group.id), group.state.as_str());
        }
        for row in all(|request| s.onboarding.list_policy_links(&s.admin, request)) {
            told(RecordId::PolicyLink(row.link.id), row.link.state.as_str());
        }
        for view in all(|request| s.onboarding.list_license_keys(&s.admin, request)) {
            let key = view.row.key;
            if view.row.partner_state == PartnerState::Deactivated {
                assert_eq!(key.state, LicenseKeyState::Deactivated, "after {after}: {key:?}");
            }
            told(RecordId::LicenseKey(key.id), key.state.as_str());
        }
    }
}

/// Every item of a list, page by page.
fn all<T, F: Default, S: SortKey>(list: impl Fn(&ListRequest<F, S>) -> Result<Page<T>, Error>) -> Vec<T> {
    let mut request = ListRequest::<F, S>::default().page_size(100);
    let mut items = Vec::new();
    loop {
        let page = list(&request).expect("the list is read");
        items.extend(page.items);
        if page.next.is_none() {
            return items;
        }
        request.after = page.next;
    }
}

/// Asserts that exactly one of two commands got its way and that the other one says why not.
fn one_wins<A, B>(result: (Result<A, Error>, Result<B, Error>), reason: &str) {
    let (name, lost) = match result {
        (Ok(_), Err(error)) => ("second", error),
        (Err(error), Ok(_)) => ("first", error),
        (Ok(_), Ok(_)) => panic!("both got their way"),
        (Err(one), Err(two)) => panic!("neither got its way: {one}; {two}"),
    };
    assert_eq!(lost.code(), reason, "the {name} one lost: {lost}");
}

fn select_and_select(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.partner(&format!("select-{round}"));
    let (a, b) = (s.policy_group(&format!("sa {round}")).id, s.policy_group(&format!("sb {round}")).id);
    let result = track.race(
        |onboarding| onboarding.select_policy_group(&s.admin, &partner, a),
        |onboarding| onboarding.select_policy_group(&s.admin, &partner, b),
    );
    let won = if result.0.is_ok() { a } else { b };
    one_wins(result, "partner.policy_group_already_selected");
    let kept = s.onboarding.partner(&s.admin, &partner).expect("partner is there").policy_group;
    assert_eq!(kept, Some(won));
}

fn generate_and_generate(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.active_partner(&format!("generate-{round}"));
    let result = track.race(
        |onboarding| onboarding.generate_license_key(&s.admin, &generate(&partner, "Straße")),
        |onboarding| onboarding.generate_license_key(&s.admin, &generate(&partner, "STRASSE")),
    );
    one_wins(result, "input.taken");
    assert_eq!(active_keys(s, &partner), 1);
}

fn approve_and_reject(track: &Track, round: usize) {
    let s = &track.one;
    let (partner, _) = s.ready_partner_with_policy(&format!("approve-{round}"));
    let group = group_of(s, &partner);
    let link = s.request(&partner, s.policy(group, "second")).id;
    let result = track.race(
        |onboarding| onboarding.approve_policy_link(&s.admin, link, None),
        |onboarding| onboarding.reject_policy_link(&s.admin, link, None),
    );
    let won = if result.0.is_ok() { PolicyLinkState::Approved } else { PolicyLinkState::Rejected };
    one_wins(result, "policy_link.already_decided");
    assert_eq!(s.onboarding.policy_link(&s.admin, link).expect("link is there").state, won);
}

fn deactivate_partner_and_generate(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.active_partner(&format!("down-{round}"));
    let (down, key) = track.race(
        |onboarding| onboarding.deactivate_partner(&s.admin, &partner),
        |onboarding| onboarding.generate_license_key(&s.admin, &generate(&partner, "x")),
    );
    after_deactivation(s, &partner, down, key);
}

fn deactivate_partner_and_regenerate(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.active_partner(&format!("down-again-{round}"));
    let old = s.license_key(&partner, "x").view.row.key.id;
    let (down, key) = track.race(
        |onboarding| onboarding.deactivate_partner(&s.admin, &partner),
        |onboarding| onboarding.regenerate_license_key(&s.admin, old, &Default::default()),
    );
    match key {
        Err(error) if error.code() == "license_key.already_deactivated" => {
            down.expect("partner is deactivated");
            assert_eq!(active_keys(s, &partner), 0);
        }
        other => after_deactivation(s, &partner, down, other),
    }
}

/// Deactivation always gets its way; a key made just before goes down with the partner.
fn after_deactivation<T>(
    s: &Scenario,
    partner: &PartnerId,
    down: Result<T, Error>,
    key: Result<GeneratedLicenseKey, Error>,
) {
    down.expect("partner is deactivated");
    assert_eq!(active_keys(s, partner), 0, "no active key on a deactivated partner");
    match key {
        Ok(key) => {
            let verdict = s.onboarding.authenticate(key.key.reveal()).expect("the store answers");
            assert!(verdict.is_err(), "a key of a deactivated partner opens a door");
        }
        Err(error) => assert_eq!(error.code(), "partner.not_active", "{error}"),
    }
}

fn deactivate_partner_and_request(track: &Track, round: usize) {
    let s = &track.one;
    let (partner, _) = s.ready_partner_with_policy(&format!("down-request-{round}"));
    let policy = s.policy(group_of(s, &partner), "second");
    let (down, link) = track.race(
        |onboarding| onboarding.deactivate_partner(&s.admin, &partner),
        |onboarding| onboarding.request_policy(&s.admin, &partner, policy, "x"),
    );
    down.expect("partner is deactivated");
    match link {
        Ok(link) => {
            let link = s.onboarding.policy_link(&s.admin, link.id).expect("link is there");
            assert_eq!(
                link.state,
                PolicyLinkState::Rejected,
                "no request of a deactivated partner is pending"
            );
        }
        Err(error) => assert_eq!(error.code(), "partner.not_active", "{error}"),
    }
}

fn regenerate_and_regenerate(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.active_partner(&format!("regenerate-{round}"));
    let old = s.license_key(&partner, "x").view.row.key.id;
    let result = track.race(
        |onboarding| onboarding.regenerate_license_key(&s.admin, old, &Default::default()),
        |onboarding| onboarding.regenerate_license_key(&s.admin, old, &Default::default()),
    );
    one_wins(result, "license_key.wrong_status");
    assert_eq!(active_keys(s, &partner), 1);
}

fn regenerate_and_deactivate(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.active_partner(&format!("swap-{round}"));
    let old = s.license_key(&partner, "x").view.row.key.id;
    let (new, down) = track.race(
        |onboarding| onboarding.regenerate_license_key(&s.admin, old, &Default::default()),
        |onboarding| onboarding.deactivate_license_key(&s.admin, old),
    );
    let active = active_keys(s, &partner);
    match (new, down) {
        (Ok(_), Err(error)) => assert_eq!((error.code(), active), ("license_key.wrong_status", 1)),
        (Err(error), Ok(_)) => assert_eq!((error.code(), active), ("license_key.already_deactivated", 0)),
        (new, down) => panic!("{new:?} {down:?}"),
    }
}

fn upload_and_upload(track: &Track, round: usize) {
    let s = &track.one;
    s.trust_ca();
    let partner = s.partner(&format!("upload-{round}"));
    let (one, two) = (
        s.pki.issue_with(ORGANIZATION, |leaf| leaf.serial(1)).pem(),
        s.pki.issue_with(ORGANIZATION, |leaf| leaf.serial(2)).pem(),
    );
    let (first, second) = track.race(
        |onboarding| onboarding.upload_certificate(&s.admin, &partner, one.as_bytes()),
        |onboarding| onboarding.upload_certificate(&s.admin, &partner, two.as_bytes()),
    );
    let (first, second) = (first.expect("accepted"), second.expect("accepted"));
    assert_ne!(first.outcome, second.outcome, "one activates, the other one replaces");
    let history = s.onboarding.certificate_history(&s.admin, &partner).expect("history is read");
    assert_eq!(history.iter().filter(|certificate| certificate.replaced_at.is_none()).count(), 1);
    assert_eq!(history.len(), 2);
    let current = s.onboarding.partner(&s.admin, &partner).expect("partner is there").certificate;
    assert_eq!(history.iter().find(|certificate| certificate.replaced_at.is_none()).map(|c| c.id), current);
}

fn create_and_create(track: &Track, round: usize) {
    let s = &track.one;
    let (one, mut two) =
        (s.new_partner(&format!("create-{round}")), s.new_partner(&format!("CREATE-{round}")));
    two.email = format!("other-{round}@example.org");
    let result = track.race(
        |onboarding| onboarding.create_partner(&s.admin, &one),
        |onboarding| onboarding.create_partner(&s.admin, &two),
    );
    one_wins(result, "input.taken");
}

fn deactivate_policy_and_request(track: &Track, round: usize) {
    let s = &track.one;
    let (partner, _) = s.ready_partner_with_policy(&format!("policy-{round}"));
    let policy = s.policy(group_of(s, &partner), "second");
    let (down, link) = track.race(
        |onboarding| onboarding.deactivate_policy(&s.manager, policy),
        |onboarding| onboarding.request_policy(&s.admin, &partner, policy, "x"),
    );
    let state = s.onboarding.policy(&s.manager, policy).expect("policy is there").state;
    match (down, link) {
        (Ok(_), Err(error)) => {
            assert_eq!((error.code(), state), ("policy.not_active", PolicyState::Deactivated))
        }
        (Err(error), Ok(_)) => assert_eq!((error.code(), state), ("policy.in_use", PolicyState::Active)),
        (down, link) => panic!("{down:?} {link:?}"),
    }
}

fn deactivate_group_and_draft(track: &Track, round: usize) {
    let s = &track.one;
    let group = s.policy_group(&format!("closing {round}")).id;
    let new = NewPolicy {
        group,
        name: "x".to_owned(),
        description: "x".to_owned(),
        document: DOCUMENT.to_owned(),
        valid_until: None,
    };
    let (down, draft) = track.race(
        |onboarding| onboarding.deactivate_policy_group(&s.manager, group),
        |onboarding| onboarding.create_policy(&s.manager, &new),
    );
    let state = s.onboarding.policy_group(&s.manager, group).expect("group is there").state;
    match (down, draft) {
        (Ok(_), Err(error)) => {
            assert_eq!((error.code(), state), ("policy_group.not_active", PolicyGroupState::Deactivated));
        }
        (Err(error), Ok(_)) => {
            assert_eq!((error.code(), state), ("policy_group.in_use", PolicyGroupState::Active))
        }
        (down, draft) => panic!("{down:?} {draft:?}"),
    }
}

fn distrust_and_upload(track: &Track, round: usize) {
    let s = &track.one;
    let root = CertificateBuilder::root(&format!("Root {round}")).valid_around(BEGIN, 3_650).self_signed();
    let report = s
        .onboarding
        .upload_ca_certificates(&s.admin, &TrustDomain::auth(), root.der())
        .expect("CA certificate uploads");
    let ca = report.entries.first().and_then(|entry| entry.outcome.id()).expect("root is added");
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&root);
    let partner = s.partner(&format!("distrust-{round}"));
    let (distrusted, uploaded) = track.race(
        |onboarding| onboarding.distrust_ca_certificate(&s.admin, ca, "gone"),
        |onboarding| onboarding.upload_certificate(&s.admin, &partner, leaf.der()),
    );
    let affected = distrusted.expect("CA certificate is distrusted").affected_partners;
    match uploaded {
        Ok(_) => assert_eq!(affected, [partner], "who was accepted over it just before is listed"),
        Err(error) => {
            assert_eq!(error.code(), "certificate.rejected", "{error}");
            assert!(affected.is_empty());
        }
    }
}

fn distrust_and_generate(track: &Track, round: usize) {
    let s = &track.one;
    let root =
        CertificateBuilder::root(&format!("Key root {round}")).valid_around(BEGIN, 3_650).self_signed();
    let report = s
        .onboarding
        .upload_ca_certificates(&s.admin, &TrustDomain::auth(), root.der())
        .expect("CA certificate uploads");
    let ca = report.entries.first().and_then(|entry| entry.outcome.id()).expect("root is added");
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&root);
    let partner = s.partner(&format!("distrust-key-{round}"));
    s.onboarding.upload_certificate(&s.admin, &partner, leaf.der()).expect("certificate is accepted");
    let (distrusted, key) = track.race(
        |onboarding| onboarding.distrust_ca_certificate(&s.admin, ca, "gone"),
        |onboarding| onboarding.generate_license_key(&s.admin, &generate(&partner, "x")),
    );
    distrusted.expect("CA certificate is distrusted");
    if let Err(error) = key {
        assert_eq!(error.code(), "license_key.certificate_not_trusted", "{error}");
        assert_eq!(active_keys(s, &partner), 0);
    }
    // Whoever came first, nothing is made over it afterwards.
    let late = s.onboarding.generate_license_key(&s.admin, &generate(&partner, "late"));
    assert_eq!(late.expect_err("not trusted any more").code(), "license_key.certificate_not_trusted");
}

fn email_and_email(track: &Track, round: usize) {
    let s = &track.one;
    let (one, mut two) =
        (s.new_partner(&format!("mail-{round}")), s.new_partner(&format!("mail-other-{round}")));
    two.email = one.email.to_uppercase();
    let result = track.race(
        |onboarding| onboarding.create_partner(&s.admin, &one),
        |onboarding| onboarding.create_partner(&s.admin, &two),
    );
    one_wins(result, "input.taken");
}

fn select_and_deactivate_group(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.partner(&format!("group-{round}"));
    let group = s.policy_group(&format!("leaving {round}")).id;
    let (selected, down) = track.race(
        |onboarding| onboarding.select_policy_group(&s.admin, &partner, group),
        |onboarding| onboarding.deactivate_policy_group(&s.manager, group),
    );
    down.expect("an empty group can be deactivated");
    let kept = s.onboarding.partner(&s.admin, &partner).expect("partner is there").policy_group;
    match selected {
        Ok(_) => assert_eq!(kept, Some(group)),
        Err(error) => assert_eq!((error.code(), kept), ("policy_group.not_active", None)),
    }
}

fn deactivate_partner_and_approve(track: &Track, round: usize) {
    let s = &track.one;
    let (partner, _) = s.ready_partner_with_policy(&format!("down-approve-{round}"));
    let link = s.request(&partner, s.policy(group_of(s, &partner), "second")).id;
    let (down, approved) = track.race(
        |onboarding| onboarding.deactivate_partner(&s.admin, &partner),
        |onboarding| onboarding.approve_policy_link(&s.admin, link, None),
    );
    down.expect("partner is deactivated");
    let state = s.onboarding.policy_link(&s.admin, link).expect("link is there").state;
    match approved {
        Ok(_) => assert_eq!(state, PolicyLinkState::Approved),
        Err(error) => {
            // Each read has an instant of its own: the link may be read before and its partner after the change.
            let reasons = ["policy_link.already_decided", "partner.not_active"];
            assert!(reasons.contains(&error.code()), "{error}");
            assert_eq!(state, PolicyLinkState::Rejected);
        }
    }
}

fn generate_and_import(track: &Track, round: usize) {
    let s = &track.one;
    let partner = s.active_partner(&format!("import-{round}"));
    let key = ImportLicenseKey {
        key: format!("{round:0>50}").parse().expect("a key of MOSIP's form"),
        partner: partner.clone(),
        policy: None,
        name: "X".to_owned(),
        expires_at: BEGIN.plus_days(1),
    };
    let result = track.race(
        |onboarding| onboarding.generate_license_key(&s.admin, &generate(&partner, "x")),
        |onboarding| onboarding.import_license_keys(&s.admin, &[key]),
    );
    one_wins(result, "input.taken");
    assert_eq!(active_keys(s, &partner), 1);
}

fn group_of(s: &Scenario, partner: &PartnerId) -> misp_onboarding::id::PolicyGroupId {
    s.onboarding
        .partner(&s.admin, partner)
        .expect("partner is there")
        .policy_group
        .expect("partner has a policy group")
}

fn active_keys(s: &Scenario, partner: &PartnerId) -> usize {
    let filter = LicenseKeyFilter {
        partner: Some(partner.clone()),
        status: Some(LicenseKeyStatus::Active),
        ..LicenseKeyFilter::default()
    };
    s.onboarding
        .list_license_keys(&s.admin, &ListRequest::with_filter(filter))
        .expect("keys are listed")
        .items
        .len()
}

/// Follows the events while `writers` partners are created on each of several threads, and checks that the follower
/// got each event once and in order.
pub fn follow_events_while_writing(store: &Arc<dyn Store>, threads: usize, writers: usize) {
    let scenarios: Vec<Scenario> = (0..threads).map(|_| Scenario::new(store.clone())).collect();
    let reader = Scenario::new(store.clone());
    let begin = last_event(&reader);
    let followed = thread::scope(|scope| {
        let tasks: Vec<_> = scenarios
            .iter()
            .enumerate()
            .map(|(thread, s)| {
                scope.spawn(move || {
                    for number in 0..writers {
                        s.partner(&format!("follow-{thread}-{number}"));
                    }
                })
            })
            .collect();
        let mut followed = Vec::new();
        let mut cursor = begin;
        loop {
            let done = tasks.iter().all(thread::ScopedJoinHandle::is_finished);
            let events = reader.onboarding.events(&reader.admin, cursor, 7).expect("events are read");
            if let Some(last) = events.last() {
                cursor = last.sequence;
            } else if done {
                break;
            }
            followed.extend(events);
        }
        followed
    });
    let created: Vec<_> =
        followed.iter().filter(|event| event.event.kind == EventKind::PartnerCreated).collect();
    assert_eq!(created.len(), threads * writers, "none is missed and none comes twice");
    assert!(followed.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
    let read_again = reader.onboarding.events(&reader.admin, begin, 1_000).expect("events are read");
    assert_eq!(read_again[..], followed[..read_again.len()], "what was read does not change");
}

fn last_event(s: &Scenario) -> EventSequence {
    let mut cursor = EventSequence::START;
    while let Some(last) = s
        .onboarding
        .events(&s.admin, cursor, 1_000)
        .expect("events are read")
        .last()
        .map(|event| event.sequence)
    {
        cursor = last;
    }
    cursor
}
