//! What the tests share.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test program uses a part")]

use std::env;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use misp_onboarding_crashes::ledger::Ledger;
use misp_onboarding_crashes::place::NewPlace;
use misp_onboarding_testkit::invariants::{self, Contents};

/// The program that is killed.
pub const WRITER: &str = env!("CARGO_BIN_EXE_writer");

/// A number that decides on when processes are killed and on what they do: `CRASHES_SEED`, or a new one.
pub fn seed() -> u64 {
    let given = env::var("CRASHES_SEED").ok().map(|text| text.parse().expect("CRASHES_SEED is a number"));
    given.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        u64::try_from(now.as_micros()).unwrap()
    })
}

/// The server that the tests run on.
pub fn url() -> String {
    env::var("DATABASE_URL").unwrap_or_else(|_| {
        panic!(
            "these tests need a PostgreSQL server: run `cargo xtask test --only crashes`, which starts one, or set \
             DATABASE_URL"
        )
    })
}

/// A folder on the disk that builds are on, which keeps files as a host's disk does.
pub fn disk() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("crashes")
}

/// Opens the place anew, and gives everything that is wrong with what is there: by itself, and as to what was told.
pub fn examine(place: &NewPlace, ledger: &mut Ledger) -> Examined {
    let store = place.place().open().expect("the store opens after a crash");
    let invariants = invariants::check(&*store).unwrap();
    let contents = Contents::read(&*store).unwrap();
    Examined { invariants, ledger: ledger.judge(&contents), events: contents.events.len() }
}

/// What is wrong with a store.
pub struct Examined {
    pub invariants: Vec<String>,
    pub ledger: Vec<String>,
    pub events: usize,
}

impl Examined {
    #[track_caller]
    pub fn must_be_well(&self, after: &str) {
        assert!(self.invariants.is_empty(), "{after}: {:#?}", self.invariants);
        assert!(self.ledger.is_empty(), "{after}: {:#?}", self.ledger);
    }
}
