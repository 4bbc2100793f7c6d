//! What is wrong with a path.

use misp_onboarding::certificate::{self as core, Profile};

use super::PathFailure;
use crate::convert::{Mirror, same};

same!(Profile);

/// Why a certificate has no valid path to a root.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PathProblems {
    /// Why the best candidate path is not valid: one that reaches a root or a distrusted certificate comes before one
    /// that does not; then one that breaks another rule before one whose signature does not verify; then a longer path
    /// before a shorter one.
    pub failure: PathFailure,
    /// Why other candidates are not.
    pub others: Vec<PathFailure>,
    /// How many more candidates failed.
    pub others_left_off: i32,
}

impl Mirror<core::PathError> for PathProblems {
    fn of(core: core::PathError) -> Self {
        Self {
            failure: Mirror::of(core.failure),
            others: Mirror::of(core.others),
            others_left_off: Mirror::of(core.others_left_off),
        }
    }
}

/// Which rule a path breaks.
#[derive(Clone, Copy, Debug, uniffi::Enum)]
pub enum PathFault {
    /// No issuer of the certificate is known.
    MissingIssuer,
    /// The certificate's signature does not verify with its issuer's key, or cannot be checked.
    Signature,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is no longer valid.
    Expired,
    /// The issuer is not a CA by its basic constraints.
    BasicConstraints,
    /// More intermediate certificates follow than are allowed.
    PathLength,
    /// The issuer's key may not sign certificates.
    KeyCertSign,
    /// A name lies outside of what an issuer may certify.
    NameConstraints,
    /// The policies of the path do not satisfy what the path or the caller requires.
    Policy,
    /// An extension is critical and unknown.
    UnknownCriticalExtension,
    /// The certificate is distrusted.
    Distrusted,
    /// A bound on the work was reached before a valid path was found.
    Limit,
    /// The strict profile asks for more than the certificate has.
    StrictProfile,
    /// A rule that this version does not know; the code tells it.
    Other,
}

impl Mirror<core::PathFault> for PathFault {
    fn of(core: core::PathFault) -> Self {
        match core {
            core::PathFault::MissingIssuer => Self::MissingIssuer,
            core::PathFault::Signature => Self::Signature,
            core::PathFault::NotYetValid => Self::NotYetValid,
            core::PathFault::Expired => Self::Expired,
            core::PathFault::BasicConstraints => Self::BasicConstraints,
            core::PathFault::PathLength => Self::PathLength,
            core::PathFault::KeyCertSign => Self::KeyCertSign,
            core::PathFault::NameConstraints => Self::NameConstraints,
            core::PathFault::Policy => Self::Policy,
            core::PathFault::UnknownCriticalExtension => Self::UnknownCriticalExtension,
            core::PathFault::Distrusted => Self::Distrusted,
            core::PathFault::Limit => Self::Limit,
            core::PathFault::StrictProfile => Self::StrictProfile,
            _ => Self::Other,
        }
    }
}

/// How closely certificates have to follow RFC 5280.
#[uniffi::remote(Enum)]
pub enum Profile {
    /// As section 6 asks of a validator: what it must refuse is refused, what issuers do wrong beyond that is not.
    Default,
    /// In addition what sections 4.1 and 4.2 ask of issuers: key identifiers present, serial numbers positive and
    /// of at most 20 octets, and each extension critical or not, and in the kind of certificate, as they say.
    Strict,
}
