//! License keys as stores keep them, and their list.

use misp_onboarding::Timestamp;
use misp_onboarding::id::{ActorId, LicenseKeyId, PolicyGroupId, PolicyId, Version};
use misp_onboarding::license_key::{
    self as core, Action, AuthenticationPolicy, AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter,
    LicenseKeyName, LicenseKeyOrigin, LicenseKeyRecord, LicenseKeyRow, LicenseKeyState, LicenseKeyStatus,
};
use misp_onboarding::list::TimeRange;
use misp_onboarding::partner::{OrganizationName, PartnerId, PartnerState};
use misp_onboarding::policy::{
    PolicyGroupName, PolicyGroupState, PolicyName, PolicyPermissions, PolicyState,
};
use misp_onboarding::text::Substring;

use super::commands::LicenseKeyView;
use crate::convert::same;
use crate::list::list;

same!(Action, AuthenticationPolicy, LicenseKeyRecord, LicenseKeyRow, LicenseKeyState, LicenseKeyStatus);

/// What was last done to a license key. Whether it has expired is a matter of the clock, see
/// `LicenseKeyStatus`.
#[uniffi::remote(Enum)]
pub enum LicenseKeyState {
    /// Generated or imported.
    Active,
    /// Superseded by a regenerated key.
    Replaced,
    /// Switched off; final.
    Deactivated,
}

/// How a license key stands at an instant.
#[uniffi::remote(Enum)]
pub enum LicenseKeyStatus {
    /// Good.
    Active,
    /// Its validity has ended.
    Expired,
    /// Superseded by a regenerated key, whether its overlap is over or not.
    Replaced,
    /// Switched off; final.
    Deactivated,
}

/// Where a license key came from.
#[uniffi::remote(Enum)]
pub enum LicenseKeyOrigin {
    /// The engine made it.
    Generated,
    /// It was in use before, and was imported.
    Imported,
}

/// What can be done with a license key.
#[uniffi::remote(Enum)]
pub enum Action {
    /// Its record can be shown.
    View,
    /// A new key can be made in its place.
    Regenerate,
    /// It can be switched off.
    Deactivate,
}

/// A license key, as stores keep it: everything but the key.
#[uniffi::remote(Record)]
pub struct LicenseKeyRecord {
    /// The id.
    pub id: LicenseKeyId,
    /// Whose key it is.
    pub partner: PartnerId,
    /// The policy that says what the key allows.
    pub policy: Option<PolicyId>,
    /// The name.
    pub name: LicenseKeyName,
    /// What the key is found by; unique.
    pub digest: LicenseKeyDigest,
    /// The key's last four characters, for display.
    pub last4: String,
    /// What was last done to it.
    pub state: LicenseKeyState,
    /// Where it came from.
    pub origin: LicenseKeyOrigin,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: ActorId,
    /// The first instant at which it is not good any more.
    pub expires_at: Timestamp,
    /// Of a replaced key: the first instant at which it is not good any more, no later than `expires_at`.
    pub overlap_ends_at: Option<Timestamp>,
    /// When it was deactivated.
    pub deactivated_at: Option<Timestamp>,
    /// The key it was made in place of.
    pub replaces: Option<LicenseKeyId>,
    /// The key made in its place.
    pub replaced_by: Option<LicenseKeyId>,
    /// Moves with every change.
    pub version: Version,
}

/// A license key in a list.
#[uniffi::remote(Record)]
pub struct LicenseKeyRow {
    /// The key's record.
    pub key: LicenseKeyRecord,
    /// The partner's organization.
    pub organization: OrganizationName,
    /// Where the partner stands.
    pub partner_state: PartnerState,
    /// The name of the policy.
    pub policy_name: Option<PolicyName>,
    /// The policy's group.
    pub policy_group: Option<PolicyGroupId>,
    /// The name of the policy's group.
    pub policy_group_name: Option<PolicyGroupName>,
}

/// Which license keys a list shows; what is not set lets every one through.
#[uniffi::remote(Record)]
pub struct LicenseKeyFilter {
    /// The id, exactly.
    #[uniffi(default = None)]
    pub id: Option<LicenseKeyId>,
    /// The partner.
    #[uniffi(default = None)]
    pub partner: Option<PartnerId>,
    /// Part of the organization's name.
    #[uniffi(default = None)]
    pub organization: Option<Substring>,
    /// The policy's group.
    #[uniffi(default = None)]
    pub policy_group: Option<PolicyGroupId>,
    /// Part of the group's name.
    #[uniffi(default = None)]
    pub policy_group_name: Option<Substring>,
    /// The policy.
    #[uniffi(default = None)]
    pub policy: Option<PolicyId>,
    /// Part of the policy's name.
    #[uniffi(default = None)]
    pub policy_name: Option<Substring>,
    /// Part of the key's name.
    #[uniffi(default = None)]
    pub name: Option<Substring>,
    /// How the key stands at the instant of asking.
    #[uniffi(default = None)]
    pub status: Option<LicenseKeyStatus>,
    /// When it expires.
    #[uniffi(default = None)]
    pub expires: Option<TimeRange>,
}

list! {
    /// What the list of license keys can be sorted by.
    LicenseKeySort of core::LicenseKeySort {
        /// The partner's id.
        Partner,
        /// The organization's name.
        Organization,
        /// The name of the policy's group.
        PolicyGroup,
        /// The policy's name.
        Policy,
        /// The key's name.
        Name,
        /// When it was made.
        CreatedAt,
        /// When it expires.
        ExpiresAt,
    }
    filter LicenseKeyFilter
    request LicenseKeyListRequest
    page LicenseKeyPage of LicenseKeyView as core::LicenseKeyView,
    query LicenseKeyQuery
}

/// Everything a verdict needs, as a store finds it in one read.
#[uniffi::remote(Record)]
pub struct AuthenticationRecord {
    /// The key's record.
    pub key_id: LicenseKeyId,
    /// The digest that the record was found by.
    pub digest: LicenseKeyDigest,
    /// The key's name.
    pub name: LicenseKeyName,
    /// What was last done to the key.
    pub state: LicenseKeyState,
    /// The first instant at which the key is not good any more.
    pub expires_at: Timestamp,
    /// Of a replaced key: the end of its overlap.
    pub overlap_ends_at: Option<Timestamp>,
    /// Whose key it is.
    pub partner: PartnerId,
    /// The partner's organization.
    pub organization: OrganizationName,
    /// Where the partner stands.
    pub partner_state: PartnerState,
    /// The key's policy, where it has one.
    pub policy: Option<AuthenticationPolicy>,
}

/// What a verdict needs to know of a key's policy.
#[uniffi::remote(Record)]
pub struct AuthenticationPolicy {
    /// The policy.
    pub id: PolicyId,
    /// What it allows.
    pub permissions: PolicyPermissions,
    /// Where it stands.
    pub state: PolicyState,
    /// The first instant at which it is not valid any more.
    pub valid_until: Option<Timestamp>,
    /// Where its group stands.
    pub group_state: PolicyGroupState,
    /// Whether the partner has an approved link to it.
    pub link_approved: bool,
}
