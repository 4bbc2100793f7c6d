//! Policy links.

use misp_onboarding::id::{ActorId, PolicyGroupId, PolicyId, PolicyLinkId, Version};
use misp_onboarding::partner::{OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyGroupName, PolicyName};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkState};
use misp_onboarding::text::{Comment, Substring};
use misp_onboarding::{Timestamp, policy_link as core};

use crate::convert::same;
use crate::list::list;

same!(PolicyLink, PolicyLinkRow, PolicyLinkState);

/// Where a policy link stands. Approved and rejected are final; after a rejection a new link can be requested.
#[uniffi::remote(Enum)]
pub enum PolicyLinkState {
    /// Requested, not decided.
    Pending,
    /// The partner may use the policy.
    Approved,
    /// The partner may not.
    Rejected,
}

/// A policy link, as stores keep it.
#[uniffi::remote(Record)]
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

/// A policy link in a list.
#[uniffi::remote(Record)]
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

/// Which policy links a list shows; what is not set lets every one through.
#[uniffi::remote(Record)]
pub struct PolicyLinkFilter {
    /// The id, exactly.
    #[uniffi(default = None)]
    pub id: Option<PolicyLinkId>,
    /// The partner.
    #[uniffi(default = None)]
    pub partner: Option<PartnerId>,
    /// Part of the organization's name.
    #[uniffi(default = None)]
    pub organization: Option<Substring>,
    /// The policy.
    #[uniffi(default = None)]
    pub policy: Option<PolicyId>,
    /// Part of the policy's name.
    #[uniffi(default = None)]
    pub policy_name: Option<Substring>,
    /// The policy's group.
    #[uniffi(default = None)]
    pub policy_group: Option<PolicyGroupId>,
    /// Part of the group's name.
    #[uniffi(default = None)]
    pub policy_group_name: Option<Substring>,
    /// The state.
    #[uniffi(default = None)]
    pub state: Option<PolicyLinkState>,
}

list! {
    /// What the list of policy links can be sorted by.
    PolicyLinkSort of core::PolicyLinkSort {
        /// The partner's id.
        Partner,
        /// The organization's name.
        Organization,
        /// The policy's name.
        Policy,
        /// The name of the policy's group.
        PolicyGroup,
        /// The state's name.
        State,
        /// When it was requested.
        RequestedAt,
    }
    filter PolicyLinkFilter
    request PolicyLinkListRequest
    page PolicyLinkPage of PolicyLinkRow as PolicyLinkRow,
    query PolicyLinkQuery
}
