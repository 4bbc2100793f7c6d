//! What a writer does: every command of the engine, in random order, on whatever is there.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use misp_onboarding::id::{CaCertificateId, LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId};
use misp_onboarding::license_key::{GenerateLicenseKey, ImportLicenseKey, RegenerateLicenseKey, Validity};
use misp_onboarding::list::{ListRequest, SortKey};
use misp_onboarding::partner::{NewPartner, Partner, PartnerId, PartnerUpdate};
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, Policy, PolicyEdit};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::Store;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Actor, Error, Onboarding, Role, Timestamp};
use misp_onboarding_testkit::clock::TickingClock;
use misp_onboarding_testkit::scenario::{BEGIN, DOCUMENT, ORGANIZATION, actor};
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

    fn create_partner(&mut self) -> Result<(), Error> {
        let id = self.text("p");
        let policy_group = if self.rng.bool() { pick(&mut self.rng, &self.groups) } else { None };
        let new = NewPartner {
            email: format!("{id}@example.org"),
            id,
            organization: ORGANIZATION.to_owned(),
            address: "1 Harbor Street".to_owned(),
            contact_number: "+1 (555) 0100".to_owned(),
            language: None,
            policy_group,
        };
        let partner = self.onboarding.create_partner(&self.admin, &new)?;
        keep(&mut self.partners, partner);
        self.upload_certificate()
    }

    fn update_partner(&mut self) -> Result<(), Error> {
        let Some(partner) = pick(&mut self.rng, &self.partners) else { return Ok(()) };
        let update = PartnerUpdate {
            address: Some(self.text("Street")),
            email: self.rng.bool().then(|| format!("{}@example.org", self.rng.u32(..))),
            ..PartnerUpdate::default()
        };
        self.onboarding.update_partner(&self.admin, &partner.id, &update).map(drop)
    }

    fn upload_certificate(&mut self) -> Result<(), Error> {
        let leaf = pick(&mut self.rng, &self.supply.leaves);
        let (Some(partner), Some(leaf)) = (self.partners.last().cloned(), leaf) else { return Ok(()) };
        self.onboarding.upload_certificate(&self.admin, &partner.id, leaf.as_bytes()).map(drop)
    }

    fn select_group(&mut self) -> Result<(), Error> {
        let without = self.partners.iter_mut().find(|partner| partner.policy_group.is_none());
        let (Some(partner), Some(group)) = (without, pick(&mut self.rng, &self.groups)) else {
            return Ok(());
        };
        // Whatever comes of it, it is not tried again.
        partner.policy_group = Some(group);
        self.onboarding.select_policy_group(&self.admin, &partner.id, group).map(drop)
    }

    fn deactivate_partner(&mut self) -> Result<(), Error> {
        let Some(partner) = pick(&mut self.rng, &self.partners) else { return Ok(()) };
        self.onboarding.deactivate_partner(&self.admin, &partner.id)?;
        self.partners.retain(|other| other.id != partner.id);
        Ok(())
    }

    fn create_group(&mut self) -> Result<(), Error> {
        let new = NewPolicyGroup { name: self.text("group"), description: "for crashes".to_owned() };
        let group = self.onboarding.create_policy_group(&self.manager, &new)?;
        keep(&mut self.groups, group.id);
        Ok(())
    }

    fn deactivate_group(&mut self) -> Result<(), Error> {
        let Some(group) = pick(&mut self.rng, &self.groups) else { return Ok(()) };
        self.onboarding.deactivate_policy_group(&self.manager, group).map(drop)
    }

    fn draft_policy(&mut self) -> Result<(), Error> {
        let Some(group) = pick(&mut self.rng, &self.groups) else { return self.create_group() };
        let new = NewPolicy {
            group,
            name: self.text("policy"),
            description: "for crashes".to_owned(),
            document: DOCUMENT.to_owned(),
            valid_until: None,
        };
        let draft = self.onboarding.create_policy(&self.manager, &new)?;
        keep(&mut self.drafts, draft);
        Ok(())
    }

    fn edit_policy(&mut self) -> Result<(), Error> {
        let Some(draft) = pick(&mut self.rng, &self.drafts) else { return Ok(()) };
        let edit = PolicyEdit { description: Some(self.text("edited")), ..PolicyEdit::default() };
        self.onboarding.edit_policy(&self.manager, draft.id, &edit).map(drop)
    }

    fn publish_policy(&mut self) -> Result<(), Error> {
        let Some(draft) = self.drafts.pop() else { return self.draft_policy() };
        let policy = self.onboarding.publish_policy(&self.manager, draft.id)?;
        keep(&mut self.policies, policy);
        Ok(())
    }

    fn deactivate_policy(&mut self) -> Result<(), Error> {
        let Some(policy) = pick(&mut self.rng, &self.policies) else { return Ok(()) };
        self.onboarding.deactivate_policy(&self.manager, policy.id).map(drop)
    }

    fn request_policy(&mut self) -> Result<(), Error> {
        let Some(policy) = pick(&mut self.rng, &self.policies) else { return self.publish_policy() };
        let of_group = |partner: &&Partner| partner.policy_group == Some(policy.group);
        let fitting: Vec<PartnerId> =
            self.partners.iter().filter(of_group).map(|partner| partner.id.clone()).collect();
        let Some(partner) = pick(&mut self.rng, &fitting) else { return self.select_group() };
        let link = self.onboarding.request_policy(&self.admin, &partner, policy.id, "please")?;
        keep(&mut self.pending, link.id);
        Ok(())
    }

    fn approve(&mut self) -> Result<(), Error> {
        let Some(link) = self.pending.pop() else { return self.request_policy() };
        let link = self.onboarding.approve_policy_link(&self.admin, link, None)?;
        keep(&mut self.approved, (link.partner, link.policy));
        Ok(())
    }

    fn reject(&mut self) -> Result<(), Error> {
        let Some(link) = self.pending.pop() else { return Ok(()) };
        self.onboarding.reject_policy_link(&self.admin, link, Some("not now")).map(drop)
    }

    fn generate(&mut self) -> Result<(), Error> {
        let approved = if self.rng.bool() { pick(&mut self.rng, &self.approved) } else { None };
        let (partner, policy) = match approved {
            Some((partner, policy)) => (partner, Some(policy)),
            None => match pick(&mut self.rng, &self.partners) {
                Some(partner) => (partner.id, None),
                None => return self.create_partner(),
            },
        };
        let validity = self.validity();
        let command = GenerateLicenseKey { partner, policy, name: self.text("key"), validity };
        let key = self.onboarding.generate_license_key(&self.admin, &command)?;
        keep(&mut self.keys, key.view.row.key.id);
        Ok(())
    }

    fn regenerate(&mut self) -> Result<(), Error> {
        let Some(old) = pick(&mut self.rng, &self.keys) else { return self.generate() };
        let overlap = Duration::from_millis(if self.rng.bool() { self.rng.u64(..3_000) } else { 0 });
        let command = RegenerateLicenseKey { name: None, validity: self.validity(), overlap };
        let new = self.onboarding.regenerate_license_key(&self.admin, old, &command)?;
        self.keys.retain(|key| *key != old || overlap > Duration::ZERO);
        keep(&mut self.keys, new.view.row.key.id);
        Ok(())
    }

    fn deactivate_key(&mut self) -> Result<(), Error> {
        let Some(key) = pick(&mut self.rng, &self.keys) else { return Ok(()) };
        self.onboarding.deactivate_license_key(&self.admin, key)?;
        self.keys.retain(|other| *other != key);
        Ok(())
    }

    /// Several keys of one or two partners, in one commit.
    fn import(&mut self) -> Result<(), Error> {
        let partners: Vec<_> = (0..2).filter_map(|_| pick(&mut self.rng, &self.partners)).collect();
        let keys: Vec<_> = partners
            .iter()
            .cycle()
            .take(partners.len() * 2)
            .map(|partner| {
                let key = format!("{:050}", self.rng.u128(..));
                ImportLicenseKey {
                    key: key.parse().expect("50 digits are a key of MOSIP's form"),
                    partner: partner.id.clone(),
                    policy: None,
                    name: format!("old {}", self.rng.u32(..)),
                    expires_at: BEGIN.plus_days(60),
                }
            })
            .collect();
        self.onboarding.import_license_keys(&self.admin, &keys).map(drop)
    }

    fn upload_root(&mut self) -> Result<(), Error> {
        let Some(root) = self.supply.roots.pop() else { return Ok(()) };
        let report =
            self.onboarding.upload_ca_certificates(&self.admin, &TrustDomain::auth(), root.as_bytes())?;
        self.roots.extend(report.entries.iter().filter_map(|entry| entry.outcome.id()));
        Ok(())
    }

    fn distrust_root(&mut self) -> Result<(), Error> {
        let Some(root) = self.roots.pop() else { return self.upload_root() };
        self.onboarding.distrust_ca_certificate(&self.admin, root, "stolen").map(drop)
    }

    /// Some keys end within seconds, so that they have by the time of a later process.
    fn validity(&mut self) -> Validity {
        match self.rng.usize(..3) {
            0 => Validity::For(Duration::from_millis(self.rng.u64(500..5_000))),
            _ => Validity::Default,
        }
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
