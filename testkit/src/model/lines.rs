//! Sequences of commands that a fuzzer chooses.

use std::thread_local;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::command::{Command, Play, Who};
use super::random::{self, MAX_STEPS};

thread_local! {
    /// Made once: there are some hundred strategies in it.
    static STEP: BoxedStrategy<(Who, Command)> = random::step();
}

/// The sequence that `choices` stand for: the first line for its beginning, each other line for one command.
pub(super) fn play(choices: &[u8]) -> Play {
    let mut lines = choices.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let mut steps = drawn(&random::begin(), first);
    steps.extend(STEP.with(|step| lines.take(MAX_STEPS).map(|line| drawn(step, line)).collect::<Vec<_>>()));
    Play { approver_must_differ: first.contains(&b'!'), steps }
}

/// What a strategy draws when the line is all there is of chance.
fn drawn<S: Strategy>(strategy: &S, line: &[u8]) -> S::Value {
    let mut seed = [0; 32];
    for (place, byte) in line.iter().enumerate() {
        seed[place % 32] ^= *byte;
    }
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    strategy.new_tree(&mut runner).expect("a strategy that refuses nothing").current()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_command_whatever_stands_in_the_others() {
        let shown = |choices: &[u8]| {
            let steps = play(choices).steps;
            steps[steps.len() - 1..].iter().map(|step| format!("{step:?}")).collect::<Vec<_>>()
        };
        assert_eq!(shown(b"a\nb\nc"), shown(b"a\nx\nc"));
        assert_ne!(shown(b"a\nb\nc"), shown(b"a\nb\nd"));
        assert_eq!(play(b"a\nb\nc").steps.len(), play(b"a").steps.len() + 2);
    }
}
