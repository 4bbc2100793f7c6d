//! Partners and their certificates.

use misp_onboarding::Role;
use misp_onboarding::certificate::UploadOutcome;
use misp_onboarding::id::{PolicyGroupId, PolicyId};
use misp_onboarding::license_key::LicenseKeyState;
use misp_onboarding::partner::{NewPartner, PartnerId, PartnerState, PartnerUpdate};
use misp_onboarding::policy_link::PolicyLinkState;

use super::certificates::{LeafFile, pool};
use super::command::{Pick, Who};
use super::engines::{Difference, equal};
use super::game::Game;
use super::known::{Known, Partner, Reasons};
use super::text::{LANGUAGE, Text};

const ADMIN: &[Role] = &[Role::PartnerAdmin];

impl Game {
    #[allow(clippy::too_many_arguments, reason = "a partner has that many fields")]
    pub(super) fn create_partner(
        &mut self,
        who: Who,
        id: Text,
        organization: Text,
        [address, contact_number]: [Text; 2],
        email: Text,
        language: Option<Text>,
        group: Option<Pick>,
    ) -> Result<bool, Difference> {
        let known = &self.known;
        let chosen = group.map(|group| group.among(known.groups.len()));
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            let texts =
                [id, organization, address, contact_number, email, language.unwrap_or(LANGUAGE.first())];
            let no_group = chosen.is_some_and(|group| group.is_none_or(|group| !known.groups[group].active));
            let taken = |other: &Partner| Some(other.name) == id.class || Some(other.email) == email.class;
            reasons
                .fields(texts.iter().any(|text| text.is_bad()) || no_group, known.partners.iter().any(taken));
        });
        let new = NewPartner {
            id: id.raw.to_owned(),
            organization: organization.raw.to_owned(),
            address: address.raw.to_owned(),
            contact_number: contact_number.raw.to_owned(),
            email: email.raw.to_owned(),
            language: language.map(|language| language.raw.to_owned()),
            policy_group: chosen.map(|group| known.group_id(group)),
        };
        let answer = self.engines.both(|engine| engine.create_partner(&who.actor(), &new))?;
        reasons.judge(&answer)?;
        let Ok(partner) = answer else { return Ok(false) };
        equal("the state of a new partner", partner.state, PartnerState::Inactive)?;
        let class = |text: Text| text.class.expect("a bad text is refused");
        self.known.partners.push(Partner {
            id: partner.id,
            name: class(id),
            organization: class(organization),
            email: class(email),
            group: chosen.flatten(),
            state: PartnerState::Inactive,
            certificate: None,
        });
        Ok(true)
    }

    pub(super) fn update_partner(
        &mut self,
        who: Who,
        pick: Pick,
        [address, contact_number]: [Option<Text>; 2],
        email: Option<Text>,
        language: Option<Text>,
    ) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.partners.len());
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            known.deactivated(found, reasons);
            let texts = [address, contact_number, email, language];
            let others = known.partners.iter().enumerate().filter(|(number, _)| Some(*number) != found);
            let class = email.and_then(|email| email.class);
            let taken = others.into_iter().any(|(_, other)| Some(other.email) == class);
            reasons.fields(texts.into_iter().flatten().any(Text::is_bad), taken);
        });
        let raw = |text: Option<Text>| text.map(|text| text.raw.to_owned());
        let update = PartnerUpdate {
            address: raw(address),
            contact_number: raw(contact_number),
            email: raw(email),
            language: raw(language),
        };
        let id = known.partner_id(found);
        let answer = self.engines.both(|engine| engine.update_partner(&who.actor(), &id, &update))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(number), Some(class)) = (&answer, found, email.and_then(|email| email.class)) {
            self.known.partners[number].email = class;
        }
        Ok(answer.is_ok())
    }

    pub(super) fn select_group(&mut self, who: Who, partner: Pick, group: Pick) -> Result<bool, Difference> {
        let known = &self.known;
        let (found, group) = (partner.among(known.partners.len()), group.among(known.groups.len()));
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            known.deactivated(found, reasons);
            let selected = found.is_some_and(|partner| known.partners[partner].group.is_some());
            reasons.add(selected, "partner.policy_group_already_selected");
            reasons.add(group.is_none(), "policy_group.not_found");
            reasons.add(group.is_some_and(|group| !known.groups[group].active), "policy_group.not_active");
        });
        let (id, group_id) = (known.partner_id(found), known.group_id(group));
        let answer = self.engines.both(|engine| engine.select_policy_group(&who.actor(), &id, group_id))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(partner)) = (&answer, found) {
            self.known.partners[partner].group = group;
        }
        Ok(answer.is_ok())
    }

    pub(super) fn deactivate_partner(&mut self, who: Who, pick: Pick) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.partners.len());
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            reasons.add(found.is_none(), "partner.not_found");
            let state = found.map(|partner| known.partners[partner].state);
            reasons.add(state == Some(PartnerState::Deactivated), "partner.already_deactivated");
        });
        let id = known.partner_id(found);
        let answer = self.engines.both(|engine| engine.deactivate_partner(&who.actor(), &id))?;
        reasons.judge(&answer)?;
        let (Ok(_), Some(partner)) = (&answer, found) else { return Ok(false) };
        // It takes its keys and its pending requests down with it.
        let known = &mut self.known;
        known.partners[partner].state = PartnerState::Deactivated;
        for key in known.keys.iter_mut().filter(|key| key.partner == partner) {
            key.state = LicenseKeyState::Deactivated;
        }
        let pending = |link: &&mut super::known::Link| {
            link.partner == partner && link.state == PolicyLinkState::Pending
        };
        for link in known.links.iter_mut().filter(pending) {
            link.state = PolicyLinkState::Rejected;
        }
        Ok(true)
    }

    pub(super) fn inspect_certificate(
        &mut self,
        who: Who,
        pick: Pick,
        file: LeafFile,
    ) -> Result<bool, Difference> {
        let found = pick.among(self.known.partners.len());
        let reasons = Reasons::of(who, ADMIN, |reasons| reasons.add(found.is_none(), "partner.not_found"));
        let (id, bytes) = (self.known.partner_id(found), pool().leaf_file(file));
        let answer = self.engines.both(|engine| engine.inspect_certificate(&who.actor(), &id, &bytes))?;
        reasons.judge(&answer)?;
        if let (Ok(report), Some(partner)) = (&answer, found) {
            equal(
                "whether the certificate is accepted",
                report.accepted(),
                self.is_acceptable(partner, file),
            )?;
        }
        Ok(answer.is_ok())
    }

    pub(super) fn upload_certificate(
        &mut self,
        who: Who,
        pick: Pick,
        file: LeafFile,
    ) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.partners.len());
        let current = found.and_then(|partner| known.partners[partner].certificate);
        let again = matches!(file, LeafFile::One(leaf) if Some(leaf) == current);
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            known.deactivated(found, reasons);
            let rejected = found.is_some_and(|partner| !again && !self.is_acceptable(partner, file));
            reasons.add(rejected, "certificate.rejected");
        });
        let (id, bytes) = (known.partner_id(found), pool().leaf_file(file));
        let answer = self.engines.both(|engine| engine.upload_certificate(&who.actor(), &id, &bytes))?;
        reasons.judge(&answer)?;
        let (Ok(uploaded), Some(partner), LeafFile::One(leaf)) = (&answer, found, file) else {
            return Ok(false);
        };
        let outcome = match current {
            None => UploadOutcome::Activated,
            Some(_) if again => UploadOutcome::Unchanged,
            Some(_) => UploadOutcome::Replaced,
        };
        equal("what an upload did", uploaded.outcome, outcome)?;
        let partner = &mut self.known.partners[partner];
        (partner.state, partner.certificate) = (PartnerState::Active, Some(leaf));
        Ok(true)
    }

    /// Whether a partner's certificate breaks no rule now.
    fn is_acceptable(&self, partner: usize, file: LeafFile) -> bool {
        let LeafFile::One(leaf) = file else { return false };
        let (now, certificate) = (self.now(), &pool().leaves[leaf]);
        certificate.is_within_its_dates(now)
            && now.plus_days(335) <= certificate.not_after
            && certificate.organization == self.known.partners[partner].organization
            && self.known.is_anchored(leaf, now)
    }
}

impl Known {
    pub(super) fn partner_id(&self, found: Option<usize>) -> PartnerId {
        found.map_or_else(|| PartnerId::from_stored("nobody"), |partner| self.partners[partner].id.clone())
    }

    pub(super) fn group_id(&self, found: Option<usize>) -> PolicyGroupId {
        let unknown = || PolicyGroupId::new(crate::scenario::BEGIN, [0; 10]);
        found.map_or_else(unknown, |group| self.groups[group].id)
    }

    pub(super) fn policy_id(&self, found: Option<usize>) -> PolicyId {
        let unknown = || PolicyId::new(crate::scenario::BEGIN, [0; 10]);
        found.map_or_else(unknown, |policy| self.policies[policy].id)
    }

    /// A partner that is not there or deactivated.
    fn deactivated(&self, found: Option<usize>, reasons: &mut Reasons) {
        reasons.add(found.is_none(), "partner.not_found");
        let state = found.map(|partner| self.partners[partner].state);
        reasons.add(state == Some(PartnerState::Deactivated), "partner.deactivated");
    }
}
