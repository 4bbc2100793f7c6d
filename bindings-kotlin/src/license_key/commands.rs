//! What is done with license keys, and what is answered.

use std::sync::Arc;
use std::time::Duration;

use misp_onboarding::id::PolicyId;
use misp_onboarding::license_key::{self as core, Action, LicenseKeyRow, LicenseKeyStatus};
use misp_onboarding::partner::PartnerId;
use misp_onboarding::{Timestamp, onboarding};

use super::key::LicenseKey;
use crate::convert::{Mirror, mirror};
use crate::error::OnboardingError;

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

impl Mirror<onboarding::GeneratedLicenseKey> for GeneratedLicenseKey {
    fn of(core: onboarding::GeneratedLicenseKey) -> Self {
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
