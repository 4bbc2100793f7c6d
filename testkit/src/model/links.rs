//! Policy links.

use misp_onboarding::Role;
use misp_onboarding::id::PolicyLinkId;
use misp_onboarding::partner::PartnerState;
use misp_onboarding::policy_link::PolicyLinkState;

use super::command::{Pick, Who};
use super::engines::Difference;
use super::game::Game;
use super::known::{Known, Link, Reasons};
use super::text::Text;
use crate::scenario::BEGIN;

const ADMIN: &[Role] = &[Role::PartnerAdmin];

impl Game {
    pub(super) fn request_policy(
        &mut self,
        who: Who,
        partner: Pick,
        policy: Pick,
        comment: Text,
    ) -> Result<bool, Difference> {
        let (known, now) = (&self.known, self.now());
        let (partner, policy) = (partner.among(known.partners.len()), policy.among(known.policies.len()));
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            reasons.add(partner.is_none(), "partner.not_found");
            reasons.add(policy.is_none(), "policy.not_found");
            reasons.fields(comment.is_bad(), false);
            if let Some(partner) = partner.map(|partner| &known.partners[partner]) {
                reasons.add(partner.state != PartnerState::Active, "partner.not_active");
                reasons.add(partner.group.is_none(), "partner.no_policy_group");
            }
            if let Some(policy) = policy {
                reasons.extend(known.why_policy_is_unusable(policy, now));
            }
            if let (Some(partner), Some(policy)) = (partner, policy) {
                let group = known.partners[partner].group;
                let foreign = group.is_some_and(|group| group != known.policies[policy].group);
                reasons.add(foreign, "policy_link.foreign_policy_group");
                let open = |state| {
                    let this = (partner, policy, state);
                    known.links.iter().any(|link| (link.partner, link.policy, link.state) == this)
                };
                reasons.add(open(PolicyLinkState::Pending), "policy_link.already_pending");
                reasons.add(open(PolicyLinkState::Approved), "policy_link.already_approved");
            }
        });
        let (partner_id, policy_id) = (known.partner_id(partner), known.policy_id(policy));
        let answer = self
            .engines
            .both(|engine| engine.request_policy(&who.actor(), &partner_id, policy_id, comment.raw))?;
        reasons.judge(&answer)?;
        let (Ok(link), Some(partner), Some(policy)) = (answer, partner, policy) else { return Ok(false) };
        let state = PolicyLinkState::Pending;
        self.known.links.push(Link { id: link.id, partner, policy, requested_by: who, state });
        Ok(true)
    }

    pub(super) fn approve_link(
        &mut self,
        who: Who,
        pick: Pick,
        comment: Option<Text>,
    ) -> Result<bool, Difference> {
        let (known, now) = (&self.known, self.now());
        let found = pick.among(known.links.len());
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            known.undecided(found, comment, reasons);
            let Some(link) = found.map(|link| &known.links[link]) else { return };
            let own = self.rules.approver_must_differ && link.requested_by == who;
            reasons.add(own, "policy_link.approver_is_requester");
            let state = known.partners[link.partner].state;
            reasons.add(state != PartnerState::Active, "partner.not_active");
            reasons.extend(known.why_policy_is_unusable(link.policy, now));
        });
        let id = known.link_id(found);
        let text = comment.map(|comment| comment.raw);
        let answer = self.engines.both(|engine| engine.approve_policy_link(&who.actor(), id, text))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(link)) = (&answer, found) {
            self.known.links[link].state = PolicyLinkState::Approved;
        }
        Ok(answer.is_ok())
    }

    pub(super) fn reject_link(
        &mut self,
        who: Who,
        pick: Pick,
        comment: Option<Text>,
    ) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.links.len());
        let reasons = Reasons::of(who, ADMIN, |reasons| known.undecided(found, comment, reasons));
        let id = known.link_id(found);
        let text = comment.map(|comment| comment.raw);
        let answer = self.engines.both(|engine| engine.reject_policy_link(&who.actor(), id, text))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(link)) = (&answer, found) {
            self.known.links[link].state = PolicyLinkState::Rejected;
        }
        Ok(answer.is_ok())
    }
}

impl Known {
    pub(super) fn link_id(&self, found: Option<usize>) -> PolicyLinkId {
        found.map_or_else(|| PolicyLinkId::new(BEGIN, [0; 10]), |link| self.links[link].id)
    }

    fn undecided(&self, found: Option<usize>, comment: Option<Text>, reasons: &mut Reasons) {
        reasons.add(found.is_none(), "policy_link.not_found");
        let decided = found.is_some_and(|link| self.links[link].state != PolicyLinkState::Pending);
        reasons.add(decided, "policy_link.already_decided");
        reasons.fields(comment.is_some_and(Text::is_bad), false);
    }
}
