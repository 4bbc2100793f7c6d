//! What a writer does: every command of the engine, in random order, on whatever is there.

mod commands;

use std::iter;
use std::sync::Arc;

use fastrand::Rng;
use misp_onboarding::id::{CaCertificateId, LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId};
use misp_onboarding::list::{ListRequest, SortKey};
use misp_onboarding::partner::{Partner, PartnerId};
use misp_onboarding::policy::Policy;
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::Store;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Actor, Error, Onboarding, Role, Timestamp};
use misp_onboarding_testkit::clock::TickingClock;
use misp_onboarding_testkit::scenario::actor;
use serde::{Deserialize, Serialize};

use crate::journal::Flaw;
use crate::place::Place;
use crate::supply::Supply;

/// How many of each kind a writer keeps in mind: few enough that it meets the same ones again.
const KEPT: usize = 12;

type Command = fn(&mut Worker) -> Result<(), Error>;

/// The commands, each as often as its weight says.
const COMMANDS: &[(usize, Command)] = &[
    (6, Worker::create_partner),
    (6, Worker::update_partner),
    (10, Worker::upload_certificate),
    (6, Worker::select_group),
    (2, Worker::deactivate_partner),
    (2, Worker::create_group),
    (1, Worker::deactivate_group),
    (4, Worker::draft_policy),
    (3, Worker::edit_policy),
    (4, Worker::publish_policy),
    (1, Worker::deactivate_policy),
    (8, Worker::request_policy),
    (8, Worker::approve),
    (2, Worker::reject),
    (16, Worker::generate),
    (12, Worker::regenerate),
    (5, Worker::deactivate_key),
    (3, Worker::import),
    (1, Worker::upload_root),
    (1, Worker::distrust_root),
];

/// What a writer is started with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Where it writes.
    pub place: Place,
    /// Its name, which no other writer of the same store has at the same time.
    pub name: String,
    /// The first instant on its clock, in microseconds since 1970; goes on by [`CLOCK_STEP`] with each look.
    pub begin_micros: i64,
    /// Decides on what it does.
    pub seed: u64,
    /// The certificates it uploads.
    pub supply: Supply,
    /// The mistake it makes.
    pub flaw: Option<Flaw>,
}

/// How far the clocks of writers go on with each look, in microseconds: clocks that begin up to this much apart never
/// show the same instant.
pub const CLOCK_STEP: i64 = 8;

/// Gives commands.
pub struct Worker {
    onboarding: Onboarding,
    admin: Actor,
    manager: Actor,
    supply: Supply,
    rng: Rng,
    /// Goes into names, so that no two writers give the same by chance.
    name: String,
    partners: Vec<Partner>,
    groups: Vec<PolicyGroupId>,
    drafts: Vec<Policy>,
    policies: Vec<Policy>,
    pending: Vec<PolicyLinkId>,
    approved: Vec<(PartnerId, PolicyId)>,
    keys: Vec<LicenseKeyId>,
    roots: Vec<CaCertificateId>,
}

impl Worker {
    /// A writer, which knows some of what is there already.
    ///
    /// # Errors
    /// The store fails.
    pub fn new(store: Arc<dyn Store>, job: &Job) -> Result<Self, Error> {
        let clock = TickingClock::new(Timestamp::from_unix_micros(job.begin_micros), CLOCK_STEP);
        let onboarding = Onboarding::builder(store).clock(Arc::new(clock)).build()?;
        let name = &job.name;
        let mut worker = Self {
            onboarding,
            admin: actor(&format!("{name}.admin"), Role::PartnerAdmin),
            manager: actor(&format!("{name}.manager"), Role::PolicyManager),
            supply: job.supply.clone(),
            rng: Rng::with_seed(job.seed),
            name: name.clone(),
            partners: Vec::new(),
            groups: Vec::new(),
            drafts: Vec::new(),
            policies: Vec::new(),
            pending: Vec::new(),
            approved: Vec::new(),
            keys: Vec::new(),
            roots: Vec::new(),
        };
        worker.look_around()?;
        Ok(worker)
    }

    /// Gives one command. What the rules refuse is no error: others have changed what this writer knew.
    ///
    /// # Errors
    /// The store failed, or others were faster each time.
    pub fn act(&mut self) -> Result<(), Error> {
        let weighted = COMMANDS.iter().flat_map(|(weight, command)| iter::repeat_n(*command, *weight));
        let Some(command) = self.rng.choice(weighted.collect::<Vec<_>>()) else { return Ok(()) };
        match command(self) {
            Err(error) if error.code().starts_with("store.") => Err(error),
            _ => Ok(()),
        }
    }

    fn look_around(&mut self) -> Result<(), Error> {
        self.onboarding.upload_ca_certificates(
            &self.admin,
            &TrustDomain::auth(),
            self.supply.cas.as_bytes(),
        )?;
        let partners = self.onboarding.list_partners(&self.admin, &newest())?.items;
        self.partners = partners.into_iter().map(|row| row.partner).collect();
        let groups = self.onboarding.list_policy_groups(&self.admin, &newest())?.items;
        self.groups = groups.into_iter().map(|group| group.id).collect();
        for row in self.onboarding.list_policies(&self.admin, &newest())?.items {
            match row.policy.published_at {
                None => self.drafts.push(row.policy),
                Some(_) => self.policies.push(row.policy),
            }
        }
        for row in self.onboarding.list_policy_links(&self.admin, &newest())?.items {
            match row.link.state {
                PolicyLinkState::Pending => self.pending.push(row.link.id),
                PolicyLinkState::Approved => self.approved.push((row.link.partner, row.link.policy)),
                PolicyLinkState::Rejected => {}
            }
        }
        let keys = self.onboarding.list_license_keys(&self.admin, &newest())?.items;
        self.keys = keys.into_iter().map(|view| view.row.key.id).collect();
        Ok(())
    }

    fn text(&mut self, what: &str) -> String {
        format!("{what}-{}-{:08x}", self.name, self.rng.u32(..))
    }
}

fn newest<F: Default, S: SortKey>() -> ListRequest<F, S> {
    ListRequest::default().page_size(KEPT as u32)
}

fn pick<T: Clone>(rng: &mut Rng, items: &[T]) -> Option<T> {
    rng.choice(items).cloned()
}

/// Keeps the item in mind, and forgets the oldest where there are too many.
fn keep<T>(items: &mut Vec<T>, item: T) {
    items.push(item);
    if items.len() > KEPT {
        items.remove(0);
    }
}
