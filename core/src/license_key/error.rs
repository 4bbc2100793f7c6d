//! What the rules of license keys refuse.

use super::LicenseKeyStatus;
use crate::Timestamp;
use crate::error::{Description, ErrorKind};
use crate::id::{LicenseKeyId, PolicyId};
use crate::partner::PartnerId;

/// A rule of license keys that a command breaks.
#[derive(Debug, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum LicenseKeyError {
    /// No such license key.
    #[error("a license key with the id {id} is needed, found none")]
    NotFound {
        /// The id asked for.
        id: LicenseKeyId,
    },
    /// The partner has no certificate that is valid now.
    #[error(
        "{partner} must have a certificate valid at {now}, found one valid from {not_before} to {not_after}"
    )]
    CertificateNotValid {
        /// The partner.
        partner: PartnerId,
        /// The instant of the command.
        now: Timestamp,
        /// The first instant at which the certificate is valid.
        not_before: Timestamp,
        /// The last instant at which the certificate is valid.
        not_after: Timestamp,
    },
    /// The partner's certificate is not trusted any more: a CA was distrusted or has expired.
    #[error("{partner} must have a certificate with a path to a trusted root, found: {found}")]
    CertificateNotTrusted {
        /// The partner.
        partner: PartnerId,
        /// Why there is no path.
        found: String,
    },
    /// The partner has no approved link to the policy.
    #[error("{partner} must have an approved link to policy {policy}, found none")]
    PolicyNotApproved {
        /// The partner.
        partner: PartnerId,
        /// The policy asked for.
        policy: PolicyId,
    },
    /// The key cannot be regenerated or deactivated as it stands.
    #[error("license key {id} must be {required}, found {found}")]
    WrongStatus {
        /// The key.
        id: LicenseKeyId,
        /// The statuses of which one is needed.
        required: &'static str,
        /// How it stands.
        found: LicenseKeyStatus,
    },
    /// The key to import is in the store already.
    #[error("a license key that is not in the store is needed, found it as {id}")]
    AlreadyImported {
        /// The key's record.
        id: LicenseKeyId,
    },
    /// Two keys of one import are the same.
    #[error("each license key once is needed, found number {second} to equal number {first}")]
    ImportedTwice {
        /// The first one's place in the import, counted from 0.
        first: usize,
        /// The second one's place.
        second: usize,
    },
    /// A key of an import breaks a rule; nothing was imported.
    #[error("number {index} of the import breaks a rule")]
    Import {
        /// The key's place in the import, counted from 0.
        index: usize,
        /// The rule it breaks.
        #[serde(skip)]
        source: Box<crate::Error>,
    },
}

impl LicenseKeyError {
    pub(crate) fn describe(&self) -> Description {
        match self {
            Self::NotFound { .. } => (ErrorKind::NotFound, "license_key.not_found", Some("PMS_MSP_441")),
            Self::CertificateNotValid { .. } => {
                (ErrorKind::WrongState, "license_key.certificate_not_valid", Some("PMS_MSP_430"))
            }
            Self::CertificateNotTrusted { .. } => {
                (ErrorKind::WrongState, "license_key.certificate_not_trusted", Some("PMS_MSP_430"))
            }
            Self::PolicyNotApproved { .. } => {
                (ErrorKind::WrongState, "license_key.policy_not_approved", Some("PMS_MSP_438"))
            }
            Self::WrongStatus { found: LicenseKeyStatus::Deactivated, .. } => {
                (ErrorKind::WrongState, "license_key.already_deactivated", Some("PMS_MSP_434"))
            }
            Self::WrongStatus { .. } => {
                (ErrorKind::WrongState, "license_key.wrong_status", Some("PMS_MSP_439"))
            }
            Self::AlreadyImported { .. } => (ErrorKind::AlreadyExists, "license_key.already_imported", None),
            Self::ImportedTwice { .. } => (ErrorKind::InvalidInput, "license_key.imported_twice", None),
            Self::Import { source, .. } => (source.kind(), source.code(), source.pms_code()),
        }
    }
}
