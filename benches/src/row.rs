//! What a benchmark tells: one measurement beside another of the same run.

use serde::Serialize;

/// One measurement beside another of the same run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// What was measured.
    pub case: String,
    /// What it is held against.
    pub yardstick: String,
    /// Nanoseconds that ours takes.
    pub ours_ns: Option<f64>,
    /// Nanoseconds that the yardstick takes.
    pub yardstick_ns: Option<f64>,
    /// Ours in yardsticks.
    pub ratio: Option<f64>,
    /// The most the ratio may be.
    pub bar: Option<f64>,
    /// Allocations of one time, where counted.
    pub allocations: Option<f64>,
    /// What is no time, where there is such a thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// What the amount counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// Why there is no measurement.
    pub absent: Option<String>,
}

impl Row {
    /// Two times, in nanoseconds.
    pub fn of_times(
        case: impl Into<String>,
        ours_ns: f64,
        (yardstick, yardstick_ns): (impl Into<String>, f64),
        bar: Option<f64>,
    ) -> Self {
        Self {
            case: case.into(),
            yardstick: yardstick.into(),
            ours_ns: Some(ours_ns),
            yardstick_ns: Some(yardstick_ns),
            ratio: Some(ours_ns / yardstick_ns),
            bar,
            ..Self::default()
        }
    }

    /// A count, where it has a bar as its ratio to the one allowed.
    pub fn of_amount(
        case: impl Into<String>,
        (amount, unit): (f64, &'static str),
        allowed: Option<(&str, f64)>,
    ) -> Self {
        Self {
            case: case.into(),
            yardstick: allowed.map(|(yardstick, _)| yardstick.to_owned()).unwrap_or_default(),
            ratio: allowed.map(|(_, allowed)| amount / allowed),
            bar: allowed.map(|_| 1.0),
            amount: Some(amount),
            unit: Some(unit),
            ..Self::default()
        }
    }

    /// The same with what was counted beside.
    #[must_use]
    pub fn with_amount(self, amount: f64, unit: &'static str) -> Self {
        Self { amount: Some(amount), unit: Some(unit), ..self }
    }

    /// No measurement, and why.
    pub fn absent(case: impl Into<String>, yardstick: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            case: case.into(),
            yardstick: yardstick.into(),
            absent: Some(reason.into()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_null_and_what_is_no_time_shows_only_where_it_is() {
        let times = Row::of_times("a", 30.0, ("b", 20.0), Some(1.3));
        let json = r#"{"case":"a","yardstick":"b","ours_ns":30.0,"yardstick_ns":20.0,"ratio":1.5,"bar":1.3,"allocations":null,"absent":null}"#;
        assert_eq!(serde_json::to_string(&times).unwrap(), json);
        let amount = Row::of_amount("a", (3.0, "commits a command"), Some(("1 commit", 1.0)));
        let json = r#"{"case":"a","yardstick":"1 commit","ours_ns":null,"yardstick_ns":null,"ratio":3.0,"bar":1.0,"allocations":null,"amount":3.0,"unit":"commits a command","absent":null}"#;
        assert_eq!(serde_json::to_string(&amount).unwrap(), json);
        assert_eq!(Row::absent("a", "b", "no server").absent.as_deref(), Some("no server"));
    }
}
