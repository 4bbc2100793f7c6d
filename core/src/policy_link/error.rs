//! What the rules of policy links refuse.

use super::PolicyLinkState;
use crate::error::{Description, ErrorKind};
use crate::id::{ActorId, PolicyGroupId, PolicyId, PolicyLinkId};
use crate::partner::PartnerId;

/// A rule of policy links that a command breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum PolicyLinkError {
    /// No such policy link.
    #[error("a policy link with the id {id} is needed, found none")]
    NotFound {
        /// The id asked for.
        id: PolicyLinkId,
    },
    /// The policy belongs to another group than the partner's.
    #[error(
        "a policy of {partner}'s policy group {required} is needed, found policy {policy} of group {found}"
    )]
    ForeignPolicyGroup {
        /// The partner.
        partner: PartnerId,
        /// The policy asked for.
        policy: PolicyId,
        /// The partner's group.
        required: PolicyGroupId,
        /// The policy's group.
        found: PolicyGroupId,
    },
    /// The same policy was requested before and is pending or approved.
    #[error("{partner} must have no open link to policy {policy}, found {link} {found}")]
    AlreadyOpen {
        /// The partner.
        partner: PartnerId,
        /// The policy.
        policy: PolicyId,
        /// The link there is.
        link: PolicyLinkId,
        /// Pending or approved.
        found: PolicyLinkState,
    },
    /// The link was decided before.
    #[error("policy link {id} must be pending, found {found}")]
    AlreadyDecided {
        /// The link.
        id: PolicyLinkId,
        /// How it was decided.
        found: PolicyLinkState,
    },
    /// Who requested may not approve.
    #[error("policy link {id} must be approved by somebody else than its requester, found {found}")]
    ApproverIsRequester {
        /// The link.
        id: PolicyLinkId,
        /// Requester and approver.
        found: ActorId,
    },
}

impl PolicyLinkError {
    pub(crate) fn describe(&self) -> Description {
        match self {
            Self::NotFound { .. } => (ErrorKind::NotFound, "policy_link.not_found", Some("PMS_PMP_007")),
            Self::ForeignPolicyGroup { .. } => {
                (ErrorKind::WrongState, "policy_link.foreign_policy_group", Some("PMS_PRT_098"))
            }
            Self::AlreadyOpen { found: PolicyLinkState::Approved, .. } => {
                (ErrorKind::AlreadyExists, "policy_link.already_approved", Some("PMS_PRT_060"))
            }
            Self::AlreadyOpen { .. } => {
                (ErrorKind::AlreadyExists, "policy_link.already_pending", Some("PMS_PRT_053"))
            }
            Self::AlreadyDecided { found, .. } => {
                let pms_code = if *found == PolicyLinkState::Approved { "PMS_PM_034" } else { "PMS_PM_035" };
                (ErrorKind::WrongState, "policy_link.already_decided", Some(pms_code))
            }
            Self::ApproverIsRequester { .. } => {
                (ErrorKind::Forbidden, "policy_link.approver_is_requester", None)
            }
        }
    }
}
