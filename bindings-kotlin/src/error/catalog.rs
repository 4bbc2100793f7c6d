//! Kinds of failure, and what is unique.

use misp_onboarding::error::ErrorKind;
use misp_onboarding::store::Unique;

use crate::convert::same;

same!(ErrorKind, Unique);

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
