//! Two engines that are given the same commands.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use misp_onboarding::store::{MemoryStore, Store};
use misp_onboarding::{Error, Onboarding, Rules};
use rand_core::{TryCryptoRng, TryRng};

use crate::clock::ManualClock;
use crate::invariants;

/// Something that is not as it must be.
#[derive(Debug)]
pub(super) struct Difference(String);

impl Difference {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was found must equal what was wanted.
pub(super) fn equal<T: PartialEq + fmt::Debug>(
    what: impl fmt::Display,
    found: T,
    wanted: T,
) -> Result<(), Difference> {
    if found == wanted {
        return Ok(());
    }
    Err(Difference::new(format!("{what}: must be {wanted:?}, found {found:?}")))
}

/// An engine on the in-memory store and one on the store under test, with one clock and the same random numbers.
pub(super) struct Engines {
    reference: Onboarding,
    tested: Onboarding,
    /// The code of everything that was refused so far.
    refusals: RefCell<BTreeSet<&'static str>>,
}

impl Engines {
    pub(super) fn new(clock: &ManualClock, rules: &Rules, tested: impl Store + 'static) -> Self {
        let engine = |store: Arc<dyn Store>| {
            Onboarding::builder(store)
                .clock(Arc::new(clock.clone()))
                .rules(rules.clone())
                .random(Repeatable(1))
                .build()
                .expect("rules that make sense")
        };
        Self {
            reference: engine(Arc::new(MemoryStore::new())),
            tested: engine(Arc::new(tested)),
            refusals: RefCell::default(),
        }
    }

    /// The store under test.
    pub(super) fn store(&self) -> &dyn Store {
        self.tested.store()
    }

    /// The answer of both.
    pub(super) fn both<T: PartialEq + fmt::Debug>(
        &self,
        call: impl Fn(&Onboarding) -> Result<T, Error>,
    ) -> Result<Result<T, Error>, Difference> {
        let (wanted, found) = (call(&self.reference), call(&self.tested));
        let same = match (&wanted, &found) {
            (Ok(wanted), Ok(found)) => wanted == found,
            // Everything that an error knows is in what its fields print.
            (Err(wanted), Err(found)) => format!("{wanted:?}") == format!("{found:?}"),
            _ => false,
        };
        if same {
            if let Err(error) = &wanted {
                self.refused(error.code());
            }
            return Ok(wanted);
        }
        Err(Difference::new(format!("in memory {wanted:?}, in the store under test {found:?}")))
    }

    /// What is wrong with the contents of the store under test, whatever the commands were.
    pub(super) fn check_invariants(&self) -> Result<(), Difference> {
        let wrong = invariants::check(self.tested.store())
            .map_err(|failure| Difference::new(format!("the store must be readable, found: {failure}")))?;
        equal("what is wrong with the contents", wrong, Vec::new())
    }

    /// Notes that something was refused.
    pub(super) fn refused(&self, code: &'static str) {
        self.refusals.borrow_mut().insert(code);
    }

    /// The code of everything that was refused so far.
    pub(super) fn refusals(&self) -> BTreeSet<&'static str> {
        self.refusals.borrow().clone()
    }

    /// The answer of both, which must be one.
    pub(super) fn answer<T: PartialEq + fmt::Debug>(
        &self,
        call: impl Fn(&Onboarding) -> Result<T, Error>,
    ) -> Result<T, Difference> {
        self.both(call)?.map_err(|error| Difference::new(format!("must be answered, found: {error}")))
    }
}

/// Numbers that are the same in every run. Nothing but a test may make keys of them.
struct Repeatable(u64);

impl TryRng for Repeatable {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        // SplitMix64 (Steele, Lea and Flood, 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

/// What the engine asks of a generator; that these numbers can be predicted is the point.
impl TryCryptoRng for Repeatable {}
