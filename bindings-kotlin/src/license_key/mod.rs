//! License keys, and the verdict on a presented one.

mod commands;
mod key;
mod records;
mod verdict;

pub use commands::{
    GenerateLicenseKey, GeneratedLicenseKey, ImportLicenseKey, LicenseKeyView, RegenerateLicenseKey, Validity,
};
pub use key::LicenseKey;
pub(crate) use key::read_pepper;
pub use records::{LicenseKeyListRequest, LicenseKeyPage, LicenseKeyQuery, LicenseKeySort};
pub use verdict::{Authorization, MalformedKey, PolicyNotUsable, Refusal, Verdict};
