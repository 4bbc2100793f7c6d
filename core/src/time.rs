//! Instants and where they come from.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;

/// An instant: microseconds since 1970-01-01T00:00:00Z, as every store keeps it to the last digit.
///
/// The range is that of [`Timestamp::MIN`] to [`Timestamp::MAX`] (years -9999 to 9999); arithmetic stops at
/// either end instead of wrapping around.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

impl Timestamp {
    /// The earliest instant, -9999-01-02T01:59:59Z.
    pub const MIN: Self = Self(-377_705_023_201 * MICROS_PER_SECOND);
    /// The latest instant, 9999-12-30T21:59:59.999999Z.
    pub const MAX: Self = Self(253_402_207_199 * MICROS_PER_SECOND + 999_999);
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The instant `micros` microseconds after 1970-01-01T00:00:00Z, brought into the range.
    pub const fn from_unix_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// The instant `seconds` seconds after 1970-01-01T00:00:00Z, brought into the range.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self::from_unix_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This instant plus `duration`, no later than [`Timestamp::MAX`].
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_unix_micros(self.0.saturating_add(micros))
    }

    /// This instant less `duration`, no earlier than [`Timestamp::MIN`].
    pub fn minus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_unix_micros(self.0.saturating_sub(micros))
    }

    /// This instant plus `days` times 24 hours.
    pub const fn plus_days(self, days: i64) -> Self {
        Self::from_unix_micros(
            self.0.saturating_add(days.saturating_mul(SECONDS_PER_DAY * MICROS_PER_SECOND)),
        )
    }

    /// The same time of day `months` calendar months later in UTC; where that month is too short, on its last
    /// day (12 months after 29 February is 28 February).
    pub fn plus_calendar_months(self, months: u32) -> Self {
        let Ok(instant) = jiff::Timestamp::from_microsecond(self.0) else { return Self::MAX };
        instant
            .to_zoned(TimeZone::UTC)
            .checked_add(jiff::Span::new().months(i64::from(months.min(12 * 9_999))))
            .map_or(Self::MAX, |later| Self::from_unix_micros(later.timestamp().as_microsecond()))
    }

    /// The time from `earlier` to this instant; zero where `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole days (24 hours) from `earlier` to this instant, rounded down; negative where `earlier` is later.
    pub const fn whole_days_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(SECONDS_PER_DAY * MICROS_PER_SECOND)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many digits of the second as are not zero: `2026-01-15T12:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{} microseconds after 1970-01-01T00:00:00Z", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an RFC 3339 instant within the range of [`Timestamp`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an RFC 3339 instant such as 2026-01-15T12:00:00Z is needed, found {found:?}")]
pub struct InvalidTimestamp {
    /// The text, at most its first 64 characters.
    pub found: String,
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads RFC 3339; digits of the second after the sixth are cut off.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self::from_unix_micros(instant.as_microsecond()))
            .map_err(|_| InvalidTimestamp { found: text.chars().take(64).collect() })
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self::UNIX_EPOCH.plus(after),
            Err(before) => Self::UNIX_EPOCH.minus(before.duration()),
        }
    }
}

/// An instant that the platform's clock cannot hold becomes 1970-01-01T00:00:00Z.
impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        let distance = Duration::from_micros(time.0.unsigned_abs());
        let known =
            if time.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        known.unwrap_or(UNIX_EPOCH)
    }
}

crate::wire::text_on_the_wire!(Timestamp);

/// Where the engine takes the present instant from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn twelve_calendar_months_end_on_the_same_day_or_the_last_of_a_shorter_month() {
        for (from, months, to) in [
            ("2026-01-15T12:00:00Z", 12, "2027-01-15T12:00:00Z"),
            ("2024-02-29T00:00:00Z", 12, "2025-02-28T00:00:00Z"),
            ("2023-02-28T23:59:59.999999Z", 12, "2024-02-28T23:59:59.999999Z"),
            ("2026-01-31T10:00:00Z", 1, "2026-02-28T10:00:00Z"),
            ("2026-12-31T10:00:00Z", 2, "2027-02-28T10:00:00Z"),
        ] {
            assert_eq!(at(from).plus_calendar_months(months), at(to), "{from} and {months} months");
        }
        assert_eq!(Timestamp::MAX.plus_calendar_months(1), Timestamp::MAX);
    }

    #[test]
    fn text_and_system_time_keep_every_microsecond() {
        for text in [
            "1949-12-31T23:59:59.000001Z",
            "1970-01-01T00:00:00Z",
            "2026-01-15T12:00:00.123456Z",
            "9999-12-30T00:00:00Z",
        ] {
            assert_eq!(at(text).to_string(), text);
            assert_eq!(Timestamp::from(SystemTime::from(at(text))), at(text));
        }
        assert_eq!(Timestamp::MIN.to_string().parse(), Ok(Timestamp::MIN));
        assert_eq!(Timestamp::MAX.to_string().parse(), Ok(Timestamp::MAX));
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_the_range() {
        assert_eq!(Timestamp::MAX.plus(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.minus(Duration::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::MAX.plus_days(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::from_unix_seconds(i64::MIN), Timestamp::MIN);
        assert_eq!(at("2026-01-01T00:00:00Z").since(at("2027-01-01T00:00:00Z")), Duration::ZERO);
        assert_eq!(at("2026-01-01T23:59:59Z").whole_days_since(at("2026-01-01T00:00:00Z")), 0);
        assert_eq!(at("2026-01-02T00:00:00Z").whole_days_since(at("2026-01-01T00:00:00Z")), 1);
        assert_eq!(at("2026-01-01T00:00:00Z").whole_days_since(at("2026-01-01T00:00:00.000001Z")), -1);
    }
}
