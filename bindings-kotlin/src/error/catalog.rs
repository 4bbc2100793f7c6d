//! Kinds of failure, fields, and the rules they break.

use misp_onboarding::error::{ErrorKind, Field};
use misp_onboarding::store::Unique;
use misp_onboarding::text::FieldRule;

use crate::convert::same;

same!(ErrorKind, Field, FieldRule, Unique);

/// Which kind of failure: what a host decides its answer by.
#[uniffi::remote(Enum)]
pub enum ErrorKind {
    /// What was handed in breaks a rule; the same input will fail again.
    InvalidInput,
    /// A record that the call names does not exist.
    NotFound,
    /// Something that must be unique is already there.
    AlreadyExists,
    /// A record is not in the state that the call needs.
    WrongState,
    /// The actor lacks a role, or may not decide on their own request.
    Forbidden,
    /// A certificate breaks a rule; the report says which.
    CertificateRejected,
    /// Other commands were faster each time; the same call may succeed later.
    Conflict,
    /// The store, or the operating system's random generator, failed.
    Store,
}

/// A field of a command.
#[uniffi::remote(Enum)]
pub enum Field {
    /// A partner's id.
    PartnerId,
    /// A partner's organization name.
    PartnerOrganization,
    /// A partner's address.
    PartnerAddress,
    /// A partner's contact number.
    PartnerContactNumber,
    /// A partner's email address.
    PartnerEmail,
    /// A partner's language.
    PartnerLanguage,
    /// A partner's policy group.
    PartnerPolicyGroup,
    /// A trust domain.
    TrustDomain,
    /// Why a CA certificate is distrusted.
    DistrustReason,
    /// A policy group's name.
    PolicyGroupName,
    /// A policy group's description.
    PolicyGroupDescription,
    /// A policy's name.
    PolicyName,
    /// A policy's description.
    PolicyDescription,
    /// A policy's document.
    PolicyDocument,
    /// The end of a policy's validity.
    PolicyValidUntil,
    /// What a policy request says.
    PolicyLinkComment,
    /// A license key's name.
    LicenseKeyName,
    /// A license key's validity.
    LicenseKeyValidity,
    /// How long a replaced license key stays good.
    LicenseKeyOverlap,
    /// A license key to import.
    LicenseKeyImported,
    /// The engine's configuration.
    Rules,
}

/// The rules a field can break.
#[uniffi::remote(Enum)]
pub enum FieldRule {
    /// Too short or too long.
    Length,
    /// Holds a control character, or an invisible formatting character.
    ControlCharacter,
    /// Holds a character that does not belong there.
    Characters,
    /// Not of the form the field needs.
    Format,
    /// Outside the range or list the field needs.
    Range,
    /// Already used by another record.
    Taken,
    /// Names a record that does not exist.
    Unknown,
    /// Names a record that is not active.
    NotActive,
}

/// What may be in a store only once.
#[uniffi::remote(Enum)]
pub enum Unique {
    /// The identifier of any record.
    RecordId,
    /// A partner's id, without regard to case.
    PartnerId,
    /// A partner's email address, without regard to case.
    PartnerEmail,
    /// A CA certificate's fingerprint, in its domain.
    CaFingerprint,
    /// A policy group's name, without regard to case.
    PolicyGroupName,
    /// A policy's name in its group, without regard to case.
    PolicyName,
    /// A partner's pending or approved link to a policy.
    OpenPolicyLink,
    /// A license key's digest.
    LicenseKeyDigest,
    /// The name of a partner's license key that is neither deactivated nor replaced, without regard to case.
    LicenseKeyName,
    /// A place in the order of events, which is given once and in ascending order.
    EventSequence,
}
