//! What came of fuzzing, read from what libFuzzer prints.

use std::time::Duration;

use crate::table;

/// How a target went.
pub(super) struct Outcome {
    pub(super) target: &'static str,
    /// Whether no input broke the law.
    pub(super) passed: bool,
    pub(super) statistics: Statistics,
    pub(super) time: Duration,
}

/// What a target tells of its work; none where it ended before it did.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Statistics {
    /// Inputs tried.
    executions: Option<u64>,
    /// Edges of the program that were reached.
    edges: Option<u64>,
    /// Inputs that reached something the others did not.
    kept: Option<u64>,
}

impl Statistics {
    /// Reads lines such as `#8192  pulse  cov: 310 ft: 402 corp: 57/3Kb ...`, of which the last one counts, and
    /// `stat::number_of_executed_units: 8192`.
    pub(super) fn read(told: &str) -> Self {
        let mut found = Self::default();
        for line in told.lines() {
            if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
                found.executions = number.trim().parse().ok();
            } else if line.starts_with('#') {
                let words: Vec<_> = line.split_whitespace().collect();
                let after = |word: &str| {
                    let place = words.iter().position(|found| *found == word)?;
                    words.get(place + 1)?.split('/').next()?.parse().ok()
                };
                found.edges = after("cov:").or(found.edges);
                found.kept = after("corp:").or(found.kept);
            }
        }
        found
    }
}

/// The last lines of what a target tells, which say what is broken and by which input.
pub(super) fn end_of(told: &str) -> String {
    const LINES: usize = 60;
    let lines: Vec<_> = told.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

pub(super) fn table(outcomes: &[Outcome]) -> String {
    let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let rows: Vec<_> = outcomes
        .iter()
        .map(|Outcome { target, passed, statistics: Statistics { executions, edges, kept }, time }| {
            let law = if *passed { "holds" } else { "BROKEN" };
            let [executions, edges, kept] = [executions, edges, kept].map(|found| number(*found));
            [target.to_string(), law.to_owned(), executions, edges, kept, table::duration(*time)]
        })
        .collect();
    table::render(["target", "law", "executions", "edges", "inputs kept", "time"], &rows, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
INFO: Seed: 1
#7\tINITED cov: 120 ft: 130 corp: 5/1Kb exec/s: 0 rss: 40Mb
#64\tNEW    cov: 121 ft: 131 corp: 6/1Kb lim: 4 exec/s: 0 rss: 40Mb L: 3/4 MS: 1 EraseBytes-
#512\tDONE   cov: 125 ft: 140 corp: 9/2Kb lim: 4 exec/s: 51 rss: 40Mb
Done 512 runs in 11 second(s)
stat::number_of_executed_units: 512
stat::new_units_added:          4
";

    #[test]
    fn statistics_are_the_last_that_are_told() {
        let want = Statistics { executions: Some(512), edges: Some(125), kept: Some(9) };
        assert_eq!(Statistics::read(TOLD), want);
        assert_eq!(Statistics::read("thread panicked"), Statistics::default());
    }

    #[test]
    fn a_broken_law_stands_out() {
        let outcome = |passed| Outcome {
            target: "rules",
            passed,
            statistics: Statistics::read(if passed { TOLD } else { "" }),
            time: Duration::from_secs(11),
        };
        let shown = table(&[outcome(true), outcome(false)]);
        let rows: Vec<Vec<_>> = shown.lines().skip(2).map(|row| row.split_whitespace().collect()).collect();
        assert_eq!(rows[0], ["rules", "holds", "512", "125", "9", "11.0", "s"]);
        assert_eq!(rows[1], ["rules", "BROKEN", "-", "-", "-", "11.0", "s"]);
    }

    #[test]
    fn only_the_end_of_a_long_tale_is_shown() {
        let told: Vec<_> = (0..100).map(|line| line.to_string()).collect();
        let end = end_of(&told.join("\n"));
        assert!(end.starts_with("40\n") && end.ends_with("\n99"));
        assert_eq!(end_of("short"), "short");
    }
}
