//! Policy groups and policies.

use misp_onboarding::id::{ActorId, PolicyGroupId, PolicyId, Version};
use misp_onboarding::policy::{
    NewPolicy, NewPolicyGroup, Policy, PolicyDocument, PolicyFilter, PolicyGroup, PolicyGroupFilter,
    PolicyGroupName, PolicyGroupState, PolicyName, PolicyPermissions, PolicyRow, PolicyState,
};
use misp_onboarding::text::{Description, Substring};
use misp_onboarding::{Timestamp, policy as core};

use crate::convert::same;
use crate::list::list;

same!(Policy, PolicyGroup, PolicyGroupState, PolicyPermissions, PolicyRow, PolicyState);

/// Where a policy group stands.
#[uniffi::remote(Enum)]
pub enum PolicyGroupState {
    /// Usable; groups are born active.
    Active,
    /// Not usable any more; final.
    Deactivated,
}

/// Where a policy stands.
#[uniffi::remote(Enum)]
pub enum PolicyState {
    /// Being written.
    Draft,
    /// Published; immutable from then on.
    Active,
    /// Not usable any more; final.
    Deactivated,
}

/// A policy group to create, as it was typed.
#[uniffi::remote(Record)]
pub struct NewPolicyGroup {
    /// See `PolicyGroupName`.
    pub name: String,
    /// See `Description`.
    pub description: String,
}

/// A policy to draft, as it was typed.
#[uniffi::remote(Record)]
pub struct NewPolicy {
    /// The group it belongs to.
    pub group: PolicyGroupId,
    /// See `PolicyName`.
    pub name: String,
    /// See `Description`.
    pub description: String,
    /// See `PolicyDocument`.
    pub document: String,
    /// The first instant at which it is not valid any more; none: no end.
    #[uniffi(default = None)]
    pub valid_until: Option<Timestamp>,
}

/// What of a draft is to change; what is not set stays.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PolicyEdit {
    /// See `PolicyName`.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// See `Description`.
    #[uniffi(default = None)]
    pub description: Option<String>,
    /// See `PolicyDocument`.
    #[uniffi(default = None)]
    pub document: Option<String>,
    /// The first instant at which it is not valid any more.
    #[uniffi(default = None)]
    pub valid_until: Option<Timestamp>,
    /// Whether it is to have no end, whatever `validUntil` says.
    #[uniffi(default = false)]
    pub without_end: bool,
}

impl From<PolicyEdit> for core::PolicyEdit {
    fn from(edit: PolicyEdit) -> Self {
        let PolicyEdit { name, description, document, valid_until, without_end } = edit;
        Self {
            name,
            description,
            document,
            valid_until: if without_end { Some(None) } else { valid_until.map(Some) },
        }
    }
}

/// A policy group, as stores keep it.
#[uniffi::remote(Record)]
pub struct PolicyGroup {
    /// The id.
    pub id: PolicyGroupId,
    /// The name.
    pub name: PolicyGroupName,
    /// What it is for.
    pub description: Description,
    /// Where it stands.
    pub state: PolicyGroupState,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: ActorId,
    /// Moves with every change of the group and with every policy drafted in it.
    pub version: Version,
}

/// What a policy allows.
#[uniffi::remote(Record)]
pub struct PolicyPermissions {
    /// `allowAuthRequestDelegation`
    pub allow_auth_request_delegation: bool,
    /// `allowKycRequestDelegation`
    pub allow_kyc_request_delegation: bool,
    /// `trustBindedAuthVerificationToken`; false where the document has none.
    pub trust_binded_auth_verification_token: bool,
    /// `allowKeyBindingDelegation`; false where the document has none.
    pub allow_key_binding_delegation: bool,
}

/// A MISP policy, as stores keep it.
#[uniffi::remote(Record)]
pub struct Policy {
    /// The id.
    pub id: PolicyId,
    /// The group it belongs to.
    pub group: PolicyGroupId,
    /// The name.
    pub name: PolicyName,
    /// What it is for.
    pub description: Description,
    /// What it allows, as written.
    pub document: PolicyDocument,
    /// The first instant at which it is not valid any more; none: no end.
    pub valid_until: Option<Timestamp>,
    /// Where it stands.
    pub state: PolicyState,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: ActorId,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Moves with every change of the policy or of a link to it.
    pub version: Version,
}

/// A policy in a list.
#[uniffi::remote(Record)]
pub struct PolicyRow {
    /// The policy.
    pub policy: Policy,
    /// The name of its group.
    pub group_name: PolicyGroupName,
}

/// Which policy groups a list shows; what is not set lets every one through.
#[uniffi::remote(Record)]
pub struct PolicyGroupFilter {
    /// The id, exactly.
    #[uniffi(default = None)]
    pub id: Option<PolicyGroupId>,
    /// Part of the name.
    #[uniffi(default = None)]
    pub name: Option<Substring>,
    /// The state.
    #[uniffi(default = None)]
    pub state: Option<PolicyGroupState>,
}

list! {
    /// What the list of policy groups can be sorted by.
    PolicyGroupSort of core::PolicyGroupSort {
        /// The name.
        Name,
        /// When it was created.
        CreatedAt,
    }
    filter PolicyGroupFilter
    request PolicyGroupListRequest
    page PolicyGroupPage of PolicyGroup as PolicyGroup,
    query PolicyGroupQuery
}

/// Which policies a list shows; what is not set lets every one through.
#[uniffi::remote(Record)]
pub struct PolicyFilter {
    /// The id, exactly.
    #[uniffi(default = None)]
    pub id: Option<PolicyId>,
    /// The group.
    #[uniffi(default = None)]
    pub group: Option<PolicyGroupId>,
    /// Part of the group's name.
    #[uniffi(default = None)]
    pub group_name: Option<Substring>,
    /// Part of the name.
    #[uniffi(default = None)]
    pub name: Option<Substring>,
    /// The state.
    #[uniffi(default = None)]
    pub state: Option<PolicyState>,
}

list! {
    /// What the list of policies can be sorted by.
    PolicySort of core::PolicySort {
        /// The name.
        Name,
        /// The name of the group.
        PolicyGroup,
        /// When it was created.
        CreatedAt,
    }
    filter PolicyFilter
    request PolicyListRequest
    page PolicyPage of PolicyRow as PolicyRow,
    query PolicyQuery
}
