//! Why a certificate has no path.

use std::fmt::Display;

use misp_onboarding::certificate as core;

use super::OnboardingError;
use crate::certificate::PathProblems;
use crate::convert::Mirror;

/// Why a certificate has no valid path, or no path was looked for.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum PathError {
    /// There is no valid path to a root.
    #[error("{detail}")]
    NoValidPath {
        /// The stable code of the rule that the best candidate breaks, such as `certificate.path.signature`.
        code: String,
        /// The message.
        detail: String,
        /// Why each candidate is not valid.
        problems: PathProblems,
    },
    /// A certificate cannot be read.
    #[error("{detail}")]
    UnreadableCertificate {
        /// The stable code.
        code: String,
        /// The message.
        detail: String,
    },
    /// An option is not of the form that it needs.
    #[error("{detail}")]
    InvalidArgument {
        /// The stable code.
        code: String,
        /// The message.
        detail: String,
    },
}

impl PathError {
    pub(crate) fn unreadable(problem: impl Display) -> Self {
        Self::UnreadableCertificate {
            code: "certificate.unreadable_file".to_owned(),
            detail: problem.to_string(),
        }
    }

    pub(crate) fn argument(problem: impl Display) -> Self {
        Self::InvalidArgument { code: "input.invalid".to_owned(), detail: problem.to_string() }
    }
}

impl From<core::PathError> for PathError {
    fn from(error: core::PathError) -> Self {
        Self::NoValidPath {
            code: error.code().to_owned(),
            detail: error.to_string(),
            problems: Mirror::of(error),
        }
    }
}

/// A root or intermediate that cannot be read, for calls that judge more than a path.
impl From<PathError> for OnboardingError {
    fn from(error: PathError) -> Self {
        Self::argument("Certificate", error)
    }
}
