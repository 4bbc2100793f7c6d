//! Counting tests from what their runners print.

use std::{iter::Sum, ops::AddAssign};

/// How many tests ran, and how they went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) ignored: u64,
}

impl Counts {
    /// The same, except that a runner which broke (its tests did not compile, say) or ran nothing at all
    /// counts as one failure.
    pub(super) fn judged(mut self, succeeded: bool) -> Self {
        if self.failed == 0 && (!succeeded || self.passed == 0) {
            self.failed = 1;
        }
        self
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, counts| {
            sum += counts;
            sum
        })
    }
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; ...`, which `cargo test` prints for every test
/// binary and for each crate's documentation.
pub(super) fn cargo_test(line: &str) -> Option<Counts> {
    let (_verdict, facts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut facts = facts.split("; ").map(|fact| fact.trim_end_matches(';'));
    let mut next = |label| facts.next()?.strip_suffix(label)?.trim_end().parse().ok();
    Some(Counts { passed: next("passed")?, failed: next("failed")?, ignored: next("ignored")? })
}

/// `[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 1`, which Maven prints once for all tests; the lines that it
/// prints for each class go on with the time.
pub(super) fn maven(line: &str) -> Option<Counts> {
    let (_level, facts) = line.split_once("] Tests run: ")?;
    let mut facts = facts.split(", ");
    let run: u64 = facts.next()?.parse().ok()?;
    let mut next = |label| facts.next()?.strip_prefix(label)?.parse::<u64>().ok();
    let failed = next("Failures: ")?.checked_add(next("Errors: ")?)?;
    let ignored = next("Skipped: ")?;
    if facts.next().is_some() {
        return None;
    }
    Some(Counts { passed: run.checked_sub(failed)?.checked_sub(ignored)?, failed, ignored })
}

/// Of a program that is one test: the line it prints when it has passed.
pub(super) fn one_line(line: &str, passed: &str) -> Option<Counts> {
    line.starts_with(passed).then_some(Counts { passed: 1, ..Counts::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_a_test_binary_is_read() {
        let counts = |passed, failed, ignored| Some(Counts { passed, failed, ignored });
        let cases = [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
                counts(12, 0, 1),
            ),
            (
                "test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
                counts(7, 2, 0),
            ),
            ("test partner::tests::id_starts_with_a_letter ... ok", None),
            ("running 12 tests", None),
            ("test result: unknown", None),
            ("printed by a test: test result: ok. 1 passed; 0 failed; 0 ignored;", None),
            ("", None),
        ];
        for (line, want) in cases {
            assert_eq!(cargo_test(line), want, "{line}");
        }
    }

    #[test]
    fn a_program_passes_with_its_line() {
        assert_eq!(one_line("Success: 3 files", "Success:").map(|counts| counts.passed), Some(1));
        assert_eq!(one_line("error: Success:", "Success:"), None);
    }

    #[test]
    fn a_runner_that_broke_counts_as_one_failure() {
        let passed = Counts { passed: 3, ..Counts::default() };
        assert_eq!(passed.judged(true), passed);
        assert_eq!(passed.judged(false), Counts { failed: 1, ..passed });
        assert_eq!(Counts::default().judged(true).failed, 1);
        let failed = Counts { failed: 2, ..passed };
        assert_eq!(failed.judged(false), failed);
    }

    #[test]
    fn the_closing_line_of_maven_is_read_and_those_of_classes_are_not() {
        let counts = |passed, failed, ignored| Some(Counts { passed, failed, ignored });
        let cases = [
            ("[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 1", counts(11, 0, 1)),
            ("[ERROR] Tests run: 12, Failures: 2, Errors: 1, Skipped: 0", counts(9, 3, 0)),
            (
                "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.5 s -- in io.GuideTest",
                None,
            ),
            ("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0", None),
            ("[INFO] Tests run: many, Failures: 0, Errors: 0, Skipped: 0", None),
            ("[INFO] BUILD SUCCESS", None),
        ];
        for (line, want) in cases {
            assert_eq!(maven(line), want, "{line}");
        }
    }
}
