//! Exports that are broken off, overtaken, or looked through for secrets.

use std::cell::Cell;
use std::sync::Arc;

use misp_onboarding::license_key::Pepper;
use misp_onboarding::list::Query;
use misp_onboarding::partner::{PartnerFilter, PartnerRow, PartnerSort};
use misp_onboarding::store::{MemoryStore, PartnerRepository, Store, StoreError};
use misp_onboarding::transfer::{self, TransferError};
use misp_onboarding::{Clock, Onboarding, Timestamp};
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::scenario::Scenario;
use misp_onboarding_testkit::transfers::{Furnished, exported};

/// Later than every export that it goes on with.
const LATER: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

#[test]
fn an_export_goes_on_from_wherever_it_was_broken_off() {
    let furnished = Furnished::in_memory();
    let store = furnished.scenario.onboarding.store();
    let whole = exported(store);
    let first_line = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let line_ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(place, _)| place + 1);
    let cuts = line_ends.flat_map(|end| [end - 1, end, end + 7]).filter(|cut| *cut < whole.len());
    for cut in cuts.filter(|cut| *cut >= first_line) {
        let mut file = whole[..cut].to_vec();
        let unfinished = transfer::unfinished(&file[..]).unwrap().expect("it is not complete");
        file.truncate(usize::try_from(unfinished.bytes()).unwrap());
        transfer::resume(store, LATER, unfinished, &mut file, |_| {}).unwrap();
        assert!(file == whole, "cut after {cut} bytes");
    }
    assert!(transfer::unfinished(&whole[..]).unwrap().is_none(), "it is complete");
    // Where not even the first line is whole, it begins anew, at the instant of now.
    for cut in [0, 1, first_line - 1] {
        let unfinished = transfer::unfinished(&whole[..cut]).unwrap().unwrap();
        assert_eq!((unfinished.bytes(), unfinished.counts().total()), (0, 0));
        let mut file = Vec::new();
        transfer::resume(store, LATER, unfinished, &mut file, |_| {}).unwrap();
        assert!(String::from_utf8_lossy(&file).lines().next().unwrap().contains(&LATER.to_string()));
    }
}

#[test]
fn an_export_that_commands_went_past_does_not_go_on() {
    let furnished = Furnished::in_memory();
    let s = &furnished.scenario;
    let whole = exported(s.onboarding.store());
    let unfinished = transfer::unfinished(&whole[..whole.len() / 2]).unwrap().unwrap();
    s.partner("newcomer");
    let resumed = transfer::resume(s.onboarding.store(), LATER, unfinished, Vec::new(), |_| {});
    let moved = resumed.expect_err("something happened");
    assert_eq!(moved.code(), "transfer.moved");
    // That of another store even less.
    let other = Furnished::in_memory();
    let text = String::from_utf8(whole.clone()).unwrap();
    let key = text.find("license_key.generated").unwrap();
    let after_it = key + text[key..].find('\n').unwrap() + 1;
    let unfinished = transfer::unfinished(&whole[..after_it]).unwrap().unwrap();
    let resumed = transfer::resume(other.scenario.onboarding.store(), LATER, unfinished, Vec::new(), |_| {});
    assert_eq!(resumed.unwrap_err().code(), "transfer.differs");
    // A new one tells of it.
    let file = exported(s.onboarding.store());
    assert!(String::from_utf8(file).unwrap().contains("newcomer"));
}

/// A store in which a partner is created while the list of partners is read.
struct Busy {
    store: Arc<MemoryStore>,
    scenario: Scenario,
}

impl Layer for Busy {
    fn below(&self) -> &dyn Store {
        &*self.store
    }

    fn list_partners(
        &self,
        query: &Query<PartnerFilter, PartnerSort>,
    ) -> Result<Vec<PartnerRow>, StoreError> {
        self.scenario.partner("meanwhile");
        self.store.list_partners(query)
    }
}

#[test]
fn a_command_during_an_export_ends_it_without_an_end() {
    let store = Arc::new(MemoryStore::new());
    let furnished = Furnished::new(store.clone());
    let before = furnished.scenario.onboarding.store().events_after(Default::default(), 1_000).unwrap().len();
    let busy = Layered(Busy { scenario: Scenario::new(store.clone()), store });
    let mut file = Vec::new();
    match transfer::export(&busy, LATER, &mut file, |_| {}) {
        Err(TransferError::Moved { last, found }) => {
            assert_eq!((last.number(), found.number()), (before as u64, before as u64 + 1));
        }
        other => panic!("it must not go on, found {other:?}"),
    }
    assert_eq!(transfer::verify(&file[..]).unwrap_err().code(), "transfer.cut");
    assert!(
        !String::from_utf8(file).unwrap().contains("meanwhile"),
        "nothing of a later state is in the file"
    );
}

#[test]
fn a_file_holds_no_key_and_no_pepper() {
    let furnished = Furnished::in_memory();
    let file = String::from_utf8(exported(furnished.scenario.onboarding.store())).unwrap();
    assert!(furnished.keys.len() > 8);
    for key in &furnished.keys {
        assert!(!file.contains(key.as_str()), "a key in clear");
        // Not the secret part of it either, beyond the last four that lists show.
        assert!(!file.contains(&key[key.len() - 12..]), "a part of a key");
    }
    let pepper = "pepper of at least thirty-two bytes";
    let scenario = Scenario::in_memory();
    let bank = scenario.active_partner("bank");
    let peppered = |store: Arc<dyn Store>, pepper: &str| {
        let pepper = Pepper::new(pepper.as_bytes().to_vec()).unwrap();
        Onboarding::builder(store).clock(scenario.clock.clone()).pepper(&pepper).build().unwrap()
    };
    let store = Arc::new(MemoryStore::new());
    transfer::import(&*store, &exported(scenario.onboarding.store())[..], |_| {}).unwrap();
    let command = misp_onboarding_testkit::scenario::generate(&bank, "peppered");
    let key = peppered(store.clone(), pepper).generate_license_key(&scenario.admin, &command).unwrap();
    let file = exported(&*store);
    assert!(!String::from_utf8_lossy(&file).contains("pepper of"));
    // The new store's engine needs the same pepper.
    let new = Arc::new(MemoryStore::new());
    transfer::import(&*new, &file[..], |_| {}).unwrap();
    assert!(peppered(new.clone(), pepper).authenticate(key.key.reveal()).unwrap().is_ok());
    let other = peppered(new, "another pepper of thirty-two bytes").authenticate(key.key.reveal()).unwrap();
    assert_eq!(other.unwrap_err().code(), "authenticate.unknown");
}

#[test]
fn progress_is_told_and_counts_up_to_what_is_there() {
    let furnished = Furnished::in_memory();
    let store = furnished.scenario.onboarding.store();
    let last = Cell::new(0);
    let mut file = Vec::new();
    let counts = transfer::export(store, furnished.scenario.clock.now(), &mut file, |progress| {
        assert!(progress.done.total() >= last.get());
        last.set(progress.done.total());
        assert_eq!(progress.expected.license_keys, furnished.keys.len() as u64);
    })
    .unwrap();
    assert_eq!(last.get(), counts.total());
    let told = Cell::new(0);
    let imported = transfer::import(&MemoryStore::new(), &file[..], |progress| {
        told.set(progress.done.total());
        assert_eq!(progress.expected.partners, 3);
    })
    .unwrap();
    assert_eq!((imported.read, told.get()), (counts, counts.total()));
}
