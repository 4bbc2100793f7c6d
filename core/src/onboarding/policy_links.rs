//! Policy links: request, approve, reject, look up, list.

use super::Onboarding;
use super::call::call;
use crate::actor::{ANY_ROLE, Actor, PARTNER_ADMIN};
use crate::error::Error;
use crate::id::{PolicyId, PolicyLinkId};
use crate::list::{ListRequest, Page};
use crate::partner::PartnerId;
use crate::policy_link::rules::{self, Parties};
use crate::policy_link::{PolicyLink, PolicyLinkError, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};

impl Onboarding {
    /// Requests a policy of the partner's policy group for a partner. `comment` says why: 1 to 500 characters.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for the comment; [`Error::Partner`], [`Error::Policy`] when one of them does not
    /// exist or cannot be used; [`PolicyLinkError`] when the policy is of another group or was requested before;
    /// [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn request_policy(
        &self,
        actor: &Actor,
        partner: &PartnerId,
        policy: PolicyId,
        comment: &str,
    ) -> Result<PolicyLink, Error> {
        let call = call!(INFO, "request_policy", actor, PARTNER_ADMIN, partner = partner, policy = policy);
        self.command(call, |context| {
            let partner = self.existing_partner(partner)?;
            let policy = self.existing_policy(policy)?;
            let group = self.existing_policy_group(policy.group)?;
            let open = self.store.open_policy_link(&partner.id, policy.id)?;
            let id = PolicyLinkId::new(context.now, self.random_id()?);
            let parties = Parties { partner: &partner, policy: &policy, group: &group };
            rules::request(id, parties, open.as_ref(), comment, context)
        })
    }

    /// Approves a pending link; partner, policy and group are checked again.
    ///
    /// # Errors
    /// [`PolicyLinkError`] when the link does not exist, is decided already, or the approver requested it and must
    /// not have; [`Error::Partner`], [`Error::Policy`] when one of them cannot be used any more;
    /// [`Error::InvalidInput`] for the comment; [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn approve_policy_link(
        &self,
        actor: &Actor,
        id: PolicyLinkId,
        comment: Option<&str>,
    ) -> Result<PolicyLink, Error> {
        let call = call!(INFO, "approve_policy_link", actor, PARTNER_ADMIN, policy_link = id);
        self.command(call, |context| {
            let link = self.existing_policy_link(id)?;
            let partner = self.existing_partner(&link.partner)?;
            let policy = self.existing_policy(link.policy)?;
            let group = self.existing_policy_group(policy.group)?;
            let parties = Parties { partner: &partner, policy: &policy, group: &group };
            rules::approve(&link, parties, comment, context)
        })
    }

    /// Rejects a pending link, whatever has become of partner, policy and group.
    ///
    /// # Errors
    /// [`PolicyLinkError`] when the link does not exist or is decided already; [`Error::InvalidInput`] for the
    /// comment; [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn reject_policy_link(
        &self,
        actor: &Actor,
        id: PolicyLinkId,
        comment: Option<&str>,
    ) -> Result<PolicyLink, Error> {
        let call = call!(INFO, "reject_policy_link", actor, PARTNER_ADMIN, policy_link = id);
        self.command(call, |context| {
            let link = self.existing_policy_link(id)?;
            let partner = self.existing_partner(&link.partner)?;
            let policy = self.existing_policy(link.policy)?;
            rules::reject(&link, &partner, &policy, comment, context)
        })
    }

    /// Looks a policy link up.
    ///
    /// # Errors
    /// [`PolicyLinkError::NotFound`]; [`Error::Forbidden`] without a role.
    pub fn policy_link(&self, actor: &Actor, id: PolicyLinkId) -> Result<PolicyLink, Error> {
        let call = call!(DEBUG, "policy_link", actor, ANY_ROLE, policy_link = id);
        self.answer(call, || self.existing_policy_link(id))
    }

    /// Lists policy links. A partner's approved links are its policies.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn list_policy_links(
        &self,
        actor: &Actor,
        request: &ListRequest<PolicyLinkFilter, PolicyLinkSort>,
    ) -> Result<Page<PolicyLinkRow>, Error> {
        let call = call!(DEBUG, "list_policy_links", actor, ANY_ROLE);
        self.answer(call, || {
            self.list(
                request,
                |query| self.store.list_policy_links(query),
                |filter, _| self.store.count_policy_links(filter),
            )
        })
    }

    fn existing_policy_link(&self, id: PolicyLinkId) -> Result<PolicyLink, Error> {
        Ok(self.store.policy_link(id)?.ok_or(PolicyLinkError::NotFound { id })?)
    }
}
