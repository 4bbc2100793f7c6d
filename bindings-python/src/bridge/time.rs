//! Instants: aware `datetime`, exact to the microsecond both ways.

use misp_onboarding::Timestamp;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDelta, PyDeltaAccess, PyTzInfo};

use super::problem::Problem;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// 0001-01-01T00:00:00Z, before which Python has no instant; the engine's earliest is in the year -9999.
const FIRST: Timestamp = Timestamp::from_unix_seconds(-62_135_596_800);

/// An instant as `datetime` in UTC; one before the year 1 becomes the first instant of that year.
pub(crate) fn instant_to_python(py: Python<'_>, instant: Timestamp) -> PyResult<Bound<'_, PyDateTime>> {
    let micros = instant.max(FIRST).unix_micros();
    let (days, rest) = (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY));
    let (seconds, micros) = (rest / MICROS_PER_SECOND, rest % MICROS_PER_SECOND);
    let (year, month, day) = civil(days);
    let small = |number: i64| u8::try_from(number).unwrap_or_default();
    PyDateTime::new(
        py,
        i32::try_from(year).unwrap_or_default(),
        small(month),
        small(day),
        small(seconds / 3_600),
        small(seconds / 60 % 60),
        small(seconds % 60),
        u32::try_from(micros).unwrap_or_default(),
        Some(&*PyTzInfo::utc(py)?),
    )
}

/// The date so many days after 1970-01-01 in the proleptic Gregorian calendar: Howard Hinnant's `civil_from_days`.
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

/// An aware `datetime` as an instant, brought into the engine's range.
pub(crate) fn instant_from_python(value: &Bound<'_, PyAny>) -> Result<Timestamp, Problem> {
    static EPOCH: PyOnceLock<Py<PyDateTime>> = PyOnceLock::new();
    let py = value.py();
    let Ok(instant) = value.cast::<PyDateTime>() else {
        return Err(Problem::kind_of(value, "a datetime with a time zone"));
    };
    if instant.call_method0(intern!(py, "utcoffset"))?.is_none() {
        return Err(Problem::value("a datetime with a time zone needed, found one without"));
    }
    let epoch =
        EPOCH.get_or_try_init(py, || instant_to_python(py, Timestamp::UNIX_EPOCH).map(Bound::unbind))?;
    let since = instant.sub(epoch.bind(py))?.cast_into::<PyDelta>().map_err(PyErr::from)?;
    let seconds = i64::from(since.get_days()) * 86_400 + i64::from(since.get_seconds());
    Ok(Timestamp::from_unix_micros(seconds * MICROS_PER_SECOND + i64::from(since.get_microseconds())))
}
