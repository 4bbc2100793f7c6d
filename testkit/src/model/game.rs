//! A sequence of commands: what is given to both engines, and what is looked at after each.

use std::collections::BTreeSet;
use std::time::Duration;

use misp_onboarding::event::EventSequence;
use misp_onboarding::store::Store;
use misp_onboarding::{Clock, Rules, Timestamp};

use super::certificates::pool;
use super::command::{Command, End, Pick, Play, Who};
use super::engines::{Difference, Engines, equal};
use super::known::Known;
use crate::clock::ManualClock;
use crate::scenario::BEGIN;

/// Whether everything was as it must be.
pub(super) type Checked = Result<(), Difference>;

/// What a sequence reached.
#[derive(Default)]
pub(super) struct Reached {
    /// The places in the sequence of the commands that were accepted.
    pub(super) accepted: Vec<usize>,
    /// The codes that something was refused with.
    pub(super) refusals: BTreeSet<&'static str>,
}

/// Plays a sequence on an empty store.
pub(super) fn play(play: &Play, store: impl Store + 'static) -> Result<Reached, Difference> {
    play_watched(play, store, |_, _| {})
}

/// Plays a sequence on an empty store, and calls `look` after each command with the store and whether the command was
/// accepted.
pub(super) fn play_watched(
    play: &Play,
    store: impl Store + 'static,
    mut look: impl FnMut(&dyn Store, bool),
) -> Result<Reached, Difference> {
    let mut rules = Rules::default();
    rules.approver_must_differ = play.approver_must_differ;
    let clock = ManualClock::new(BEGIN);
    let engines = Engines::new(&clock, &rules, store);
    let mut game =
        Game { engines, clock: clock.clone(), rules, known: Known::default(), told: EventSequence::START };
    let mut reached = Reached::default();
    for (number, (who, command)) in play.steps.iter().enumerate() {
        let accepted = game.give(*who, command).map_err(|difference| {
            Difference::new(format!("step {number}, {who:?} at {}, {command:?}: {difference}", clock.now()))
        })?;
        reached.accepted.extend(accepted.then_some(number));
        look(game.engines.store(), accepted);
    }
    let in_the_end = |difference| Difference::new(format!("in the end: {difference}"));
    game.check_lists().map_err(in_the_end)?;
    game.engines.check_invariants().map_err(in_the_end)?;
    reached.refusals = game.engines.refusals();
    Ok(reached)
}

/// Both engines, and what the model knows.
pub(super) struct Game {
    pub(super) engines: Engines,
    clock: ManualClock,
    pub(super) rules: Rules,
    pub(super) known: Known,
    /// The last event that was read.
    told: EventSequence,
}

impl Game {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Gives a command to both engines, looks at everything that it may have changed, and says whether it was
    /// accepted.
    fn give(&mut self, who: Who, command: &Command) -> Result<bool, Difference> {
        let accepted = self.carry_out(who, command)?;
        self.check_events(who, !accepted)?;
        self.check_verdicts()?;
        // Commits of one instant could not be told apart by their events. What follows a move of the clock happens at the
        // very instant that it moved to.
        if !matches!(command, Command::Days(_) | Command::To(..)) {
            self.clock.advance(Duration::from_micros(1));
        }
        Ok(accepted)
    }

    /// Carries a command out, and says whether it was accepted.
    fn carry_out(&mut self, who: Who, command: &Command) -> Result<bool, Difference> {
        match command.clone() {
            Command::Days(days) => {
                self.clock.advance_days(days);
                Ok(true)
            }
            Command::To(end, micros) => {
                self.go_to(end, micros);
                Ok(true)
            }
            Command::UploadCas(domain, file) => self.upload_cas(who, domain, file),
            Command::DistrustCa(ca, reason) => self.distrust_ca(who, ca, reason),
            Command::CaChain(ca) => self.ca_chain(who, ca),
            Command::CreatePartner { id, organization, address, contact_number, email, language, group } => {
                let contact = [address, contact_number];
                self.create_partner(who, id, organization, contact, email, language, group)
            }
            Command::UpdatePartner { partner, address, contact_number, email, language } => {
                self.update_partner(who, partner, [address, contact_number], email, language)
            }
            Command::SelectGroup(partner, group) => self.select_group(who, partner, group),
            Command::DeactivatePartner(partner) => self.deactivate_partner(who, partner),
            Command::InspectCertificate(partner, file) => self.inspect_certificate(who, partner, file),
            Command::UploadCertificate(partner, file) => self.upload_certificate(who, partner, file),
            Command::CreateGroup(name, description) => self.create_group(who, name, description),
            Command::DeactivateGroup(group) => self.deactivate_group(who, group),
            Command::CreatePolicy { group, name, description, document, days } => {
                self.create_policy(who, group, name, description, document, days)
            }
            Command::EditPolicy(policy, edit) => self.edit_policy(who, policy, edit),
            Command::PublishPolicy(policy) => self.publish_policy(who, policy),
            Command::DeactivatePolicy(policy) => self.deactivate_policy(who, policy),
            Command::RequestPolicy(partner, policy, text) => self.request_policy(who, partner, policy, text),
            Command::ApproveLink(link, comment) => self.approve_link(who, link, comment),
            Command::RejectLink(link, comment) => self.reject_link(who, link, comment),
            Command::Generate { partner, policy, name, length } => {
                self.generate(who, partner, policy, name, length)
            }
            Command::Regenerate { key, name, length, overlap_days } => {
                self.regenerate(who, key, name, length, overlap_days)
            }
            Command::DeactivateKey(key) => self.deactivate_key(who, key),
            Command::Import(keys) => self.import(who, &keys),
            Command::Authenticate(presented) => self.authenticate(presented),
            Command::LookUp(pick) => self.look_up(who, pick),
            Command::List(listing) => self.list(who, &listing),
        }
    }

    fn go_to(&self, end: End, micros: i64) {
        let known = &self.known;
        let key = |pick: Pick| pick.among(known.keys.len()).map(|key| &known.keys[key]);
        let instant = match end {
            End::Key(pick) => key(pick).map(|key| key.expires),
            End::Overlap(pick) => key(pick).and_then(|key| key.overlap_ends),
            End::Policy(pick) => {
                pick.among(known.policies.len()).and_then(|policy| known.policies[policy].ends)
            }
            End::Leaf(leaf) => Some(pool().leaves[leaf].not_after),
            End::Authority(authority) => Some(pool().authorities[authority].not_after),
        };
        // A century of keys that were imported with their ends far away would leave nothing to happen.
        let near = |instant: &Timestamp| *instant > self.now() && *instant < self.now().plus_days(450);
        if let Some(instant) = instant.filter(near) {
            self.clock.set(Timestamp::from_unix_micros(instant.unix_micros() + micros));
        }
    }

    /// Both logs go on alike, tell of now and of who gave the command, and tell nothing where it was refused.
    fn check_events(&mut self, who: Who, refused: bool) -> Checked {
        let reader = Who::Rose.actor();
        let events = self.engines.answer(|engine| engine.events(&reader, self.told, 1_000))?;
        for event in &events {
            equal("the instant of an event", event.event.at, self.now())?;
            equal("the actor of an event", &event.event.actor, who.actor().id())?;
        }
        if refused && !events.is_empty() {
            return Err(Difference::new(format!("a refused command must change nothing, found {events:?}")));
        }
        if let Some(last) = events.last() {
            self.told = last.sequence;
        }
        Ok(())
    }
}
