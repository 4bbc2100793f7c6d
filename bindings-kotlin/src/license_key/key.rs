//! The license key itself.

use std::fmt;

use misp_onboarding::license_key::{self as core, KeyHasher, LicenseKeyDigest, Pepper};
use zeroize::Zeroizing;

use crate::error::OnboardingError;

/// A license key in clear. It does not print itself, cannot be copied, and wipes itself when closed.
///
/// A generated key is `misp_`, 43 random characters (more than 256 bits) and a checksum of 6: letters, digits and
/// `_` only, 54 characters. An imported key is MOSIP's: 50 letters and digits.
#[derive(uniffi::Object)]
#[uniffi::export(Display)]
pub struct LicenseKey(pub(super) core::LicenseKey);

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
