//! The rules of policy links: request, approve, reject.

use super::{PolicyLink, PolicyLinkError, PolicyLinkState};
use crate::decision::{Context, Decision};
use crate::error::{Error, Field, field};
use crate::event::EventKind;
use crate::id::{PolicyLinkId, Version};
use crate::partner::{Partner, PartnerError};
use crate::policy::{Policy, PolicyGroup};
use crate::store::{ChangeSet, RecordId};
use crate::text::Comment;

/// What a link is between.
#[derive(Clone, Copy)]
pub(crate) struct Parties<'a> {
    pub(crate) partner: &'a Partner,
    pub(crate) policy: &'a Policy,
    pub(crate) group: &'a PolicyGroup,
}

pub(crate) fn request(
    id: PolicyLinkId,
    parties: Parties<'_>,
    open: Option<&PolicyLink>,
    comment: &str,
    context: &Context<'_>,
) -> Result<Decision<PolicyLink>, Error> {
    let Parties { partner, policy, group } = parties;
    let request_comment = field(Field::PolicyLinkComment, Comment::parse(comment))?;
    crate::partner::rules::active(partner)?;
    let required =
        partner.policy_group.ok_or_else(|| PartnerError::NoPolicyGroup { id: partner.id.clone() })?;
    if policy.group != required {
        return Err(PolicyLinkError::ForeignPolicyGroup {
            partner: partner.id.clone(),
            policy: policy.id,
            required,
            found: policy.group,
        }
        .into());
    }
    crate::policy::rules::usable(policy, group, context.now)?;
    if let Some(link) = open {
        return Err(PolicyLinkError::AlreadyOpen {
            partner: partner.id.clone(),
            policy: policy.id,
            link: link.id,
            found: link.state,
        }
        .into());
    }
    let link = PolicyLink {
        id,
        partner: partner.id.clone(),
        policy: policy.id,
        state: PolicyLinkState::Pending,
        request_comment,
        requested_at: context.now,
        requested_by: context.actor.clone(),
        decided_at: None,
        decided_by: None,
        decision_comment: None,
        version: Version::FIRST,
    };
    let mut changes = ChangeSet::new();
    changes.update(context.moved(partner));
    crate::policy::rules::move_version(&mut changes, policy);
    changes.expect(RecordId::PolicyGroup(group.id), group.version);
    let facts = [("policy", policy.id.to_string()), ("comment", link.request_comment.to_string())];
    changes.insert_with(context, link.clone(), EventKind::PolicyLinkRequested, facts);
    Ok(Decision::new(changes, link))
}

pub(crate) fn approve(
    link: &PolicyLink,
    parties: Parties<'_>,
    comment: Option<&str>,
    context: &Context<'_>,
) -> Result<Decision<PolicyLink>, Error> {
    let comment = check_comment(comment)?;
    pending(link)?;
    if context.rules.approver_must_differ && *context.actor == link.requested_by {
        return Err(
            PolicyLinkError::ApproverIsRequester { id: link.id, found: link.requested_by.clone() }.into()
        );
    }
    crate::partner::rules::active(parties.partner)?;
    crate::policy::rules::usable(parties.policy, parties.group, context.now)?;
    let mut decision =
        decide(link, parties.partner, parties.policy, PolicyLinkState::Approved, comment, context);
    decision.changes.expect(RecordId::PolicyGroup(parties.group.id), parties.group.version);
    Ok(decision)
}

/// Rejecting works whatever has become of partner, policy and group: a request can always be closed.
pub(crate) fn reject(
    link: &PolicyLink,
    partner: &Partner,
    policy: &Policy,
    comment: Option<&str>,
    context: &Context<'_>,
) -> Result<Decision<PolicyLink>, Error> {
    let comment = check_comment(comment)?;
    pending(link)?;
    Ok(decide(link, partner, policy, PolicyLinkState::Rejected, comment, context))
}

fn check_comment(comment: Option<&str>) -> Result<Option<Comment>, Error> {
    Ok(comment.map(|raw| field(Field::PolicyLinkComment, Comment::parse(raw))).transpose()?)
}

fn pending(link: &PolicyLink) -> Result<(), PolicyLinkError> {
    if link.state == PolicyLinkState::Pending {
        return Ok(());
    }
    Err(PolicyLinkError::AlreadyDecided { id: link.id, found: link.state })
}

fn decide(
    link: &PolicyLink,
    partner: &Partner,
    policy: &Policy,
    state: PolicyLinkState,
    comment: Option<Comment>,
    context: &Context<'_>,
) -> Decision<PolicyLink> {
    let decided = PolicyLink {
        state,
        decided_at: Some(context.now),
        decided_by: Some(context.actor.clone()),
        decision_comment: comment,
        version: link.version.next(),
        ..link.clone()
    };
    let kind = match state {
        PolicyLinkState::Approved => EventKind::PolicyLinkApproved,
        _ => EventKind::PolicyLinkRejected,
    };
    let mut facts = vec![("policy", policy.id.to_string())];
    facts.extend(decided.decision_comment.iter().map(|comment| ("comment", comment.to_string())));
    let mut changes = ChangeSet::new();
    changes.update(context.moved(partner));
    crate::policy::rules::move_version(&mut changes, policy);
    changes.update_with(context, link.clone(), decided.clone(), kind, facts);
    Decision::new(changes, decided)
}
