//! Policy groups and policies: what a partner may be allowed to do.

mod document;
mod error;
pub(crate) mod rules;

pub use document::{MAX_DOCUMENT_CHARACTERS, PolicyDocument, PolicyPermissions};
pub use error::PolicyError;
pub use rules::{NewPolicy, NewPolicyGroup, PolicyEdit};

use crate::Timestamp;
use crate::id::{ActorId, PolicyGroupId, PolicyId, Version};
use crate::list::{ListRow, SortValue, sort_keys};
use crate::state::state_enum;
use crate::text::{Description, Substring, bounded, text_type};

text_type!(
    /// A policy group's name: 1 to 128 characters, unique without regard to case.
    PolicyGroupName,
    |raw| bounded(raw, 1, 128),
    debug = shown
);

text_type!(
    /// A policy's name: 1 to 128 characters, unique in its group without regard to case.
    PolicyName,
    |raw| bounded(raw, 1, 128),
    debug = shown
);

state_enum!(
    /// Where a policy group stands.
    PolicyGroupState {
        /// Usable; groups are born active.
        Active = "active",
        /// Not usable any more; final.
        Deactivated = "deactivated",
    }
);

/// A policy group, as stores keep it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

state_enum!(
    /// Where a policy stands.
    PolicyState {
        /// Being written.
        Draft = "draft",
        /// Published; immutable from then on.
        Active = "active",
        /// Not usable any more; final.
        Deactivated = "deactivated",
    }
);

/// A MISP policy, as stores keep it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

impl Policy {
    /// Whether the policy's validity has ended at `now`: it is good until just before `valid_until`.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|end| now >= end)
    }
}

sort_keys!(
    /// What the list of policy groups can be sorted by.
    PolicyGroupSort newest CreatedAt {
        /// The name.
        Name = "policy_group.name",
        /// When it was created.
        CreatedAt = "policy_group.created_at" (time),
    }
);

/// Which policy groups a list shows; what is not set lets every one through.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyGroupFilter {
    /// The id, exactly.
    pub id: Option<PolicyGroupId>,
    /// Part of the name.
    pub name: Option<Substring>,
    /// The state.
    pub state: Option<PolicyGroupState>,
}

impl ListRow<PolicyGroupSort> for PolicyGroup {
    fn sort_value(&self, key: PolicyGroupSort) -> SortValue {
        match key {
            PolicyGroupSort::Name => SortValue::Text(self.name.folded()),
            PolicyGroupSort::CreatedAt => SortValue::Time(self.created_at),
        }
    }

    fn tie_break(&self) -> String {
        self.id.to_string()
    }
}

sort_keys!(
    /// What the list of policies can be sorted by.
    PolicySort newest CreatedAt {
        /// The name.
        Name = "policy.name",
        /// The name of the group.
        PolicyGroup = "policy.policy_group",
        /// When it was created.
        CreatedAt = "policy.created_at" (time),
    }
);

/// Which policies a list shows; what is not set lets every one through.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyFilter {
    /// The id, exactly.
    pub id: Option<PolicyId>,
    /// The group.
    pub group: Option<PolicyGroupId>,
    /// Part of the group's name.
    pub group_name: Option<Substring>,
    /// Part of the name.
    pub name: Option<Substring>,
    /// The state.
    pub state: Option<PolicyState>,
}

/// A policy in a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRow {
    /// The policy.
    pub policy: Policy,
    /// The name of its group.
    pub group_name: PolicyGroupName,
}

impl ListRow<PolicySort> for PolicyRow {
    fn sort_value(&self, key: PolicySort) -> SortValue {
        match key {
            PolicySort::Name => SortValue::Text(self.policy.name.folded()),
            PolicySort::PolicyGroup => SortValue::Text(self.group_name.folded()),
            PolicySort::CreatedAt => SortValue::Time(self.policy.created_at),
        }
    }

    fn tie_break(&self) -> String {
        self.policy.id.to_string()
    }
}
