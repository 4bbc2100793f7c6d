//! What a store or a stream of the host's throws, on its way through the engine.

use std::fmt;
use std::sync::Arc;

use misp_onboarding::store::StoreError as CoreError;

use crate::error::StoreError;

/// What a store or a stream of the host's threw, on its way through the engine back to the host.
#[uniffi::export(with_foreign)]
pub trait ThrownByHost: Send + Sync {
    /// Its class, and nothing of what it says: that may be of any kind.
    fn class_name(&self) -> String;
}

/// See [`ThrownByHost`]; in Kotlin it is the very `Throwable`.
#[derive(Clone)]
pub struct Cause(Arc<dyn ThrownByHost>);

uniffi::custom_type!(
    /// What a store or a stream of the host's threw.
    Cause, Arc<dyn ThrownByHost>, {
        lower: |cause| cause.0,
        try_lift: |thrown| Ok(Cause(thrown))
    }
);

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.class_name())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host's code threw {}", self.0.class_name())
    }
}

impl std::error::Error for Cause {}

/// What the host's store threw, where that is why the store failed.
pub(crate) fn cause_of(error: &CoreError) -> Option<Cause> {
    match error {
        CoreError::Unavailable(source) | CoreError::Backend(source) => {
            source.downcast_ref::<Cause>().cloned()
        }
        _ => None,
    }
}

impl From<StoreError> for CoreError {
    fn from(error: StoreError) -> Self {
        let boxed = |cause: Option<Cause>| -> Box<dyn std::error::Error + Send + Sync> {
            match cause {
                Some(cause) => Box::new(cause),
                None => "the host's store gave no cause".into(),
            }
        };
        match error {
            StoreError::Conflict { record, required, found } => {
                Self::Conflict { record: record.to_string(), required, found }
            }
            StoreError::Duplicate { unique } => Self::Duplicate { unique },
            StoreError::MissingReference { reference } => Self::MissingReference { reference },
            StoreError::Corrupt { what, found } => Self::Corrupt { what, found },
            StoreError::Unavailable { cause } => Self::Unavailable(boxed(cause)),
            StoreError::Backend { cause } => Self::Backend(boxed(cause)),
        }
    }
}

/// An answer that does not read as what it should be. What is thrown never comes this way: it is a `Backend`.
impl From<uniffi::UnexpectedUniFFICallbackError> for StoreError {
    fn from(unexpected: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Corrupt { what: "an answer of the host's store".to_owned(), found: unexpected.reason }
    }
}
