//! Two things taking turns.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Something that is done again and again.
pub(super) trait Act: FnMut() -> Result<()> {}

impl<A: FnMut() -> Result<()>> Act for A {}

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How long a turn takes, as far as one time does not take longer.
    pub turn: Duration,
    /// How long both take turns.
    pub whole: Duration,
}

/// The fewest turns of each, however long they take.
const FEWEST_ROUNDS: u32 = 3;

/// Lets both take turns, and gives what one time takes each in its best turn, in nanoseconds. The best and not the
/// usual one: whatever else runs on the machine only ever adds.
///
/// # Errors
/// What one of them says.
pub(super) fn side_by_side(
    effort: Effort,
    mut ours: impl Act,
    mut yardstick: impl Act,
) -> Result<(f64, f64)> {
    let counts = (times_in_turn(effort, &mut ours)?, times_in_turn(effort, &mut yardstick)?);
    let mut best = (f64::INFINITY, f64::INFINITY);
    let started = Instant::now();
    let mut round = 0;
    while round < FEWEST_ROUNDS || started.elapsed() < effort.whole {
        best.0 = f64::min(best.0, turn(&mut ours, counts.0)?);
        best.1 = f64::min(best.1, turn(&mut yardstick, counts.1)?);
        round += 1;
    }
    Ok(best)
}

/// How often it can be done in a turn.
fn times_in_turn(effort: Effort, act: &mut impl Act) -> Result<u32> {
    // The first time reads from the disk, prepares the statement, opens the connection.
    act()?;
    let started = Instant::now();
    let mut times = 0;
    while times == 0 || started.elapsed() < effort.turn {
        act()?;
        times += 1;
    }
    Ok(times)
}

/// Nanoseconds for each time.
fn turn(act: &mut impl Act, times: u32) -> Result<f64> {
    let started = Instant::now();
    for _ in 0..times {
        act()?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e9 / f64::from(times))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::thread::sleep;

    use super::*;

    #[test]
    fn both_take_turns_and_each_is_divided_by_its_own_number_of_times() {
        let (ours, yardstick) = (Cell::new(0), Cell::new(0));
        let effort = Effort { turn: Duration::from_millis(4), whole: Duration::from_millis(20) };
        let slow = || {
            ours.set(ours.get() + 1);
            sleep(Duration::from_millis(10));
            Ok(())
        };
        let fast = || {
            yardstick.set(yardstick.get() + 1);
            sleep(Duration::from_millis(1));
            Ok(())
        };
        let (slow, fast) = side_by_side(effort, slow, fast).unwrap();
        // Sleeping takes at least the time asked for, however busy the machine is.
        assert!(slow >= 10e6 && fast >= 1e6, "{slow} {fast}");
        assert!(ours.get() >= 2 + FEWEST_ROUNDS && yardstick.get() >= 2 + FEWEST_ROUNDS);
    }

    #[test]
    fn what_fails_is_told() {
        let effort = Effort { turn: Duration::ZERO, whole: Duration::ZERO };
        let failed = side_by_side(effort, || Ok(()), || anyhow::bail!("refused")).unwrap_err();
        assert_eq!(failed.to_string(), "refused");
    }
}
