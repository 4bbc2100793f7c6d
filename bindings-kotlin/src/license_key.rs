//! License keys, and the verdict on a presented one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use misp_onboarding::id::{ActorId, LicenseKeyId, PolicyGroupId, PolicyId, Version};
use misp_onboarding::license_key::{
    Action, AuthenticationPolicy, AuthenticationRecord, KeyHasher, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName,
    LicenseKeyOrigin, LicenseKeyRecord, LicenseKeyRow, LicenseKeyState, LicenseKeyStatus, Pepper,
};
use misp_onboarding::list::TimeRange;
use misp_onboarding::onboarding as core_onboarding;
use misp_onboarding::partner::{OrganizationName, PartnerId, PartnerState};
use misp_onboarding::policy::{PolicyGroupName, PolicyGroupState, PolicyName, PolicyPermissions, PolicyState};
use misp_onboarding::text::Substring;
use misp_onboarding::{Timestamp, license_key as core};
use zeroize::Zeroizing;

use crate::convert::{Mirror, mirror, same};
use crate::error::OnboardingError;
use crate::list::list;

same!(
    Action,
    AuthenticationPolicy,
    LicenseKeyRecord,
    LicenseKeyRow,
    LicenseKeyState,
    LicenseKeyStatus
);

/// A license key in clear. It does not print itself, cannot be copied, and wipes itself when closed.
///
/// A generated key is `misp_`, 43 random characters (more than 256 bits) and a checksum of 6: letters, digits and
/// `_` only, 54 characters. An imported key is MOSIP's: 50 letters and digits.
#[derive(uniffi::Object)]
#[uniffi::export(Display)]
pub struct LicenseKey(core::LicenseKey);

#[uniffi::export]
impl LicenseKey {
    /// Makes a key from the operating system's generator, without an engine: nobody knows of it.
    #[uniffi::constructor]
    pub fn generate() -> Result<Self, OnboardingError> {
        core::LicenseKey::generate(&mut getrandom::SysRng)
            .map(Self)
            .map_err(|error| misp_onboarding::Error::Random(error.into()).into())
    }

    /// Reads a key as somebody presents it: a generated one, or one of MOSIP's. Throws where its form is wrong, and
    /// says what about it, never the text itself.
    #[uniffi::constructor]
    pub fn parse(text: String) -> Result<Self, OnboardingError> {
        let text = Zeroizing::new(text);
        core::LicenseKey::parse(&text).map(Self).map_err(OnboardingError::malformed_key)
    }

    /// The key in clear. Java's strings cannot be wiped: show it, and let go of it.
    pub fn reveal(&self) -> String {
        self.0.reveal().to_owned()
    }

    /// What stores keep in its place: SHA-256, or HMAC-SHA-256 under a pepper of at least 32 bytes.
    #[uniffi::method(default(pepper = None))]
    pub fn digest(&self, pepper: Option<Vec<u8>>) -> Result<LicenseKeyDigest, OnboardingError> {
        let hasher = match pepper {
            Some(secret) => KeyHasher::peppered(&read_pepper(secret)?),
            None => KeyHasher::sha256(),
        };
        Ok(self.0.digest(&hasher))
    }

    /// The last four characters, for display.
    pub fn last4(&self) -> String {
        self.0.last4().to_owned()
    }
}

/// `LicenseKey(elided)`: what Kotlin's `toString` gives.
impl fmt::Display for LicenseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Debug for LicenseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A host's secret that digests are made under.
pub(crate) fn read_pepper(secret: Vec<u8>) -> Result<Pepper, OnboardingError> {
    Pepper::new(secret).map_err(|problem| OnboardingError::argument("Pepper", problem))
}

/// How long a key is to be good.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum Validity {
    /// As long as configured; 90 days by default.
    Default,
    /// For a time from now on.
    For {
        /// How long.
        duration: Duration,
    },
    /// Until just before an instant.
    Until {
        /// The first instant at which the key is not good any more.
        instant: Timestamp,
    },
}

impl Mirror<Option<Validity>> for core::Validity {
    fn of(validity: Option<Validity>) -> Self {
        match validity {
            None | Some(Validity::Default) => Self::Default,
            Some(Validity::For { duration }) => Self::For(duration),
            Some(Validity::Until { instant }) => Self::Until(instant),
        }
    }
}

/// A license key to generate.
#[derive(Clone, Debug, uniffi::Record)]
pub struct GenerateLicenseKey {
    /// Whose key it will be: an active partner with a valid certificate.
    pub partner: PartnerId,
    /// See `LicenseKeyName`.
    pub name: String,
    /// The policy that says what it allows: approved for the partner and usable now. Recommended.
    #[uniffi(default = None)]
    pub policy: Option<PolicyId>,
    /// How long it is to be good, at most 1825 days by default; null: as long as configured.
    #[uniffi(default = None)]
    pub validity: Option<Validity>,
}

impl Mirror<GenerateLicenseKey> for core::GenerateLicenseKey {
    fn of(command: GenerateLicenseKey) -> Self {
        let GenerateLicenseKey { partner, name, policy, validity } = command;
        Self { partner, policy, name, validity: Mirror::of(validity) }
    }
}

/// A license key to make in place of another.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RegenerateLicenseKey {
    /// See `LicenseKeyName`; null: the old key's.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// How long the new key is to be good, at most 1825 days by default; null: as long as configured.
    #[uniffi(default = None)]
    pub validity: Option<Validity>,
    /// How long the old key stays good beside the new one, at most 30 days by default; null or zero: it ends at once.
    #[uniffi(default = None)]
    pub overlap: Option<Duration>,
}

impl Mirror<RegenerateLicenseKey> for core::RegenerateLicenseKey {
    fn of(command: RegenerateLicenseKey) -> Self {
        let RegenerateLicenseKey { name, validity, overlap } = command;
        Self { name, validity: Mirror::of(validity), overlap: overlap.unwrap_or_default() }
    }
}

/// A license key that is in use already, to be imported.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ImportLicenseKey {
    /// The key in clear. Closing it is left to who made it.
    pub key: Arc<LicenseKey>,
    /// Whose key it is; the partner may still be inactive.
    pub partner: PartnerId,
    /// See `LicenseKeyName`.
    pub name: String,
    /// The first instant at which it is not good any more; may lie in the past, and as far ahead as it did.
    pub expires_at: Timestamp,
    /// The policy that says what it allows.
    #[uniffi(default = None)]
    pub policy: Option<PolicyId>,
}

impl TryFrom<ImportLicenseKey> for core::ImportLicenseKey {
    type Error = OnboardingError;

    fn try_from(command: ImportLicenseKey) -> Result<Self, OnboardingError> {
        let ImportLicenseKey { key, partner, name, expires_at, policy } = command;
        // The engine's key has one owner, Kotlin's may be held elsewhere too.
        let key = core::LicenseKey::parse(key.0.reveal()).map_err(OnboardingError::malformed_key)?;
        Ok(Self { key, partner, policy, name, expires_at })
    }
}

/// A license key just made: the one time that it leaves the engine in clear. Close it with `use` or `destroy`, which
/// wipes the key.
#[derive(Clone, Debug, uniffi::Record)]
pub struct GeneratedLicenseKey {
    /// The key in clear. Show it once; it cannot be shown again.
    pub key: Arc<LicenseKey>,
    /// Everything else about it.
    pub view: LicenseKeyView,
}

impl Mirror<core_onboarding::GeneratedLicenseKey> for GeneratedLicenseKey {
    fn of(core: core_onboarding::GeneratedLicenseKey) -> Self {
        Self { key: Arc::new(LicenseKey(core.key)), view: Mirror::of(core.view) }
    }
}

mirror! {
    /// A license key as it may be shown: everything but the key.
    LicenseKeyView of core::LicenseKeyView {
        /// The record, with the names of what it belongs to.
        row: LicenseKeyRow,
        /// How it stood at the instant of asking.
        status: LicenseKeyStatus,
        /// What was allowed at the instant of asking.
        actions: Vec<Action>,
    }
    and |view| {
        /// The key, masked: `...` and its last four characters.
        masked_key: String = view.masked_key(),
    }
}

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
