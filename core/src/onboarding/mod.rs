//! The engine: one method for each command and read of the onboarding guide.
//!
//! This is the shell around the rules. A command reads what its rule needs from the [`Store`], takes the instant from
//! the [`Clock`], lets the rule decide, commits what it decided, and answers. Nothing here is a rule.

mod call;
mod certificates;
mod events;
mod expiring;
mod license_keys;
mod partners;
mod policies;
mod policy_links;
mod trust;
mod trust_store;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand_core::TryCryptoRng;

pub use expiring::{DEFAULT_WINDOW_DAYS, ExpiringRequest};
pub use license_keys::{GeneratedLicenseKey, MAX_IMPORT};

use crate::actor::Actor;
use crate::certificate::SignatureVerifier;
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
use crate::certificate::default_verifier;
use crate::decision::{Context, Decision};
use crate::error::{Error, InvalidInput};
use crate::license_key::{KeyHasher, Pepper};
use crate::list::{ListRequest, ListRow, Page, Query, SortKey};
use crate::rules::Rules;
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
use crate::store::MemoryStore;
use crate::store::{Store, StoreError};
use crate::time::{Clock, SystemClock};
use crate::{Timestamp, list};

/// How often a command is decided again when others change what it was decided on. Each time at least one of them
/// has got its way, so this many would have to overtake it one after the other.
const MAX_ATTEMPTS: u32 = 64;

/// The engine on one store. Share it between threads behind an [`Arc`].
pub struct Onboarding {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Mutex<Box<dyn Random>>,
    rules: Rules,
    hasher: KeyHasher,
    verifier: Arc<dyn SignatureVerifier>,
    anchors: trust::AnchorCache,
}

impl Onboarding {
    /// The engine on a new in-memory store, with the default rules and the operating system's clock.
    #[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
    pub fn in_memory() -> Self {
        Self::builder(Arc::new(MemoryStore::new())).assemble()
    }

    /// Starts an engine on a store.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use misp_onboarding::{Onboarding, Rules, store::MemoryStore};
    ///
    /// let mut rules = Rules::default();
    /// rules.approver_must_differ = true;
    /// let onboarding = Onboarding::builder(Arc::new(MemoryStore::new())).rules(rules).build()?;
    /// # Ok::<(), misp_onboarding::error::InvalidInput>(())
    /// ```
    #[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
    pub fn builder(store: Arc<dyn Store>) -> OnboardingBuilder {
        Self::builder_with_verifier(store, default_verifier())
    }

    /// Starts an engine on a store that checks signatures with a library of the host's choice.
    pub fn builder_with_verifier(
        store: Arc<dyn Store>,
        verifier: Arc<dyn SignatureVerifier>,
    ) -> OnboardingBuilder {
        OnboardingBuilder {
            store,
            clock: Arc::new(SystemClock),
            random: Box::new(getrandom::SysRng),
            rules: Rules::default(),
            hasher: KeyHasher::sha256(),
            verifier,
        }
    }

    /// The configuration.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random bytes for an identifier.
    fn random_id(&self) -> Result<[u8; 10], Error> {
        let mut bytes = [0; 10];
        self.with_random(|random| random.fill(&mut bytes))?;
        Ok(bytes)
    }

    fn with_random<T>(
        &self,
        use_it: impl FnOnce(&mut dyn Random) -> Result<T, RandomError>,
    ) -> Result<T, Error> {
        // A generator has no state that a panic elsewhere could have left half-changed.
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(&mut **random).map_err(Error::Random)
    }

    /// Decides, commits, and decides again on what the store holds by then where another command was first.
    fn decide<T>(
        &self,
        actor: &Actor,
        mut decide: impl FnMut(&Context<'_>) -> Result<Decision<T>, Error>,
    ) -> Result<T, Error> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let context = Context { actor: actor.id(), now: self.now(), rules: &self.rules };
            let Decision { changes, answer } = decide(&context)?;
            if changes.is_empty() {
                return Ok(answer);
            }
            match self.store.commit(&changes) {
                Ok(()) => return Ok(answer),
                Err(last) if last.is_race() && attempts >= MAX_ATTEMPTS => {
                    return Err(Error::Conflict { attempts, last });
                }
                Err(lost) if lost.is_race() => back_off(attempts),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Answers a list request with a page.
    fn list<F: Clone, S: SortKey, T: ListRow<S>>(
        &self,
        request: &ListRequest<F, S>,
        fetch: impl FnOnce(&Query<F, S>) -> Result<Vec<T>, StoreError>,
        count: impl FnOnce(&F, Timestamp) -> Result<u64, StoreError>,
    ) -> Result<Page<T>, Error> {
        self.list_at(self.now(), request, fetch, count)
    }

    /// Answers a list request with a page, as of an instant.
    fn list_at<F: Clone, S: SortKey, T: ListRow<S>>(
        &self,
        now: Timestamp,
        request: &ListRequest<F, S>,
        fetch: impl FnOnce(&Query<F, S>) -> Result<Vec<T>, StoreError>,
        count: impl FnOnce(&F, Timestamp) -> Result<u64, StoreError>,
    ) -> Result<Page<T>, Error> {
        let query = list::plan(request, now)?;
        let rows = fetch(&query)?;
        let total = if request.with_total { Some(count(&request.filter, now)?) } else { None };
        Ok(list::page(request, rows, total))
    }
}

impl fmt::Debug for Onboarding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onboarding")
            .field("rules", &self.rules)
            .field("hasher", &self.hasher)
            .finish_non_exhaustive()
    }
}

/// Gives the others time to finish: nothing at first, then up to four milliseconds.
fn back_off(attempts: u32) {
    match attempts {
        1..=3 => std::thread::yield_now(),
        _ => std::thread::sleep(Duration::from_micros(125 << attempts.saturating_sub(4).min(5))),
    }
}

/// An engine being set up.
pub struct OnboardingBuilder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Box<dyn Random>,
    rules: Rules,
    hasher: KeyHasher,
    verifier: Arc<dyn SignatureVerifier>,
}

impl OnboardingBuilder {
    /// Takes the present instant from another clock than the operating system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Takes license keys and identifiers from another generator than the operating system's. It must be a
    /// cryptographic one: whoever can predict it can make license keys.
    #[must_use]
    pub fn random(
        mut self,
        generator: impl TryCryptoRng<Error: Send + Sync + 'static> + Send + 'static,
    ) -> Self {
        self.random = Box::new(generator);
        self
    }

    /// Sets the configuration.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Makes license key digests under the host's secret. Keys made without it, or under another, are unknown then.
    #[must_use]
    pub fn pepper(mut self, pepper: &Pepper) -> Self {
        self.hasher = KeyHasher::peppered(pepper);
        self
    }

    /// Sets the engine up.
    ///
    /// # Errors
    /// When settings of the configuration contradict each other; all of them are listed.
    pub fn build(self) -> Result<Onboarding, InvalidInput> {
        self.rules.check()?;
        Ok(self.assemble())
    }

    fn assemble(self) -> Onboarding {
        let Self { store, clock, random, rules, hasher, verifier } = self;
        Onboarding {
            store,
            clock,
            random: Mutex::new(random),
            rules,
            hasher,
            verifier,
            anchors: trust::AnchorCache::default(),
        }
    }
}

impl fmt::Debug for OnboardingBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnboardingBuilder").field("rules", &self.rules).finish_non_exhaustive()
    }
}

type RandomError = Box<dyn std::error::Error + Send + Sync>;

/// Any cryptographic generator, whatever its error.
trait Random: Send {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError>;
    fn license_key(&mut self) -> Result<crate::license_key::LicenseKey, RandomError>;
}

impl<R: TryCryptoRng<Error: Send + Sync + 'static> + Send> Random for R {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.try_fill_bytes(bytes).map_err(Into::into)
    }

    fn license_key(&mut self) -> Result<crate::license_key::LicenseKey, RandomError> {
        crate::license_key::LicenseKey::generate(self).map_err(Into::into)
    }
}
