//! What the rules of policy groups and policies refuse.

use super::{PolicyGroupState, PolicyState};
use crate::Timestamp;
use crate::error::{Description, ErrorKind};
use crate::id::{PolicyGroupId, PolicyId};
use crate::store::{LinkCounts, PolicyCounts};

/// A rule of policy groups or policies that a command breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum PolicyError {
    /// No such policy group.
    #[error("a policy group with the id {id} is needed, found none")]
    GroupNotFound {
        /// The id asked for.
        id: PolicyGroupId,
    },
    /// The policy group must be active.
    #[error("policy group {id} must be active, found {found}")]
    GroupNotActive {
        /// The group.
        id: PolicyGroupId,
        /// Where it stands.
        found: PolicyGroupState,
    },
    /// The policy group is deactivated already.
    #[error("policy group {id} must not be deactivated yet, found already deactivated")]
    GroupAlreadyDeactivated {
        /// The group.
        id: PolicyGroupId,
    },
    /// The policy group still has draft or active policies.
    #[error(
        "policy group {id} must have no draft or active policies, found {} draft and {} active", .found.draft, .found.active
    )]
    GroupInUse {
        /// The group.
        id: PolicyGroupId,
        /// Its drafts and active policies.
        found: PolicyCounts,
    },
    /// No such policy.
    #[error("a policy with the id {id} is needed, found none")]
    NotFound {
        /// The id asked for.
        id: PolicyId,
    },
    /// The policy must be a draft to be edited or published.
    #[error("policy {id} must be a draft, found {found}")]
    NotDraft {
        /// The policy.
        id: PolicyId,
        /// Where it stands.
        found: PolicyState,
    },
    /// The policy must be active.
    #[error("policy {id} must be active, found {found}")]
    NotActive {
        /// The policy.
        id: PolicyId,
        /// Where it stands.
        found: PolicyState,
    },
    /// The policy is deactivated already.
    #[error("policy {id} must not be deactivated yet, found already deactivated")]
    AlreadyDeactivated {
        /// The policy.
        id: PolicyId,
    },
    /// The policy's validity has ended.
    #[error("policy {id} must still be valid at {now}, found its validity ended at {ended_at}")]
    Ended {
        /// The policy.
        id: PolicyId,
        /// The first instant at which it was not valid any more.
        ended_at: Timestamp,
        /// The instant of the command.
        now: Timestamp,
    },
    /// Links to the policy are pending or approved.
    #[error(
        "policy {id} must have no pending or approved links, found {} pending and {} approved", .found.pending, .found.approved
    )]
    InUse {
        /// The policy.
        id: PolicyId,
        /// Its pending and approved links.
        found: LinkCounts,
    },
}

impl PolicyError {
    pub(crate) fn describe(&self) -> Description {
        match self {
            Self::GroupNotFound { .. } => {
                (ErrorKind::NotFound, "policy_group.not_found", Some("PMS_PRT_002"))
            }
            Self::GroupNotActive { .. } => {
                (ErrorKind::WrongState, "policy_group.not_active", Some("PMS_PMP_023"))
            }
            Self::GroupAlreadyDeactivated { .. } => {
                (ErrorKind::WrongState, "policy_group.already_deactivated", Some("PMS_POL_067"))
            }
            Self::GroupInUse { found, .. } => {
                let pms_code = match (found.draft, found.active) {
                    (0, _) => "PMS_POL_056",
                    (_, 0) => "PMS_POL_070",
                    _ => "PMS_POL_069",
                };
                (ErrorKind::WrongState, "policy_group.in_use", Some(pms_code))
            }
            Self::NotFound { .. } => (ErrorKind::NotFound, "policy.not_found", Some("PMS_PRT_073")),
            Self::NotDraft { .. } => (ErrorKind::WrongState, "policy.not_draft", Some("PMS_POL_020")),
            Self::NotActive { .. } => (ErrorKind::WrongState, "policy.not_active", Some("PMS_PMP_019")),
            Self::AlreadyDeactivated { .. } => {
                (ErrorKind::WrongState, "policy.already_deactivated", Some("PMS_POL_062"))
            }
            Self::Ended { .. } => (ErrorKind::WrongState, "policy.ended", Some("PMS_PMP_018")),
            Self::InUse { found, .. } => {
                let pms_code = if found.approved > 0 { "PMS_POL_063" } else { "PMS_POL_064" };
                (ErrorKind::WrongState, "policy.in_use", Some(pms_code))
            }
        }
    }
}
