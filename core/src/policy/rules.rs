//! The rules of policy groups and policies.

use super::{
    Policy, PolicyDocument, PolicyError, PolicyGroup, PolicyGroupName, PolicyGroupState, PolicyName,
    PolicyState,
};
use crate::Timestamp;
use crate::decision::{Context, Decision, Fact};
use crate::error::{Error, Field, FieldErrors};
use crate::event::EventKind;
use crate::id::{PolicyGroupId, PolicyId, Version};
use crate::store::{ChangeSet, LinkCounts, PolicyCounts, RecordId};
use crate::text::{Description, FieldProblem, FieldRule};

/// A policy group to create, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct NewPolicyGroup {
    /// See [`PolicyGroupName`].
    pub name: String,
    /// See [`Description`].
    pub description: String,
}

/// A policy to draft, as it was typed.
#[derive(Clone, Debug)]
pub struct NewPolicy {
    /// The group it belongs to.
    pub group: PolicyGroupId,
    /// See [`PolicyName`].
    pub name: String,
    /// See [`Description`].
    pub description: String,
    /// See [`PolicyDocument`].
    pub document: String,
    /// The first instant at which it is not valid any more; none: no end.
    pub valid_until: Option<Timestamp>,
}

/// What of a draft is to change; what is not set stays.
#[derive(Clone, Debug, Default)]
pub struct PolicyEdit {
    /// See [`PolicyName`].
    pub name: Option<String>,
    /// See [`Description`].
    pub description: Option<String>,
    /// See [`PolicyDocument`].
    pub document: Option<String>,
    /// The first instant at which it is not valid any more; `Some(None)`: no end.
    pub valid_until: Option<Option<Timestamp>>,
}

/// A policy group to create, each field checked by itself.
pub(crate) struct GroupDraft {
    pub(crate) name: Option<PolicyGroupName>,
    description: Option<Description>,
    errors: FieldErrors,
}

impl GroupDraft {
    pub(crate) fn check(new: &NewPolicyGroup) -> Self {
        let mut errors = FieldErrors::default();
        Self {
            name: errors.take(Field::PolicyGroupName, PolicyGroupName::parse(&new.name)),
            description: errors.take(Field::PolicyGroupDescription, Description::parse(&new.description)),
            errors,
        }
    }
}

pub(crate) fn create_group(
    id: PolicyGroupId,
    draft: GroupDraft,
    name_taken_by: Option<PolicyGroupId>,
    context: &Context<'_>,
) -> Result<Decision<PolicyGroup>, Error> {
    let GroupDraft { name, description, mut errors } = draft;
    if let Some(other) = name_taken_by {
        let problem =
            FieldProblem::new(FieldRule::Taken, "a name no policy group has", format!("group {other}"));
        errors.add(Field::PolicyGroupName, problem);
    }
    let (Some(name), Some(description), true) = (name, description, errors.is_empty()) else {
        return Err(errors.into_error().into());
    };
    let group = PolicyGroup {
        id,
        name,
        description,
        state: PolicyGroupState::Active,
        created_at: context.now,
        created_by: context.actor.clone(),
        version: Version::FIRST,
    };
    let mut changes = ChangeSet::new();
    let facts = [("name", group.name.to_string())];
    changes.insert_with(context, group.clone(), EventKind::PolicyGroupCreated, facts);
    Ok(Decision::new(changes, group))
}

pub(crate) fn deactivate_group(
    group: &PolicyGroup,
    policies: PolicyCounts,
    context: &Context<'_>,
) -> Result<Decision<PolicyGroup>, Error> {
    if group.state == PolicyGroupState::Deactivated {
        return Err(PolicyError::GroupAlreadyDeactivated { id: group.id }.into());
    }
    if policies != PolicyCounts::default() {
        return Err(PolicyError::GroupInUse { id: group.id, found: policies }.into());
    }
    let changed =
        PolicyGroup { state: PolicyGroupState::Deactivated, version: group.version.next(), ..group.clone() };
    let mut changes = ChangeSet::new();
    let facts = [("name", group.name.to_string())];
    changes.update_with(context, group.clone(), changed.clone(), EventKind::PolicyGroupDeactivated, facts);
    Ok(Decision::new(changes, changed))
}

/// A policy to draft or a draft's edit, each field checked by itself.
pub(crate) struct PolicyDraft {
    pub(crate) name: Option<PolicyName>,
    description: Option<Description>,
    document: Option<PolicyDocument>,
    valid_until: Option<Option<Timestamp>>,
    errors: FieldErrors,
}

impl PolicyDraft {
    pub(crate) fn check_new(new: &NewPolicy, now: Timestamp) -> Self {
        let NewPolicy { group: _, name, description, document, valid_until } = new;
        Self::check(Some(name), Some(description), Some(document), Some(*valid_until), now)
    }

    pub(crate) fn check_edit(edit: &PolicyEdit, now: Timestamp) -> Self {
        let PolicyEdit { name, description, document, valid_until } = edit;
        Self::check(name.as_ref(), description.as_ref(), document.as_ref(), *valid_until, now)
    }

    fn check(
        name: Option<&String>,
        description: Option<&String>,
        document: Option<&String>,
        valid_until: Option<Option<Timestamp>>,
        now: Timestamp,
    ) -> Self {
        let mut errors = FieldErrors::default();
        if let Some(Some(end)) = valid_until
            && end <= now
        {
            let problem =
                FieldProblem::new(FieldRule::Range, format!("an instant after {now}"), end.to_string());
            errors.add(Field::PolicyValidUntil, problem);
        }
        Self {
            name: name.and_then(|raw| errors.take(Field::PolicyName, PolicyName::parse(raw))),
            description: description
                .and_then(|raw| errors.take(Field::PolicyDescription, Description::parse(raw))),
            document: document.and_then(|raw| errors.take(Field::PolicyDocument, PolicyDocument::parse(raw))),
            valid_until,
            errors,
        }
    }

    fn name_taken(&mut self, by: Option<PolicyId>) {
        if let Some(other) = by {
            let found = format!("policy {other}");
            let problem = FieldProblem::new(FieldRule::Taken, "a name no policy of the group has", found);
            self.errors.add(Field::PolicyName, problem);
        }
    }
}

pub(crate) fn create(
    id: PolicyId,
    group: &PolicyGroup,
    mut draft: PolicyDraft,
    name_taken_by: Option<PolicyId>,
    context: &Context<'_>,
) -> Result<Decision<Policy>, Error> {
    draft.name_taken(name_taken_by);
    let PolicyDraft { name, description, document, valid_until, errors } = draft;
    let (Some(name), Some(description), Some(document), true) =
        (name, description, document, errors.is_empty())
    else {
        return Err(errors.into_error().into());
    };
    group_active(group)?;
    let policy = Policy {
        id,
        group: group.id,
        name,
        description,
        document,
        valid_until: valid_until.flatten(),
        state: PolicyState::Draft,
        created_at: context.now,
        created_by: context.actor.clone(),
        published_at: None,
        version: Version::FIRST,
    };
    let mut changes = ChangeSet::new();
    // Moving the group's version keeps it from being deactivated on a count that misses this draft.
    changes.update(PolicyGroup { version: group.version.next(), ..group.clone() });
    changes.insert_with(context, policy.clone(), EventKind::PolicyCreated, facts(&policy));
    Ok(Decision::new(changes, policy))
}

pub(crate) fn edit(
    policy: &Policy,
    mut draft: PolicyDraft,
    name_taken_by: Option<PolicyId>,
    context: &Context<'_>,
) -> Result<Decision<Policy>, Error> {
    is_draft(policy)?;
    draft.name_taken(name_taken_by.filter(|other| *other != policy.id));
    let PolicyDraft { name, description, document, valid_until, errors } = draft;
    errors.finish()?;
    let changed = Policy {
        name: name.unwrap_or_else(|| policy.name.clone()),
        description: description.unwrap_or_else(|| policy.description.clone()),
        document: document.unwrap_or_else(|| policy.document.clone()),
        valid_until: valid_until.unwrap_or(policy.valid_until),
        ..policy.clone()
    };
    if changed == *policy {
        return Ok(Decision::unchanged(changed));
    }
    Ok(moved(policy, changed, EventKind::PolicyEdited, context))
}

pub(crate) fn publish(
    policy: &Policy,
    group: &PolicyGroup,
    context: &Context<'_>,
) -> Result<Decision<Policy>, Error> {
    is_draft(policy)?;
    group_active(group)?;
    not_ended(policy, context.now)?;
    let changed = Policy { state: PolicyState::Active, published_at: Some(context.now), ..policy.clone() };
    let mut decision = moved(policy, changed, EventKind::PolicyPublished, context);
    decision.changes.expect(RecordId::PolicyGroup(group.id), group.version);
    Ok(decision)
}

pub(crate) fn deactivate(
    policy: &Policy,
    links: LinkCounts,
    context: &Context<'_>,
) -> Result<Decision<Policy>, Error> {
    match policy.state {
        PolicyState::Deactivated => return Err(PolicyError::AlreadyDeactivated { id: policy.id }.into()),
        PolicyState::Draft => {
            return Err(PolicyError::NotActive { id: policy.id, found: policy.state }.into());
        }
        PolicyState::Active => {}
    }
    if links != LinkCounts::default() {
        return Err(PolicyError::InUse { id: policy.id, found: links }.into());
    }
    let changed = Policy { state: PolicyState::Deactivated, ..policy.clone() };
    Ok(moved(policy, changed, EventKind::PolicyDeactivated, context))
}

fn moved(before: &Policy, after: Policy, kind: EventKind, context: &Context<'_>) -> Decision<Policy> {
    let after = Policy { version: before.version.next(), ..after };
    let mut changes = ChangeSet::new();
    changes.update_with(context, before.clone(), after.clone(), kind, facts(&after));
    Decision::new(changes, after)
}

fn facts(policy: &Policy) -> [Fact; 2] {
    [("policy_group", policy.group.to_string()), ("name", policy.name.to_string())]
}

fn is_draft(policy: &Policy) -> Result<(), PolicyError> {
    if policy.state == PolicyState::Draft {
        return Ok(());
    }
    Err(PolicyError::NotDraft { id: policy.id, found: policy.state })
}

fn not_ended(policy: &Policy, now: Timestamp) -> Result<(), PolicyError> {
    match policy.valid_until {
        Some(ended_at) if policy.has_ended(now) => Err(PolicyError::Ended { id: policy.id, ended_at, now }),
        _ => Ok(()),
    }
}

/// Fails for a group that is not active.
pub(crate) fn group_active(group: &PolicyGroup) -> Result<(), PolicyError> {
    if group.state == PolicyGroupState::Active {
        return Ok(());
    }
    Err(PolicyError::GroupNotActive { id: group.id, found: group.state })
}

/// Fails for a policy that cannot be used now: not active, past its end, or in a group that is not active.
pub(crate) fn usable(policy: &Policy, group: &PolicyGroup, now: Timestamp) -> Result<(), PolicyError> {
    if policy.state != PolicyState::Active {
        return Err(PolicyError::NotActive { id: policy.id, found: policy.state });
    }
    group_active(group)?;
    not_ended(policy, now)
}

/// Moves the policy's version with a link to it, so that deactivating the policy and changing its links cannot both
/// be decided on what the other is about to change.
pub(crate) fn move_version(changes: &mut ChangeSet, policy: &Policy) {
    changes.update(Policy { version: policy.version.next(), ..policy.clone() });
}
