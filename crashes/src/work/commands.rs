//! The commands, each on something that the writer knows of; where it knows of nothing, the one that makes it.

use std::time::Duration;

use misp_onboarding::Error;
use misp_onboarding::license_key::{GenerateLicenseKey, ImportLicenseKey, RegenerateLicenseKey, Validity};
use misp_onboarding::partner::{NewPartner, Partner, PartnerId, PartnerUpdate};
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, PolicyEdit};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding_testkit::scenario::{BEGIN, DOCUMENT, ORGANIZATION};

use super::{Worker, keep, pick};

impl Worker {
    pub(super) fn create_partner(&mut self) -> Result<(), Error> {
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

    pub(super) fn update_partner(&mut self) -> Result<(), Error> {
        let Some(partner) = pick(&mut self.rng, &self.partners) else { return Ok(()) };
        let update = PartnerUpdate {
            address: Some(self.text("Street")),
            email: self.rng.bool().then(|| format!("{}@example.org", self.rng.u32(..))),
            ..PartnerUpdate::default()
        };
        self.onboarding.update_partner(&self.admin, &partner.id, &update).map(drop)
    }

    pub(super) fn upload_certificate(&mut self) -> Result<(), Error> {
        let leaf = pick(&mut self.rng, &self.supply.leaves);
        let (Some(partner), Some(leaf)) = (self.partners.last().cloned(), leaf) else { return Ok(()) };
        self.onboarding.upload_certificate(&self.admin, &partner.id, leaf.as_bytes()).map(drop)
    }

    pub(super) fn select_group(&mut self) -> Result<(), Error> {
        let without = self.partners.iter_mut().find(|partner| partner.policy_group.is_none());
        let (Some(partner), Some(group)) = (without, pick(&mut self.rng, &self.groups)) else {
            return Ok(());
        };
        // Whatever comes of it, it is not tried again.
        partner.policy_group = Some(group);
        self.onboarding.select_policy_group(&self.admin, &partner.id, group).map(drop)
    }

    pub(super) fn deactivate_partner(&mut self) -> Result<(), Error> {
        let Some(partner) = pick(&mut self.rng, &self.partners) else { return Ok(()) };
        self.onboarding.deactivate_partner(&self.admin, &partner.id)?;
        self.partners.retain(|other| other.id != partner.id);
        Ok(())
    }

    pub(super) fn create_group(&mut self) -> Result<(), Error> {
        let new = NewPolicyGroup { name: self.text("group"), description: "for crashes".to_owned() };
        let group = self.onboarding.create_policy_group(&self.manager, &new)?;
        keep(&mut self.groups, group.id);
        Ok(())
    }

    pub(super) fn deactivate_group(&mut self) -> Result<(), Error> {
        let Some(group) = pick(&mut self.rng, &self.groups) else { return Ok(()) };
        self.onboarding.deactivate_policy_group(&self.manager, group).map(drop)
    }

    pub(super) fn draft_policy(&mut self) -> Result<(), Error> {
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

    pub(super) fn edit_policy(&mut self) -> Result<(), Error> {
        let Some(draft) = pick(&mut self.rng, &self.drafts) else { return Ok(()) };
        let edit = PolicyEdit { description: Some(self.text("edited")), ..PolicyEdit::default() };
        self.onboarding.edit_policy(&self.manager, draft.id, &edit).map(drop)
    }

    pub(super) fn publish_policy(&mut self) -> Result<(), Error> {
        let Some(draft) = self.drafts.pop() else { return self.draft_policy() };
        let policy = self.onboarding.publish_policy(&self.manager, draft.id)?;
        keep(&mut self.policies, policy);
        Ok(())
    }

    pub(super) fn deactivate_policy(&mut self) -> Result<(), Error> {
        let Some(policy) = pick(&mut self.rng, &self.policies) else { return Ok(()) };
        self.onboarding.deactivate_policy(&self.manager, policy.id).map(drop)
    }

    pub(super) fn request_policy(&mut self) -> Result<(), Error> {
        let Some(policy) = pick(&mut self.rng, &self.policies) else { return self.publish_policy() };
        let of_group = |partner: &&Partner| partner.policy_group == Some(policy.group);
        let fitting: Vec<PartnerId> =
            self.partners.iter().filter(of_group).map(|partner| partner.id.clone()).collect();
        let Some(partner) = pick(&mut self.rng, &fitting) else { return self.select_group() };
        let link = self.onboarding.request_policy(&self.admin, &partner, policy.id, "please")?;
        keep(&mut self.pending, link.id);
        Ok(())
    }

    pub(super) fn approve(&mut self) -> Result<(), Error> {
        let Some(link) = self.pending.pop() else { return self.request_policy() };
        let link = self.onboarding.approve_policy_link(&self.admin, link, None)?;
        keep(&mut self.approved, (link.partner, link.policy));
        Ok(())
    }

    pub(super) fn reject(&mut self) -> Result<(), Error> {
        let Some(link) = self.pending.pop() else { return Ok(()) };
        self.onboarding.reject_policy_link(&self.admin, link, Some("not now")).map(drop)
    }

    pub(super) fn generate(&mut self) -> Result<(), Error> {
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

    pub(super) fn regenerate(&mut self) -> Result<(), Error> {
        let Some(old) = pick(&mut self.rng, &self.keys) else { return self.generate() };
        let overlap = Duration::from_millis(if self.rng.bool() { self.rng.u64(..3_000) } else { 0 });
        let command = RegenerateLicenseKey { name: None, validity: self.validity(), overlap };
        let new = self.onboarding.regenerate_license_key(&self.admin, old, &command)?;
        self.keys.retain(|key| *key != old || overlap > Duration::ZERO);
        keep(&mut self.keys, new.view.row.key.id);
        Ok(())
    }

    pub(super) fn deactivate_key(&mut self) -> Result<(), Error> {
        let Some(key) = pick(&mut self.rng, &self.keys) else { return Ok(()) };
        self.onboarding.deactivate_license_key(&self.admin, key)?;
        self.keys.retain(|other| *other != key);
        Ok(())
    }

    /// Several keys of one or two partners, in one commit.
    pub(super) fn import(&mut self) -> Result<(), Error> {
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

    pub(super) fn upload_root(&mut self) -> Result<(), Error> {
        let Some(root) = self.supply.roots.pop() else { return Ok(()) };
        let report =
            self.onboarding.upload_ca_certificates(&self.admin, &TrustDomain::auth(), root.as_bytes())?;
        self.roots.extend(report.entries.iter().filter_map(|entry| entry.outcome.id()));
        Ok(())
    }

    pub(super) fn distrust_root(&mut self) -> Result<(), Error> {
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
