//! What benchmarks write, as a table.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::table;

/// One measurement beside another, as a benchmark writes it.
#[derive(Deserialize)]
pub(super) struct Row {
    case: String,
    yardstick: String,
    ours_ns: Option<f64>,
    yardstick_ns: Option<f64>,
    ratio: Option<f64>,
    bar: Option<f64>,
    allocations: Option<f64>,
    amount: Option<f64>,
    unit: Option<String>,
    absent: Option<String>,
}

impl Row {
    /// Whether the bar is met; none where there is no bar, or nothing was measured.
    fn is_met(&self) -> Option<bool> {
        Some(self.ratio? <= self.bar?)
    }

    fn verdict(&self) -> String {
        match (&self.absent, self.bar, self.is_met()) {
            (Some(reason), ..) => format!("absent: {reason}"),
            (None, Some(bar), Some(true)) => format!("at most {}: met", rounded(bar)),
            (None, Some(bar), _) => format!("at most {}: MISSED", rounded(bar)),
            _ => String::new(),
        }
    }

    /// What is no time: a number, with its unit where the column's title does not say it.
    fn counted(&self) -> String {
        match (self.amount, &self.unit, self.allocations) {
            (Some(amount), Some(unit), _) => format!("{} {unit}", rounded(amount)),
            (_, _, Some(count)) => format!("{count:.0}"),
            _ => String::new(),
        }
    }
}

/// Three digits after the point, as far as they say something.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

/// Reads what a benchmark has written.
pub(super) fn read(output: &Path) -> Result<Vec<Row>> {
    let json = fs::read_to_string(output).with_context(|| format!("cannot read {}", output.display()))?;
    Ok(serde_json::from_str(&json)?)
}

/// The table, whose last column is called `counted`.
pub(super) fn show(rows: &[Row], counted: &str) -> String {
    let microseconds = |time: Option<f64>| match time {
        // What takes less than a microsecond is told to the nanosecond.
        Some(time) if time < 1e3 => format!("{:.3}", time / 1e3),
        Some(time) => format!("{:.1}", time / 1e3),
        None => String::new(),
    };
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            [
                row.case.clone(),
                row.yardstick.clone(),
                row.verdict(),
                microseconds(row.ours_ns),
                microseconds(row.yardstick_ns),
                row.ratio.map(|ratio| format!("{ratio:.3}")).unwrap_or_default(),
                row.counted(),
            ]
        })
        .collect();
    table::render(["case", "yardstick", "bar", "ours, us", "yardstick, us", "ratio", counted], &cells, 3)
}

/// How many bars there are, how many of them are met, and the cases that miss theirs.
pub(super) fn summary(rows: &[Row]) -> String {
    let judged: Vec<_> = rows.iter().filter_map(|row| Some((row, row.is_met()?))).collect();
    let missed: Vec<_> = judged.iter().filter(|(_, met)| !met).map(|(row, _)| row).collect();
    let mut text = format!("{} of {} bars are met.", judged.len() - missed.len(), judged.len());
    for row in missed {
        text +=
            &format!("\nMISSED: {}, beside {}: {}", row.case, row.yardstick, row.ratio.unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let json = r#"[
            {"case": "a", "yardstick": "b", "ours_ns": 2500, "yardstick_ns": 2000, "ratio": 1.25, "bar": 1.3,
             "allocations": 7, "absent": null},
            {"case": "a", "yardstick": "c", "ours_ns": 2500, "yardstick_ns": 2000, "ratio": 1.25, "bar": 1.2,
             "allocations": null, "absent": null},
            {"case": "a", "yardstick": "d", "ours_ns": null, "yardstick_ns": null, "ratio": null, "bar": null,
             "allocations": null, "absent": "no such library"},
            {"case": "a", "yardstick": "1 commit", "ours_ns": null, "yardstick_ns": null, "ratio": 1.0, "bar": 1.0,
             "allocations": null, "amount": 1.0, "unit": "commits a command", "absent": null},
            {"case": "a", "yardstick": "e", "ours_ns": 150.4, "yardstick_ns": 100, "ratio": 1.504, "bar": null,
             "allocations": null, "absent": null}
        ]"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_table_says_of_each_bar_whether_it_is_met() {
        let table = show(&rows(), "allocations");
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect())
            .collect();
        assert_eq!(lines[2], ["a", "b", "at most 1.3: met", "2.5", "2.0", "1.250", "7"]);
        assert_eq!(lines[3], ["a", "c", "at most 1.2: MISSED", "2.5", "2.0", "1.250"]);
        assert_eq!(lines[4], ["a", "d", "absent: no such library"]);
        assert_eq!(lines[5], ["a", "1 commit", "at most 1: met", "1.000", "1 commits a command"]);
        assert_eq!(lines[6], ["a", "e", "0.150", "0.100", "1.504"]);
    }

    #[test]
    fn the_summary_counts_bars_and_names_those_that_are_missed() {
        assert_eq!(summary(&rows()), "2 of 3 bars are met.\nMISSED: a, beside c: 1.25");
    }
}
