//! What a case finds.

use std::fmt;
use std::panic::Location;

use misp_onboarding::id::Version;
use misp_onboarding::store::{RecordId, StoreError, Unique};

/// What a store did otherwise than it must.
#[derive(Clone, Debug)]
pub struct Failure {
    what: String,
    place: &'static Location<'static>,
}

impl Failure {
    /// A store that does not do what it must.
    #[track_caller]
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), place: Location::caller() }
    }
}

impl fmt::Display for Failure {
    /// What went wrong and the line of the suite that found it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.what, self.place.file(), self.place.line())
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    #[track_caller]
    fn from(error: StoreError) -> Self {
        let mut what = format!("the store must do it, found the error {error}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            what.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self { what, place: Location::caller() }
    }
}

/// What a case answers.
pub type Verdict = Result<(), Failure>;

/// What was found must equal what was wanted. Contact data looks the same in both, as it does not print itself.
#[track_caller]
pub(super) fn equal<T: PartialEq + fmt::Debug>(what: impl fmt::Display, found: T, wanted: T) -> Verdict {
    if found == wanted {
        Ok(())
    } else {
        Err(Failure::new(format!("{what}: must be {wanted:?}, found {found:?}")))
    }
}

#[track_caller]
pub(super) fn holds(what: impl fmt::Display, found: bool) -> Verdict {
    if found { Ok(()) } else { Err(Failure::new(format!("{what}: must be so, is not"))) }
}

/// The commit must have been refused since something unique is there already.
#[track_caller]
pub(super) fn duplicate(what: impl fmt::Display, result: Result<(), StoreError>, wanted: Unique) -> Verdict {
    match result {
        Err(StoreError::Duplicate { unique }) if unique == wanted => Ok(()),
        other => Err(Failure::new(format!("{what}: must be a duplicate {wanted}, found {}", told(&other)))),
    }
}

/// The commit must have been refused since a record is not at the version decided on.
#[track_caller]
pub(super) fn conflict(
    what: impl fmt::Display,
    result: Result<(), StoreError>,
    wanted: &RecordId,
    (wanted_version, found_version): (u32, Option<u32>),
) -> Verdict {
    let (wanted_version, found_version) = (Version::new(wanted_version), found_version.map(Version::new));
    match &result {
        Err(StoreError::Conflict { record, required, found })
            if *record == wanted.to_string() && *required == wanted_version && *found == found_version =>
        {
            Ok(())
        }
        _ => Err(Failure::new(format!(
            "{what}: must be a conflict at {wanted}, decided on version {wanted_version}, at {found_version:?}, \
             found {}",
            told(&result)
        ))),
    }
}

/// The commit must have been refused since a record names one that is not there.
#[track_caller]
pub(super) fn missing_reference(what: impl fmt::Display, result: Result<(), StoreError>) -> Verdict {
    match result {
        Err(StoreError::MissingReference { .. }) => Ok(()),
        other => Err(Failure::new(format!("{what}: must be a missing reference, found {}", told(&other)))),
    }
}

fn told(result: &Result<(), StoreError>) -> String {
    match result {
        Ok(()) => "success".to_owned(),
        Err(error) => format!("the error {error}"),
    }
}
