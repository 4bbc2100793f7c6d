//! The verdict on a presented license key.

use misp_onboarding::Timestamp;
use misp_onboarding::id::{LicenseKeyId, PolicyId};
use misp_onboarding::license_key::{self as core, LicenseKeyName};
use misp_onboarding::partner::{OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyPermissions, PolicyState};

use crate::convert::Mirror;

/// The answer to the one question of every request: whose key is this, is it good right now, what does it allow?
#[derive(Clone, Debug, uniffi::Enum)]
pub enum Verdict {
    /// The key is good.
    Authorized {
        /// Whose it is and what it allows.
        authorization: Authorization,
    },
    /// The key is not good.
    Refused {
        /// The reason's stable code, such as `authenticate.expired`.
        code: String,
        /// The reason in words.
        detail: String,
        /// The reason and its facts.
        refusal: Refusal,
    },
}

impl Mirror<Result<core::Authorization, core::Refusal>> for Verdict {
    fn of(core: Result<core::Authorization, core::Refusal>) -> Self {
        match core {
            Ok(authorization) => Self::Authorized { authorization: Mirror::of(authorization) },
            Err(refusal) => Self::Refused {
                code: refusal.code().to_owned(),
                detail: refusal.to_string(),
                refusal: Mirror::of(refusal),
            },
        }
    }
}

/// A good key: whose it is and what it allows.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Authorization {
    /// The key's record.
    pub key_id: LicenseKeyId,
    /// The key's name.
    pub name: LicenseKeyName,
    /// Whose key it is.
    pub partner: PartnerId,
    /// The partner's organization.
    pub organization: OrganizationName,
    /// The policy; null for a key without one.
    pub policy: Option<PolicyId>,
    /// What the policy allows; null for a key without one.
    pub permissions: Option<PolicyPermissions>,
    /// The first instant at which the key will not be good any more: the end of its validity, or of its overlap
    /// where it was replaced, or of its policy, whichever comes first.
    pub valid_until: Timestamp,
}

impl Mirror<core::Authorization> for Authorization {
    fn of(core: core::Authorization) -> Self {
        let (policy, permissions) = core.policy.unzip();
        Self {
            key_id: core.key_id,
            name: core.name,
            partner: core.partner,
            organization: core.organization,
            policy,
            permissions,
            valid_until: core.valid_until,
        }
    }
}

/// Why a key is not good. Exactly one reason, the first that holds in the order given here.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum Refusal {
    /// The text is no license key; the store was not asked.
    Malformed {
        /// What is wrong with it.
        problem: MalformedKey,
    },
    /// No such key.
    Unknown,
    /// The partner was deactivated, and every key with it.
    PartnerDeactivated,
    /// The key was deactivated.
    Deactivated,
    /// The key was replaced and its overlap is over.
    Replaced {
        /// The first instant at which it was not good any more.
        since: Timestamp,
    },
    /// The key's validity has ended.
    Expired {
        /// The first instant at which it was not good any more.
        expired_at: Timestamp,
    },
    /// The partner has no accepted certificate yet.
    PartnerInactive,
    /// The key's policy cannot be used.
    PolicyNotUsable {
        /// What is wrong with it.
        problem: PolicyNotUsable,
    },
    /// For a reason that this version does not know; the code and the words of the verdict tell it.
    Other,
}

impl Mirror<core::Refusal> for Refusal {
    fn of(core: core::Refusal) -> Self {
        match core {
            core::Refusal::Malformed(problem) => Self::Malformed { problem: Mirror::of(problem) },
            core::Refusal::Unknown => Self::Unknown,
            core::Refusal::PartnerDeactivated => Self::PartnerDeactivated,
            core::Refusal::Deactivated => Self::Deactivated,
            core::Refusal::Replaced { since } => Self::Replaced { since },
            core::Refusal::Expired { expired_at } => Self::Expired { expired_at },
            core::Refusal::PartnerInactive => Self::PartnerInactive,
            core::Refusal::PolicyNotUsable(problem) => Self::PolicyNotUsable { problem: Mirror::of(problem) },
            _ => Self::Other,
        }
    }
}

/// What is wrong with the form of a text that should be a license key. Holds nothing of the text.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum MalformedKey {
    /// Neither the length of a generated nor of an imported key.
    Length {
        /// The text's length in bytes.
        found: i32,
    },
    /// The length of a generated key, but not its prefix.
    Prefix,
    /// A character that no key has.
    Character {
        /// Its place, counted in bytes from 0.
        position: i32,
    },
    /// The checksum does not fit: a typing error.
    Checksum,
    /// Something that this version does not know.
    Other,
}

impl Mirror<core::MalformedKey> for MalformedKey {
    fn of(core: core::MalformedKey) -> Self {
        match core {
            core::MalformedKey::Length { found } => Self::Length { found: Mirror::of(found) },
            core::MalformedKey::Prefix => Self::Prefix,
            core::MalformedKey::Character { position } => Self::Character { position: Mirror::of(position) },
            core::MalformedKey::Checksum => Self::Checksum,
            _ => Self::Other,
        }
    }
}

/// What is wrong with a policy.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum PolicyNotUsable {
    /// The partner's link to it is not approved.
    LinkNotApproved,
    /// It is a draft or deactivated.
    PolicyNotActive {
        /// Where it stands.
        found: PolicyState,
    },
    /// Its group is deactivated.
    GroupNotActive,
    /// Its validity has ended.
    Ended {
        /// The first instant at which it was not valid any more.
        ended_at: Timestamp,
    },
    /// Something that this version does not know.
    Other,
}

impl Mirror<core::PolicyNotUsable> for PolicyNotUsable {
    fn of(core: core::PolicyNotUsable) -> Self {
        match core {
            core::PolicyNotUsable::LinkNotApproved => Self::LinkNotApproved,
            core::PolicyNotUsable::PolicyNotActive { found } => Self::PolicyNotActive { found },
            core::PolicyNotUsable::GroupNotActive => Self::GroupNotActive,
            core::PolicyNotUsable::Ended { ended_at } => Self::Ended { ended_at },
            _ => Self::Other,
        }
    }
}
