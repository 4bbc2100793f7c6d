//! What the in-memory store costs with a million license keys. Run with `cargo test --release -p
//! misp-onboarding-testkit --test memory_measures -- --ignored --nocapture`.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRecord, LicenseKeySort};
use misp_onboarding::list::{Direction, ListRow, Position, Query, SortKey};
use misp_onboarding::partner::Partner;
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::store::{ChangeSet, LicenseKeyRepository, MemoryStore, Store};
use misp_onboarding_testkit::conformance::samples::{self, NOW, Successor, after, literal};

const KEYS: u32 = 1_000_000;
const PARTNERS: u32 = 1_000;

macro_rules! say {
    ($($argument:tt)*) => { writeln!(std::io::stdout(), $($argument)*).unwrap() };
}

fn partner_name(number: u32) -> String {
    format!("partner{}", number % PARTNERS)
}

fn key(number: u32) -> LicenseKeyRecord {
    LicenseKeyRecord {
        policy: Some(samples::policy_id(number % 100)),
        created_at: after(i64::from(number)),
        expires_at: after(i64::from(number % 50_000)),
        ..samples::license_key(number, &partner_name(number))
    }
}

fn filled() -> MemoryStore {
    let store = MemoryStore::new();
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group"));
    for number in 0..100 {
        changes.insert(samples::policy(number, 1, &format!("Policy {number}")));
    }
    for number in 0..PARTNERS {
        let organization = literal(&format!("Organization {}", number / 2));
        changes.insert(Partner { organization, ..samples::partner(&partner_name(number)) });
        let approved = PolicyLinkState::Approved;
        let link = samples::policy_link(number, &partner_name(number), number % 100);
        changes.insert(PolicyLink { state: approved, ..link });
    }
    store.commit(&changes).unwrap();
    let numbers: Vec<u32> = (0..KEYS).collect();
    for some in numbers.chunks(1_000) {
        let mut changes = ChangeSet::new();
        for number in some {
            changes.insert(key(*number));
        }
        store.commit(&changes).unwrap();
    }
    store
}

/// The best of five rounds, for one of `times`.
fn best(times: u32, mut once: impl FnMut(u32)) -> Duration {
    let round = |_| {
        let start = Instant::now();
        (0..times).for_each(&mut once);
        start.elapsed() / times
    };
    (0..5).map(round).min().unwrap_or_default()
}

fn place(row: &misp_onboarding::license_key::LicenseKeyRow, sort: LicenseKeySort) -> Position {
    Position { value: row.sort_value(sort), id: row.tie_break() }
}

#[test]
#[ignore = "measures for about a minute, and tells nothing in a debug build"]
fn a_million_keys() {
    let start = Instant::now();
    let store = filled();
    say!("inserting {KEYS} keys: {:?} each", start.elapsed() / KEYS);

    // Scattered, so that neither the digests asked for nor their records lie side by side.
    let digests: Vec<_> =
        (0..KEYS).map(|number| samples::digest(number.wrapping_mul(7_919) % KEYS)).collect();
    let mut next = 0;
    let mut scattered = || {
        next = (next + 1) % digests.len();
        &digests[next]
    };
    let found = best(KEYS / 5, |_| drop(black_box(store.find_by_digest(scattered()).unwrap().unwrap())));
    say!("find_by_digest, found: {found:?}");
    let unknown: Vec<_> = (KEYS..KEYS + 100_000).map(samples::digest).collect();
    let missed = best(100_000, |number| {
        assert!(black_box(store.find_by_digest(&unknown[number as usize]).unwrap()).is_none());
    });
    say!("find_by_digest, unknown: {missed:?}");

    for sort in LicenseKeySort::ALL {
        let mut query = Query {
            filter: LicenseKeyFilter::default(),
            sort: *sort,
            direction: Direction::Descending,
            after: None,
            limit: 9,
            now: NOW,
        };
        let first = best(1_000, |_| drop(black_box(store.list_license_keys(&query).unwrap())));
        let row = store.license_key(samples::license_key_id(KEYS / 2)).unwrap().unwrap();
        query.after = Some(place(&row, *sort));
        let middle = best(1_000, |_| drop(black_box(store.list_license_keys(&query).unwrap())));
        say!("a page of 8 by {}: the first {first:?}, one in the middle {middle:?}", sort.as_str());
    }
    let of_partner = Query {
        filter: LicenseKeyFilter { partner: Some(literal("partner7")), ..Default::default() },
        sort: LicenseKeySort::Name,
        direction: Direction::Ascending,
        after: None,
        limit: 9,
        now: NOW,
    };
    let page = best(100, |_| drop(black_box(store.list_license_keys(&of_partner).unwrap())));
    say!("a page of 8 of the 1,000 keys of one partner: {page:?}");

    let mut partner = samples::partner("partner7");
    let mut number = KEYS;
    let commit = best(1_000, |_| {
        number += 1;
        partner = partner.clone().next();
        let made = samples::license_key(number, "partner7");
        store.commit(ChangeSet::new().insert(made).update(partner.clone())).unwrap();
    });
    say!("committing a new key and its partner: {commit:?}");
    let refused = best(1_000, |_| {
        number += 1;
        let made = samples::license_key(number, "partner7");
        assert!(store.commit(ChangeSet::new().insert(made).update(partner.clone())).is_err());
    });
    say!("the same, refused and taken back: {refused:?}");
}
