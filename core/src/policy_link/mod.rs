//! Policy links: a partner's requested or approved right to a policy.

mod error;
pub(crate) mod rules;

pub use error::PolicyLinkError;

use crate::Timestamp;
use crate::id::{ActorId, PolicyGroupId, PolicyId, PolicyLinkId, Version};
use crate::list::{ListRow, SortValue, sort_keys};
use crate::partner::{OrganizationName, PartnerId};
use crate::policy::{PolicyGroupName, PolicyName};
use crate::state::state_enum;
use crate::text::{Comment, Substring};

state_enum!(
    /// Where a policy link stands. Approved and rejected are final; after a rejection a new link can be requested.
    PolicyLinkState {
        /// Requested, not decided.
        Pending = "pending",
        /// The partner may use the policy.
        Approved = "approved",
        /// The partner may not.
        Rejected = "rejected",
    }
);

/// A policy link, as stores keep it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyLink {
    /// The id.
    pub id: PolicyLinkId,
    /// The partner.
    pub partner: PartnerId,
    /// The policy.
    pub policy: PolicyId,
    /// Where it stands.
    pub state: PolicyLinkState,
    /// What the request said.
    pub request_comment: Comment,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// Who requested it.
    pub requested_by: ActorId,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub decided_by: Option<ActorId>,
    /// What the decision said.
    pub decision_comment: Option<Comment>,
    /// Moves with every change.
    pub version: Version,
}

sort_keys!(
    /// What the list of policy links can be sorted by.
    PolicyLinkSort newest RequestedAt {
        /// The partner's id.
        Partner = "policy_link.partner",
        /// The organization's name.
        Organization = "policy_link.organization",
        /// The policy's name.
        Policy = "policy_link.policy",
        /// The name of the policy's group.
        PolicyGroup = "policy_link.policy_group",
        /// The state's name.
        State = "policy_link.state",
        /// When it was requested.
        RequestedAt = "policy_link.requested_at" (time),
    }
);

/// Which policy links a list shows; what is not set lets every one through.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyLinkFilter {
    /// The id, exactly.
    pub id: Option<PolicyLinkId>,
    /// The partner.
    pub partner: Option<PartnerId>,
    /// Part of the organization's name.
    pub organization: Option<Substring>,
    /// The policy.
    pub policy: Option<PolicyId>,
    /// Part of the policy's name.
    pub policy_name: Option<Substring>,
    /// The policy's group.
    pub policy_group: Option<PolicyGroupId>,
    /// Part of the group's name.
    pub policy_group_name: Option<Substring>,
    /// The state.
    pub state: Option<PolicyLinkState>,
}

/// A policy link in a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyLinkRow {
    /// The link.
    pub link: PolicyLink,
    /// The partner's organization.
    pub organization: OrganizationName,
    /// The policy's name.
    pub policy_name: PolicyName,
    /// The policy's group.
    pub policy_group: PolicyGroupId,
    /// The name of the policy's group.
    pub policy_group_name: PolicyGroupName,
}

impl ListRow<PolicyLinkSort> for PolicyLinkRow {
    fn sort_value(&self, key: PolicyLinkSort) -> SortValue {
        match key {
            PolicyLinkSort::Partner => SortValue::Text(self.link.partner.folded()),
            PolicyLinkSort::Organization => SortValue::Text(self.organization.folded()),
            PolicyLinkSort::Policy => SortValue::Text(self.policy_name.folded()),
            PolicyLinkSort::PolicyGroup => SortValue::Text(self.policy_group_name.folded()),
            PolicyLinkSort::State => SortValue::Text(self.link.state.as_str().to_owned()),
            PolicyLinkSort::RequestedAt => SortValue::Time(self.link.requested_at),
        }
    }

    fn tie_break(&self) -> String {
        self.link.id.to_string()
    }
}
