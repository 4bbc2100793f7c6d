//! Policy groups and policies: create, edit, publish, deactivate, look up, list.

use super::Onboarding;
use super::call::call;
use crate::actor::{ANY_ROLE, Actor, POLICY_MANAGER};
use crate::error::Error;
use crate::id::{PolicyGroupId, PolicyId};
use crate::list::{ListRequest, Page};
use crate::policy::rules::{GroupDraft, PolicyDraft};
use crate::policy::{
    NewPolicy, NewPolicyGroup, Policy, PolicyEdit, PolicyError, PolicyFilter, PolicyGroup, PolicyGroupFilter,
    PolicyGroupSort, PolicyName, PolicyRow, PolicySort, rules,
};

impl Onboarding {
    /// Creates a policy group. It is active at once.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with every field that breaks a rule, also where the name is taken;
    /// [`Error::Forbidden`] without the role PolicyManager.
    pub fn create_policy_group(&self, actor: &Actor, new: &NewPolicyGroup) -> Result<PolicyGroup, Error> {
        let call = call!(INFO, "create_policy_group", actor, POLICY_MANAGER);
        self.command(call, |context| {
            let draft = GroupDraft::check(new);
            let name_taken_by = match &draft.name {
                Some(name) => self.store.policy_group_named(name)?,
                None => None,
            };
            let id = PolicyGroupId::new(context.now, self.random_id()?);
            rules::create_group(id, draft, name_taken_by, context)
        })
    }

    /// Deactivates a policy group that has no draft or active policies. Final.
    ///
    /// # Errors
    /// [`PolicyError`] when the group does not exist, is deactivated already, or is in use; [`Error::Forbidden`]
    /// without the role PolicyManager.
    pub fn deactivate_policy_group(&self, actor: &Actor, id: PolicyGroupId) -> Result<PolicyGroup, Error> {
        let call = call!(INFO, "deactivate_policy_group", actor, POLICY_MANAGER, policy_group = id);
        self.command(call, |context| {
            let group = self.existing_policy_group(id)?;
            rules::deactivate_group(&group, self.store.policy_counts(id)?, context)
        })
    }

    /// Drafts a MISP policy in an active group.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with every field that breaks a rule, also where the name is taken in the group;
    /// [`PolicyError`] when the group does not exist or is not active; [`Error::Forbidden`] without the role
    /// PolicyManager.
    pub fn create_policy(&self, actor: &Actor, new: &NewPolicy) -> Result<Policy, Error> {
        let call = call!(INFO, "create_policy", actor, POLICY_MANAGER, policy_group = new.group);
        self.command(call, |context| {
            let draft = PolicyDraft::check_new(new, context.now);
            let group = self.existing_policy_group(new.group)?;
            let name_taken_by = self.policy_named(new.group, draft.name.as_ref())?;
            let id = PolicyId::new(context.now, self.random_id()?);
            rules::create(id, &group, draft, name_taken_by, context)
        })
    }

    /// Edits a draft.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with every field that breaks a rule; [`PolicyError`] when the policy does not exist
    /// or is not a draft; [`Error::Forbidden`] without the role PolicyManager.
    pub fn edit_policy(&self, actor: &Actor, id: PolicyId, edit: &PolicyEdit) -> Result<Policy, Error> {
        let call = call!(INFO, "edit_policy", actor, POLICY_MANAGER, policy = id);
        self.command(call, |context| {
            let draft = PolicyDraft::check_edit(edit, context.now);
            let policy = self.existing_policy(id)?;
            let name_taken_by = self.policy_named(policy.group, draft.name.as_ref())?;
            rules::edit(&policy, draft, name_taken_by, context)
        })
    }

    /// Publishes a draft: it is active, and immutable, from then on.
    ///
    /// # Errors
    /// [`PolicyError`] when the policy does not exist, is not a draft, is past its end, or its group is not active;
    /// [`Error::Forbidden`] without the role PolicyManager.
    pub fn publish_policy(&self, actor: &Actor, id: PolicyId) -> Result<Policy, Error> {
        let call = call!(INFO, "publish_policy", actor, POLICY_MANAGER, policy = id);
        self.command(call, |context| {
            let policy = self.existing_policy(id)?;
            let group = self.existing_policy_group(policy.group)?;
            rules::publish(&policy, &group, context)
        })
    }

    /// Deactivates an active policy that no link needs. Final.
    ///
    /// # Errors
    /// [`PolicyError`] when the policy does not exist, is not active, is deactivated already, or has pending or
    /// approved links; [`Error::Forbidden`] without the role PolicyManager.
    pub fn deactivate_policy(&self, actor: &Actor, id: PolicyId) -> Result<Policy, Error> {
        let call = call!(INFO, "deactivate_policy", actor, POLICY_MANAGER, policy = id);
        self.command(call, |context| {
            let policy = self.existing_policy(id)?;
            rules::deactivate(&policy, self.store.link_counts(id)?, context)
        })
    }

    /// Looks a policy group up.
    ///
    /// # Errors
    /// [`PolicyError::GroupNotFound`]; [`Error::Forbidden`] without a role.
    pub fn policy_group(&self, actor: &Actor, id: PolicyGroupId) -> Result<PolicyGroup, Error> {
        let call = call!(DEBUG, "policy_group", actor, ANY_ROLE, policy_group = id);
        self.answer(call, || self.existing_policy_group(id))
    }

    /// Looks a policy up.
    ///
    /// # Errors
    /// [`PolicyError::NotFound`]; [`Error::Forbidden`] without a role.
    pub fn policy(&self, actor: &Actor, id: PolicyId) -> Result<Policy, Error> {
        let call = call!(DEBUG, "policy", actor, ANY_ROLE, policy = id);
        self.answer(call, || self.existing_policy(id))
    }

    /// Lists policy groups.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn list_policy_groups(
        &self,
        actor: &Actor,
        request: &ListRequest<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Page<PolicyGroup>, Error> {
        let call = call!(DEBUG, "list_policy_groups", actor, ANY_ROLE);
        self.answer(call, || {
            self.list(
                request,
                |query| self.store.list_policy_groups(query),
                |filter, _| self.store.count_policy_groups(filter),
            )
        })
    }

    /// Lists policies.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn list_policies(
        &self,
        actor: &Actor,
        request: &ListRequest<PolicyFilter, PolicySort>,
    ) -> Result<Page<PolicyRow>, Error> {
        let call = call!(DEBUG, "list_policies", actor, ANY_ROLE);
        self.answer(call, || {
            self.list(
                request,
                |query| self.store.list_policies(query),
                |filter, _| self.store.count_policies(filter),
            )
        })
    }

    fn policy_named(
        &self,
        group: PolicyGroupId,
        name: Option<&PolicyName>,
    ) -> Result<Option<PolicyId>, Error> {
        match name {
            Some(name) => Ok(self.store.policy_named(group, name)?),
            None => Ok(None),
        }
    }

    pub(super) fn existing_policy_group(&self, id: PolicyGroupId) -> Result<PolicyGroup, Error> {
        Ok(self.store.policy_group(id)?.ok_or(PolicyError::GroupNotFound { id })?)
    }

    pub(super) fn existing_policy(&self, id: PolicyId) -> Result<Policy, Error> {
        Ok(self.store.policy(id)?.ok_or(PolicyError::NotFound { id })?)
    }
}
