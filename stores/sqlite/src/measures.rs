//! What operations cost. Run with `cargo test --release -p misp-onboarding-sqlite --lib -- --ignored --nocapture
//! --test-threads 1`.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use misp_onboarding::license_key::{LicenseKeyDigest, LicenseKeyFilter, LicenseKeySort};
use misp_onboarding::list::{Direction, ListRow, Position, Query, SortKey};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::{ChangeSet, LicenseKeyRepository, PartnerRepository, Store};
use misp_onboarding_testkit::conformance::samples::{self, Successor};
use tempfile::tempdir;

use crate::license_keys::FIND_BY_DIGEST;
use crate::{SqliteOptions, SqliteStore, open};

const PARTNERS: u32 = 200;
const ROUNDS: u32 = 5;

macro_rules! say {
    ($($argument:tt)*) => { writeln!(std::io::stdout(), $($argument)*).unwrap() };
}

/// Many keys of some partners, each with a policy that is approved for its partner.
fn filled(path: &Path, keys: u32) -> SqliteStore {
    let store = SqliteStore::open(path).unwrap();
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group")).insert(samples::policy(1, 1, "Policy"));
    for number in 0..PARTNERS {
        let mut link = samples::policy_link(number, &format!("partner{number}"), 1);
        link.state = PolicyLinkState::Approved;
        changes.insert(samples::partner(&format!("partner{number}"))).insert(link);
    }
    store.commit(&changes).unwrap();
    let all: Vec<u32> = (0..keys).collect();
    for numbers in all.chunks(5_000) {
        let mut changes = ChangeSet::new();
        for number in numbers {
            changes.insert(key(*number));
        }
        store.commit(&changes).unwrap();
    }
    store
}

fn key(number: u32) -> misp_onboarding::license_key::LicenseKeyRecord {
    let mut key = samples::license_key(number, &format!("partner{}", number % PARTNERS));
    key.policy = Some(samples::policy_id(1));
    key
}

/// The best of several rounds, for one of `times`.
fn best(times: u32, mut once: impl FnMut(u32)) -> Duration {
    let mut round = || {
        let start = Instant::now();
        (0..times).for_each(&mut once);
        start.elapsed() / times
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

#[test]
#[ignore = "measures"]
fn finding_by_digest_costs_little_more_than_its_statement() {
    let folder = tempdir().unwrap();
    for keys in [1_000, 200_000] {
        let path = folder.path().join(keys.to_string());
        let store = filled(&path, keys);
        let digests: Vec<LicenseKeyDigest> =
            (0u32..20_000).map(|n| samples::digest(n.wrapping_mul(2_654_435_761) % keys)).collect();
        let connection = open::reader(&path, &SqliteOptions::default()).unwrap();
        let mut statement = connection.prepare(FIND_BY_DIGEST).unwrap();
        let columns = statement.column_count();
        let bare = best(20_000, |n| {
            let mut rows = statement.query([&digests[n as usize].as_bytes()[..]]).unwrap();
            let row = rows.next().unwrap().unwrap();
            for column in 0..columns {
                black_box(row.get_ref(column).unwrap());
            }
        });
        let found = best(20_000, |n| {
            black_box(store.find_by_digest(&digests[n as usize]).unwrap().unwrap());
        });
        let ratio = found.as_secs_f64() / bare.as_secs_f64();
        say!("{keys} keys: statement {bare:?}, find_by_digest {found:?}, {ratio:.2} times");
        assert!(ratio < 1.5, "{ratio}");
    }
}

#[test]
#[ignore = "measures"]
fn a_page_costs_the_same_wherever_it_begins() {
    const KEYS: u32 = 200_000;
    let folder = tempdir().unwrap();
    let store = filled(&folder.path().join("s.sqlite"), KEYS);
    for sort in LicenseKeySort::ALL {
        let mut query = Query {
            filter: LicenseKeyFilter::default(),
            sort: *sort,
            direction: Direction::Descending,
            after: None,
            limit: 9,
            now: samples::NOW,
        };
        let first = best(200, |_| drop(black_box(store.list_license_keys(&query).unwrap())));
        // The row that is next to last in the list.
        let reverse = Query { direction: Direction::Ascending, limit: 20, ..query.clone() };
        let row = store.list_license_keys(&reverse).unwrap().pop().unwrap();
        query.after = Some(Position { value: row.sort_value(*sort), id: row.tie_break() });
        let last = best(200, |_| drop(black_box(store.list_license_keys(&query).unwrap())));
        say!("{}: first page {first:?}, last page {last:?}", sort.as_str());
        assert!(last < 3 * first, "{last:?}");
    }
}

#[test]
#[ignore = "measures"]
fn a_commit_is_one_write() {
    let folder = tempdir().unwrap();
    for keys in [1_000, 200_000] {
        let store = filled(&folder.path().join(keys.to_string()), keys);
        let mut number = keys;
        let commit = best(200, |_| {
            number += 1;
            let partner = store.partner(&key(number).partner).unwrap().unwrap();
            store.commit(ChangeSet::new().update(partner.next()).insert(key(number))).unwrap();
        });
        say!("{keys} keys: generating one more {commit:?}");
    }
}
