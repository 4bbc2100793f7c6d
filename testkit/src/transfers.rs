//! Moving everything from store to store: what must be the same afterwards, whatever databases they are on.
#![allow(clippy::expect_used, reason = "a store that cannot be furnished is a failed test")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use misp_onboarding::event::EventSequence;
use misp_onboarding::id::PolicyGroupId;
use misp_onboarding::license_key::{
    GenerateLicenseKey, ImportLicenseKey, LicenseKey, RegenerateLicenseKey, Validity,
};
use misp_onboarding::partner::PartnerId;
use misp_onboarding::policy::PolicyEdit;
use misp_onboarding::store::{MemoryStore, Store, StoreError};
use misp_onboarding::transfer::{self, Counts, TransferError};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Clock, Onboarding, Timestamp};

use crate::invariants;
use crate::pki::{Certificate, CertificateBuilder, Hash};
use crate::scenario::{BEGIN, Scenario, generate};

/// A store in which there is something of every kind in every state.
pub struct Furnished {
    /// The engine on it, and what goes with it.
    pub scenario: Scenario,
    /// Every license key, in clear.
    pub keys: Vec<String>,
}

impl Furnished {
    /// Furnishes an empty store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        let s = Scenario::new(store);
        let mut keys = Vec::new();
        trust_stores(&s);
        let (bank, policy) = s.ready_partner_with_policy("Bänk");
        s.certify(&bank);
        let group = s.onboarding.partner(&s.admin, &bank).expect("the bank").policy_group.expect("its group");
        policies(&s, &bank, group);
        // A key that was replaced twice, another one meanwhile.
        let mut last = s.license_key_for(&bank, policy, "production");
        for days in [3, 0] {
            s.clock.advance_days(1);
            let command = RegenerateLicenseKey {
                overlap: Duration::from_secs(days * 86_400),
                ..RegenerateLicenseKey::default()
            };
            let old = last.view.row.key.id;
            let next =
                s.onboarding.regenerate_license_key(&s.admin, old, &command).expect("a key in its place");
            keys.push(last.key.reveal().to_owned());
            keys.push(s.license_key(&bank, &format!("between {days}")).key.reveal().to_owned());
            last = next;
        }
        keys.push(last.key.reveal().to_owned());
        let short = GenerateLicenseKey {
            validity: Validity::For(Duration::from_secs(1)),
            ..generate(&bank, "short")
        };
        keys.push(
            s.onboarding.generate_license_key(&s.admin, &short).expect("a key").key.reveal().to_owned(),
        );
        let off = s.license_key(&bank, "switched off");
        s.onboarding.deactivate_license_key(&s.admin, off.view.row.key.id).expect("switched off");
        keys.push(off.key.reveal().to_owned());
        // A partner that is gone with all it had, and one that never began.
        let gone = s.ready_partner("gone");
        keys.push(s.license_key(&gone, "gone").key.reveal().to_owned());
        s.onboarding.deactivate_partner(&s.admin, &gone).expect("deactivated");
        let inactive = s.partner("inactive");
        let text = "Imported0".repeat(6)[..50].to_owned();
        let imported = ImportLicenseKey {
            key: LicenseKey::parse(&text).expect("50 letters and digits"),
            partner: inactive,
            policy: None,
            name: "old \u{1f511}".to_owned(),
            expires_at: BEGIN.plus_days(1),
        };
        s.onboarding.import_license_keys(&s.admin, &[imported]).expect("imported");
        keys.push(text);
        Self { scenario: s, keys }
    }

    /// The same in a new in-memory store.
    pub fn in_memory() -> Self {
        Self::new(Arc::new(MemoryStore::new()))
    }

    /// The verdict on every key, at some instants that matter.
    pub fn verdicts(&self, engine: &Onboarding) -> Vec<String> {
        let mut verdicts = Vec::new();
        for key in &self.keys {
            for days in [0, 1, 2, 3, 4, 5, 90, 92, 93] {
                let verdict = engine.authenticate_at(key, BEGIN.plus_days(days)).expect("a verdict");
                verdicts.push(format!("{verdict:?}"));
            }
        }
        verdicts
    }
}

fn trust_stores(s: &Scenario) {
    s.trust_ca();
    let distrusted = CertificateBuilder::root("Former Root \u{e9}").self_signed();
    let device: TrustDomain = "DEVICE".parse().expect("a domain");
    let upload = |certificate: &Certificate| {
        let report = s.onboarding.upload_ca_certificates(&s.admin, &device, certificate.pem().as_bytes());
        report.expect("an upload").entries[0].outcome.id().expect("accepted")
    };
    let former = upload(&distrusted);
    s.onboarding.distrust_ca_certificate(&s.admin, former, "key\u{2019}s gone").expect("distrusted");
    upload(&CertificateBuilder::root("Device Root").self_signed());
}

fn policies(s: &Scenario, bank: &PartnerId, group: PolicyGroupId) {
    let edit = PolicyEdit {
        document: Some(
            r#"{ "allowAuthRequestDelegation": true, "allowKycRequestDelegation": true, "ключ": "\u0000" }"#
                .into(),
        ),
        ..PolicyEdit::default()
    };
    let draft = s.draft(group, "draft");
    s.onboarding.edit_policy(&s.manager, draft.id, &edit).expect("edited");
    let former = s.policy(group, "former");
    s.onboarding.deactivate_policy(&s.manager, former).expect("deactivated");
    let ending = s.policy_until(group, "ending", BEGIN.plus_days(92));
    s.request(bank, ending);
    let refused = s.request(bank, s.policy(group, "refused"));
    s.onboarding.reject_policy_link(&s.admin, refused.id, Some("no")).expect("rejected");
    let empty = s.policy_group("empty");
    s.onboarding.deactivate_policy_group(&s.manager, empty.id).expect("deactivated");
}

/// The file that a store is exported to.
///
/// # Panics
/// When it cannot be exported.
pub fn exported(store: &dyn Store) -> Vec<u8> {
    let mut file = Vec::new();
    transfer::export(store, EXPORTED_AT, &mut file, |_| {}).expect("an export");
    file
}

const EXPORTED_AT: Timestamp = BEGIN.plus_days(7);

/// What is exported, imported and exported again is the same, byte by byte, from the in-memory store over the one under
/// test and back; and keys are judged there as they were.
///
/// # Panics
/// When it is not.
pub fn a_file_comes_back_as_it_was<S: Store + 'static>(empty_store: impl Fn() -> S) {
    let furnished = Furnished::in_memory();
    let file = exported(furnished.scenario.onboarding.store());
    let store: Arc<dyn Store> = Arc::new(empty_store());
    let imported = transfer::import(&*store, &file[..], |_| {}).expect("an import");
    assert_eq!(imported.read, imported.added);
    assert!(same(&exported(&*store), &file), "the store under test exports something else");
    let back = MemoryStore::new();
    transfer::import(&back, &exported(&*store)[..], |_| {}).expect("an import");
    assert!(same(&exported(&back), &file), "the in-memory store exports something else");
    let engine = Onboarding::builder(store.clone()).build().expect("rules that make sense");
    assert_eq!(
        furnished.verdicts(&engine),
        furnished.verdicts(&furnished.scenario.onboarding),
        "keys are judged otherwise"
    );
    // It goes on from there.
    let there = Scenario::new(store);
    there.clock.set(furnished.scenario.clock.now());
    let partner = there.partner("newcomer");
    let last = there.onboarding.store().events_after(furnished.last_event(), 10).expect("events");
    assert_eq!(last.len(), 1, "{partner} was created, found {last:?}");
    assert_eq!(last[0].sequence.number(), furnished.last_event().number() + 1);
    let wrong = invariants::check(there.onboarding.store()).expect("a store that can be read");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An import that was broken off after any line is begun again and comes to the same end; again, and nothing is added.
///
/// # Panics
/// When it does not.
pub fn a_broken_off_import_is_begun_again<S: Store>(empty_store: impl Fn() -> S, every: usize) {
    let file = exported(Furnished::in_memory().scenario.onboarding.store());
    let ends = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(place, _)| place + 1);
    for end in ends.step_by(every).filter(|end| *end < file.len()) {
        let store = empty_store();
        // Committed are whole batches; a file that ends with each line as if it were complete commits every line.
        let first = transfer::import(&store, &completed(&file[..end])[..], |_| {});
        // Half of what names each other is refused, and what came before it is there.
        let half = matches!(first, Err(TransferError::Store(StoreError::MissingReference { .. })));
        assert!(first.is_ok() || half, "cut after {end} bytes: {first:?}");
        let again = transfer::import(&store, &file[..], |_| {}).expect("the whole file");
        assert!(same(&exported(&store), &file), "cut after {end} bytes");
        let first = first.map(|imported| imported.added.total()).ok();
        if let Some(first) = first {
            assert_eq!(first + again.added.total(), again.read.total(), "cut after {end} bytes");
        }
        let nothing = transfer::import(&store, &file[..], |_| {}).expect("the whole file once more");
        assert_eq!(nothing.added, Counts::default());
    }
}

/// A store that holds something else is refused, and keeps what it holds.
///
/// # Panics
/// When it is not.
pub fn a_store_in_use_is_refused<S: Store + 'static>(empty_store: impl Fn() -> S) {
    let file = exported(Furnished::in_memory().scenario.onboarding.store());
    let differing = |store: &dyn Store, wanted: &str| {
        let before = exported(store);
        match transfer::import(store, &file[..], |_| {}) {
            Err(TransferError::Differs { what }) if what == wanted => {}
            other => panic!("{wanted} must be found to differ, found {other:?}"),
        }
        before
    };
    // Something else happened there.
    let store: Arc<dyn Store> = Arc::new(empty_store());
    let other = Scenario::new(store.clone());
    other.partner("other");
    assert!(same(&differing(&*store, "event 1"), &exported(&*store)), "something was written");
    // The same happened there, and then something else.
    let store: Arc<dyn Store> = Arc::new(empty_store());
    transfer::import(&*store, &file[..], |_| {}).expect("an import");
    let there = Scenario::new(store.clone());
    there.partner("newcomer");
    let last = Furnished::in_memory().last_event().number();
    let before = differing(&*store, &format!("event {}", last + 1));
    assert!(same(&before, &exported(&*store)), "something was written");
}

impl Furnished {
    fn last_event(&self) -> EventSequence {
        let store = self.scenario.onboarding.store();
        let events = store.events_after(EventSequence::START, 1_000).expect("events");
        events.last().expect("an event").sequence
    }
}

/// The lines, with an end that tells of them.
pub fn completed(lines: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(lines.to_vec()).expect("UTF-8");
    let kinds = [
        ("events", "{\"event\":"),
        ("trust_domains", "{\"record\":{\"trust_domain\":"),
        ("ca_certificates", "{\"record\":{\"ca_certificate\":"),
        ("policy_groups", "{\"record\":{\"policy_group\":"),
        ("policies", "{\"record\":{\"policy\":"),
        ("partners", "{\"record\":{\"partner\":"),
        ("partner_certificates", "{\"record\":{\"partner_certificate\":"),
        ("policy_links", "{\"record\":{\"policy_link\":"),
        ("license_keys", "{\"record\":{\"license_key\":"),
    ];
    let mut counts = String::new();
    for (kind, start) in kinds {
        let count = text.lines().filter(|line| line.starts_with(start)).count();
        let separator = if counts.is_empty() { "" } else { "," };
        write!(counts, "{separator}\"{kind}\":{count}").expect("text");
    }
    let digest = Hash::Sha256.of(lines);
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text}{{\"end\":{{\"counts\":{{{counts}}},\"sha256\":\"{sha256}\"}}}}\n").into_bytes()
}

/// Whether two files are the same; says in which line they differ.
fn same(found: &[u8], wanted: &[u8]) -> bool {
    let lines = |file: &[u8]| String::from_utf8_lossy(file).lines().map(str::to_owned).collect::<Vec<_>>();
    let (found, wanted) = (lines(found), lines(wanted));
    for (number, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        assert_eq!(found, wanted, "line {}", number + 1);
    }
    found.len() == wanted.len()
}
