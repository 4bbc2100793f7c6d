//! Why the program ends early.

use std::fmt;
use std::path::Path;

use misp_onboarding::error::InvalidInput;
use misp_onboarding::store::StoreError;

/// Why the program ends early. Its `Display` is what the terminal shows.
pub(crate) enum Failure {
    /// The engine refused or failed.
    Engine(Box<misp_onboarding::Error>),
    /// A CA certificate was refused; the transcript has the report.
    CaRefused,
    /// A file, or a program that was to make one.
    Other { what: String, source: Box<dyn std::error::Error> },
}

impl Failure {
    /// What went wrong with a file.
    pub(crate) fn file(path: impl AsRef<Path>, source: impl Into<Box<dyn std::error::Error>>) -> Self {
        Self::Other { what: path.as_ref().display().to_string(), source: source.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => {
                write!(f, "error: {error}")?;
                causes(f, std::error::Error::source(error))?;
                write!(f, "\ncode: {}", error.code())?;
                match error.pms_code() {
                    Some(code) => write!(f, "\nMOSIP's code: {code}"),
                    None => Ok(()),
                }
            }
            Self::CaRefused => write!(f, "error: a CA certificate was refused, see its findings above"),
            Self::Other { what, source } => {
                write!(f, "error: {what}: {source}")?;
                causes(f, source.source())
            }
        }
    }
}

fn causes(f: &mut fmt::Formatter<'_>, mut cause: Option<&dyn std::error::Error>) -> fmt::Result {
    while let Some(error) = cause {
        write!(f, ": {error}")?;
        cause = error.source();
    }
    Ok(())
}

impl From<misp_onboarding::Error> for Failure {
    fn from(error: misp_onboarding::Error) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl From<InvalidInput> for Failure {
    fn from(error: InvalidInput) -> Self {
        misp_onboarding::Error::from(error).into()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        misp_onboarding::Error::from(error).into()
    }
}
