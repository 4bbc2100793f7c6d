//! License keys: what a partner shows with every request.

mod digest;
mod error;
mod key;
pub(crate) mod rules;
mod verdict;

pub(crate) use key::check_form;
pub(crate) use verdict::decide;

pub use digest::{DIGEST_BYTES, KeyHasher, LicenseKeyDigest, Pepper};
pub use error::LicenseKeyError;
pub use key::{IMPORTED_KEY_CHARACTERS, KEY_CHARACTERS, KEY_PREFIX, LicenseKey, MalformedKey};
pub use rules::{
    Action, GenerateLicenseKey, ImportLicenseKey, LicenseKeyView, RegenerateLicenseKey, Validity,
};
pub use verdict::{
    AuthenticationFacts, AuthenticationPolicy, AuthenticationRecord, Authorization, PolicyNotUsable, Refusal,
};

use crate::Timestamp;
use crate::id::{ActorId, LicenseKeyId, PolicyGroupId, PolicyId, Version};
use crate::list::{ListRow, SortValue, TimeRange, sort_keys};
use crate::partner::{OrganizationName, PartnerId, PartnerState};
use crate::policy::{PolicyGroupName, PolicyName};
use crate::state::state_enum;
use crate::text::{FieldProblem, Substring, bounded, normalize, text_type};

text_type!(
    /// A license key's name: 1 to 128 characters, inner white space collapsed. Unique without regard to case among
    /// the partner's keys that are neither deactivated nor replaced.
    LicenseKeyName,
    check_name,
    debug = shown
);

fn check_name(raw: &str) -> Result<String, FieldProblem> {
    // Collapsing comes first, so that a line break between two words counts as white space, not as a control
    // character; anything else that controls is refused. A text too long to become a name is refused before.
    if raw.len() > 16_384 {
        return bounded(raw, 1, 128);
    }
    bounded(&normalize(raw).split_whitespace().collect::<Vec<_>>().join(" "), 1, 128)
}

state_enum!(
    /// What was last done to a license key. Whether it has expired is a matter of the clock, see
    /// [`LicenseKeyStatus`].
    LicenseKeyState {
        /// Generated or imported.
        Active = "active",
        /// Superseded by a regenerated key.
        Replaced = "replaced",
        /// Switched off; final.
        Deactivated = "deactivated",
    }
);

state_enum!(
    /// How a license key stands at an instant.
    LicenseKeyStatus {
        /// Good.
        Active = "active",
        /// Its validity has ended.
        Expired = "expired",
        /// Superseded by a regenerated key, whether its overlap is over or not.
        Replaced = "replaced",
        /// Switched off; final.
        Deactivated = "deactivated",
    }
);

state_enum!(
    /// Where a license key came from.
    LicenseKeyOrigin {
        /// The engine made it.
        Generated = "generated",
        /// It was in use before, and was imported.
        Imported = "imported",
    }
);

/// A license key, as stores keep it: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

impl LicenseKeyRecord {
    /// How the key stands at `now`. A key is good until just before `expires_at`.
    pub fn status(&self, now: Timestamp) -> LicenseKeyStatus {
        match self.state {
            LicenseKeyState::Active if now < self.expires_at => LicenseKeyStatus::Active,
            LicenseKeyState::Active => LicenseKeyStatus::Expired,
            LicenseKeyState::Replaced => LicenseKeyStatus::Replaced,
            LicenseKeyState::Deactivated => LicenseKeyStatus::Deactivated,
        }
    }
}

sort_keys!(
    /// What the list of license keys can be sorted by.
    LicenseKeySort newest CreatedAt {
        /// The partner's id.
        Partner = "license_key.partner",
        /// The organization's name.
        Organization = "license_key.organization",
        /// The name of the policy's group.
        PolicyGroup = "license_key.policy_group",
        /// The policy's name.
        Policy = "license_key.policy",
        /// The key's name.
        Name = "license_key.name",
        /// When it was made.
        CreatedAt = "license_key.created_at" (time),
        /// When it expires.
        ExpiresAt = "license_key.expires_at" (time),
    }
);

/// Which license keys a list shows; what is not set lets every one through.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LicenseKeyFilter {
    /// The id, exactly.
    pub id: Option<LicenseKeyId>,
    /// The partner.
    pub partner: Option<PartnerId>,
    /// Part of the organization's name.
    pub organization: Option<Substring>,
    /// The policy's group.
    pub policy_group: Option<PolicyGroupId>,
    /// Part of the group's name.
    pub policy_group_name: Option<Substring>,
    /// The policy.
    pub policy: Option<PolicyId>,
    /// Part of the policy's name.
    pub policy_name: Option<Substring>,
    /// Part of the key's name.
    pub name: Option<Substring>,
    /// How the key stands at the instant of asking.
    pub status: Option<LicenseKeyStatus>,
    /// When it expires.
    pub expires: Option<TimeRange>,
}

/// A license key in a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

impl ListRow<LicenseKeySort> for LicenseKeyRow {
    fn sort_value(&self, key: LicenseKeySort) -> SortValue {
        match key {
            LicenseKeySort::Partner => SortValue::Text(self.key.partner.folded()),
            LicenseKeySort::Organization => SortValue::Text(self.organization.folded()),
            LicenseKeySort::PolicyGroup => SortValue::Text(
                self.policy_group_name.as_ref().map(PolicyGroupName::folded).unwrap_or_default(),
            ),
            LicenseKeySort::Policy => {
                SortValue::Text(self.policy_name.as_ref().map(PolicyName::folded).unwrap_or_default())
            }
            LicenseKeySort::Name => SortValue::Text(self.key.name.folded()),
            LicenseKeySort::CreatedAt => SortValue::Time(self.key.created_at),
            LicenseKeySort::ExpiresAt => SortValue::Time(self.key.expires_at),
        }
    }

    fn tie_break(&self) -> String {
        self.key.id.to_string()
    }
}
