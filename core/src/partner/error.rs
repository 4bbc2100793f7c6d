//! What the rules of partners refuse.

use super::{PartnerId, PartnerState};
use crate::error::{Description, ErrorKind};
use crate::id::PolicyGroupId;

/// A rule of partners that a command breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum PartnerError {
    /// No such partner.
    #[error("a partner with the id {id} is needed, found none")]
    NotFound {
        /// The id asked for.
        id: PartnerId,
    },
    /// The partner must be active.
    #[error("partner {id} must be active, found {found}")]
    NotActive {
        /// The partner.
        id: PartnerId,
        /// Where it stands.
        found: PartnerState,
    },
    /// The partner is deactivated, which is final.
    #[error("partner {id} must not be deactivated, found deactivated")]
    Deactivated {
        /// The partner.
        id: PartnerId,
    },
    /// The partner is deactivated already.
    #[error("partner {id} must not be deactivated yet, found already deactivated")]
    AlreadyDeactivated {
        /// The partner.
        id: PartnerId,
    },
    /// The policy group was selected before and never changes.
    #[error("partner {id} must have no policy group yet, found {found}")]
    PolicyGroupAlreadySelected {
        /// The partner.
        id: PartnerId,
        /// The group selected before.
        found: PolicyGroupId,
    },
    /// The partner has no policy group.
    #[error("partner {id} must have a policy group, found none")]
    NoPolicyGroup {
        /// The partner.
        id: PartnerId,
    },
}

impl PartnerError {
    pub(crate) fn describe(&self) -> Description {
        match self {
            Self::NotFound { .. } => (ErrorKind::NotFound, "partner.not_found", Some("PMS_PRT_005")),
            Self::NotActive { .. } => (ErrorKind::WrongState, "partner.not_active", Some("PMS_PMP_016")),
            Self::Deactivated { .. } => (ErrorKind::WrongState, "partner.deactivated", Some("PMS_PMP_016")),
            Self::AlreadyDeactivated { .. } => {
                (ErrorKind::WrongState, "partner.already_deactivated", Some("PMS_PM_063"))
            }
            Self::PolicyGroupAlreadySelected { .. } => {
                (ErrorKind::WrongState, "partner.policy_group_already_selected", Some("PMS_PRT_049"))
            }
            Self::NoPolicyGroup { .. } => {
                (ErrorKind::WrongState, "partner.no_policy_group", Some("PMS_PRT_047"))
            }
        }
    }
}
