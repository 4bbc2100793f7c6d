//! Partners: create, update, select a policy group, deactivate, look up, list.

use super::Onboarding;
use super::call::call;
use crate::actor::{ANY_ROLE, Actor, PARTNER_ADMIN};
use crate::error::Error;
use crate::id::PolicyGroupId;
use crate::list::{ListRequest, Page};
use crate::partner::rules::{CheckedUpdate, CreateFacts, Dependents, Draft};
use crate::partner::{
    NewPartner, Partner, PartnerError, PartnerFilter, PartnerId, PartnerRow, PartnerSort, PartnerUpdate,
    rules,
};

impl Onboarding {
    /// Creates a MISP partner. It is inactive until its first certificate is accepted.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with every field that breaks a rule, also where the id or the email address is taken;
    /// [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn create_partner(&self, actor: &Actor, new: &NewPartner) -> Result<Partner, Error> {
        let call = call!(INFO, "create_partner", actor, PARTNER_ADMIN);
        self.command(call, |context| {
            let draft = Draft::check(new, context.rules);
            let facts = CreateFacts {
                id_taken_by: match &draft.id {
                    Some(id) => self.store.partner_id_like(id)?,
                    None => None,
                },
                email_taken_by: match &draft.email {
                    Some(email) => self.store.partner_id_by_email(email)?,
                    None => None,
                },
                policy_group: match draft.policy_group {
                    Some(id) => self.store.policy_group(id)?,
                    None => None,
                },
            };
            Ok(rules::create(draft, facts, context)?)
        })
    }

    /// Changes address, contact number, email address or language of a partner that is not deactivated.
    ///
    /// # Errors
    /// [`PartnerError::NotFound`], [`PartnerError::Deactivated`]; [`Error::InvalidInput`] with every field that
    /// breaks a rule; [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn update_partner(
        &self,
        actor: &Actor,
        id: &PartnerId,
        update: &PartnerUpdate,
    ) -> Result<Partner, Error> {
        let call = call!(INFO, "update_partner", actor, PARTNER_ADMIN, partner = id);
        self.command(call, |context| {
            let partner = self.existing_partner(id)?;
            let checked = CheckedUpdate::check(update, context.rules);
            let email_taken_by = match &checked.email {
                Some(email) => self.store.partner_id_by_email(email)?,
                None => None,
            };
            rules::update(&partner, checked, email_taken_by, context)
        })
    }

    /// Selects the partner's policy group: once, never changed again.
    ///
    /// # Errors
    /// [`PartnerError::NotFound`], [`PartnerError::Deactivated`], [`PartnerError::PolicyGroupAlreadySelected`];
    /// [`PolicyError`](crate::policy::PolicyError) when the group does not exist or is not active;
    /// [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn select_policy_group(
        &self,
        actor: &Actor,
        id: &PartnerId,
        group: PolicyGroupId,
    ) -> Result<Partner, Error> {
        let call =
            call!(INFO, "select_policy_group", actor, PARTNER_ADMIN, partner = id, policy_group = group);
        self.command(call, |context| {
            let partner = self.existing_partner(id)?;
            let group = self.existing_policy_group(group)?;
            rules::select_policy_group(&partner, &group, context)
        })
    }

    /// Deactivates a partner for good, and with it, in the same change, each of its license keys and pending policy
    /// requests.
    ///
    /// # Errors
    /// [`PartnerError::NotFound`], [`PartnerError::AlreadyDeactivated`]; [`Error::Forbidden`] without the role
    /// PartnerAdmin.
    pub fn deactivate_partner(&self, actor: &Actor, id: &PartnerId) -> Result<Partner, Error> {
        let call = call!(INFO, "deactivate_partner", actor, PARTNER_ADMIN, partner = id);
        self.command(call, |context| {
            let partner = self.existing_partner(id)?;
            let mut pending_links = Vec::new();
            for link in self.store.pending_policy_links(id)? {
                let policy = self.existing_policy(link.policy)?;
                pending_links.push((link, policy));
            }
            let license_keys = self.store.license_keys_to_deactivate(id)?;
            rules::deactivate(&partner, Dependents { pending_links, license_keys }, context)
        })
    }

    /// Looks a partner up by its exact id.
    ///
    /// # Errors
    /// [`PartnerError::NotFound`]; [`Error::Forbidden`] without a role.
    pub fn partner(&self, actor: &Actor, id: &PartnerId) -> Result<Partner, Error> {
        let call = call!(DEBUG, "partner", actor, ANY_ROLE, partner = id);
        self.answer(call, || self.existing_partner(id))
    }

    /// Lists partners.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn list_partners(
        &self,
        actor: &Actor,
        request: &ListRequest<PartnerFilter, PartnerSort>,
    ) -> Result<Page<PartnerRow>, Error> {
        let call = call!(DEBUG, "list_partners", actor, ANY_ROLE);
        self.answer(call, || {
            self.list(
                request,
                |query| self.store.list_partners(query),
                |filter, now| self.store.count_partners(filter, now),
            )
        })
    }

    pub(super) fn existing_partner(&self, id: &PartnerId) -> Result<Partner, Error> {
        Ok(self.store.partner(id)?.ok_or_else(|| PartnerError::NotFound { id: id.clone() })?)
    }
}
