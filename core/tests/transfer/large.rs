//! Thousands of records, page by page.

use std::sync::atomic::{AtomicUsize, Ordering};

use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::license_key::{
    ImportLicenseKey, LicenseKey, LicenseKeyFilter, LicenseKeyRow, LicenseKeySort, RegenerateLicenseKey,
};
use misp_onboarding::list::Query;
use misp_onboarding::store::{
    ChangeSet, EventRepository, LicenseKeyRepository, MemoryStore, Store, StoreError,
};
use misp_onboarding::transfer;
use misp_onboarding_testkit::conformance::{Layer, Layered};
use misp_onboarding_testkit::scenario::Scenario;
use misp_onboarding_testkit::transfers::exported;

/// The most that one read or commit may hold.
const AT_MOST: usize = 500;

/// A store that notes the largest page and the largest commit.
#[derive(Default)]
struct Measured {
    store: MemoryStore,
    largest: AtomicUsize,
    commits: AtomicUsize,
}

impl Layer for Measured {
    fn below(&self) -> &dyn Store {
        &self.store
    }

    fn list_license_keys(
        &self,
        query: &Query<LicenseKeyFilter, LicenseKeySort>,
    ) -> Result<Vec<LicenseKeyRow>, StoreError> {
        self.largest.fetch_max(query.limit as usize, Ordering::Relaxed);
        self.store.list_license_keys(query)
    }

    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.largest.fetch_max(limit as usize, Ordering::Relaxed);
        self.store.events_after(after, limit)
    }

    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        self.largest.fetch_max(changes.changes.len(), Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.store.commit(changes)
    }
}

fn imported(number: usize, scenario: &Scenario, partner: &str) -> ImportLicenseKey {
    ImportLicenseKey {
        key: LicenseKey::parse(&format!("{number:0>50}")).unwrap(),
        partner: partner.parse().unwrap(),
        policy: None,
        name: format!("key {number}"),
        expires_at: misp_onboarding::Clock::now(&*scenario.clock).plus_days(10),
    }
}

#[test]
fn thousands_of_records_are_read_and_committed_in_pages() {
    let s = Scenario::in_memory();
    s.active_partner("bank");
    // All of one instant, so that only their ids tell them apart.
    let keys: Vec<ImportLicenseKey> = (0..2_345).map(|number| imported(number, &s, "bank")).collect();
    s.onboarding.import_license_keys(&s.admin, &keys).unwrap();
    let file = exported(s.onboarding.store());

    let target = Layered(Measured::default());
    let mut told = 0;
    transfer::import(&target, &file[..], |_| told += 1).unwrap();
    // Events, and records with keys.
    let commits = target.0.commits.load(Ordering::Relaxed);
    assert!((2_345 * 2 / AT_MOST..=2_345 * 2 / AT_MOST + 3).contains(&commits), "{commits} commits");
    assert!(told >= commits - 2, "progress was told {told} times");
    let mut again = Vec::new();
    transfer::export(&target, misp_onboarding_testkit::scenario::BEGIN.plus_days(7), &mut again, |_| {})
        .unwrap();
    assert!(again == file);
    assert!(target.0.largest.load(Ordering::Relaxed) <= AT_MOST);
}

#[test]
fn keys_that_replaced_each_other_are_kept_together_across_pages() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let mut key = s.license_key(&bank, "often").view.row.key.id;
    for number in 0..700 {
        s.clock.advance_days(if number % 100 == 0 { 1 } else { 0 });
        let command = RegenerateLicenseKey::default();
        key = s.onboarding.regenerate_license_key(&s.admin, key, &command).unwrap().view.row.key.id;
        if number % 7 == 0 {
            s.license_key(&bank, &format!("other {number}"));
        }
    }
    let file = exported(s.onboarding.store());
    let target = MemoryStore::new();
    let imported = transfer::import(&target, &file[..], |_| {}).unwrap();
    assert_eq!(imported.added.license_keys, 801);
    assert!(exported(&target) == file);
}
