//! A writer that is killed at any moment leaves whole commits behind, and all that it told of as done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use misp_onboarding_crashes::journal::{Flaw, Line};
use misp_onboarding_crashes::ledger::{Ledger, Tally};
use misp_onboarding_crashes::place::NewPlace;
use misp_onboarding_crashes::process::Process;
use misp_onboarding_crashes::supply::Supply;
use misp_onboarding_crashes::work::Job;
use misp_onboarding_testkit::scenario::BEGIN;
use support::{Examined, WRITER, disk, examine, seed, url};

/// How often a writer is killed on each store.
const KILLS: usize = 200;
/// How often on the same store, before the next one begins with nothing.
const KILLS_OF_A_STORE: usize = 20;
/// The most commits that a writer is given time for.
const COMMITS_OF_A_LIFE: usize = 16;
/// The longest that a writer is left to its commits, however slow the disk is.
const LONGEST_LIFE: Duration = Duration::from_millis(300);

#[test]
fn on_sqlite() {
    kill_writers("SQLite", || NewPlace::sqlite(&disk()));
}

#[test]
fn on_postgresql() {
    kill_writers("PostgreSQL", || NewPlace::postgres(&url()));
}

fn kill_writers(store: &str, new_place: impl Fn() -> NewPlace) {
    let seed = seed();
    println!("{store}: CRASHES_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let supply = Supply::make();
    let (mut within_a_commit, mut while_opening) = (0, 0);
    let (mut tally, mut events) = (Tally::default(), 0);
    for _ in 0..KILLS / KILLS_OF_A_STORE {
        let place = new_place();
        let mut ledger = Ledger::default();
        let mut examined = None;
        for life in 0..KILLS_OF_A_STORE {
            let killed = live_and_die(&place, life, &mut rng, &supply, None, &mut ledger);
            within_a_commit += usize::from(killed == Killed::WithinACommit);
            while_opening += usize::from(killed == Killed::WhileOpening);
            let found = examine(&place, &mut ledger);
            found.must_be_well(&format!("{store}, life {life}, CRASHES_SEED={seed}"));
            examined = Some(found);
        }
        tally += ledger.tally();
        events += examined.map_or(0, |found: Examined| found.events);
    }
    println!(
        "{store}: {KILLS} kills, {within_a_commit} of them within a commit, {while_opening} while opening the store; \
         {} commits acknowledged and all there, {} cut off of which {} are there whole; {events} events",
        tally.acknowledged,
        tally.unknown_there + tally.unknown_gone,
        tally.unknown_there,
    );
    assert!(within_a_commit >= KILLS / 5, "kills must meet commits, {within_a_commit} of {KILLS} did");
    assert!(tally.acknowledged >= KILLS, "writers must write, found {tally:?}");
}

/// Where a writer was when it was killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Killed {
    WhileOpening,
    BetweenCommits,
    WithinACommit,
}

/// Starts a writer and kills it after a while.
fn live_and_die(
    place: &NewPlace,
    life: usize,
    rng: &mut Rng,
    supply: &Supply,
    flaw: Option<Flaw>,
    ledger: &mut Ledger,
) -> Killed {
    let name = format!("writer-{life}");
    let job = Job {
        place: place.place().clone(),
        name: name.clone(),
        begin_micros: BEGIN.unix_micros() + i64::try_from(life).unwrap() * 1_000_000,
        seed: rng.u64(..),
        supply: supply.clone(),
        flaw,
    };
    let mut writer = Process::start(WRITER, &name, &job);
    let mut ready = false;
    // Some are killed while they start, make the tables or find what the one before left.
    if rng.usize(..10) > 0 {
        let line = writer.next();
        assert_eq!(line, Some(Line::Ready), "a writer opens the store that another one was killed on");
        ready = true;
        let commit = let_commit(&writer, rng.usize(..=COMMITS_OF_A_LIFE), ledger);
        // Anywhere within the commit that it has begun, or soon after.
        thread::sleep(commit.mul_f64(rng.f64() * 1.5));
    } else {
        thread::sleep(Duration::from_micros(rng.u64(..30_000)));
    }
    writer.kill();
    while let Some(line) = writer.next() {
        ready |= line == Line::Ready;
        ledger.write(&name, &line);
    }
    match (ready, ledger.killed(&name)) {
        (false, _) => Killed::WhileOpening,
        (true, false) => Killed::BetweenCommits,
        (true, true) => Killed::WithinACommit,
    }
}

/// Lets the writer begin so many commits, and gives the time that one took.
fn let_commit(writer: &Process, commits: usize, ledger: &mut Ledger) -> Duration {
    let started = Instant::now();
    let mut begun = 0;
    while begun < commits {
        let left = LONGEST_LIFE.saturating_sub(started.elapsed());
        let Some(line) = writer.next_within(left) else { break };
        begun += usize::from(matches!(line, Line::Attempt(_)));
        ledger.write(writer.name(), &line);
    }
    started.elapsed() / u32::try_from(begun.max(1)).unwrap()
}

/// Kills writers with a mistake until something is found wrong, and gives that.
fn found_with(flaw: Flaw) -> Examined {
    let mut rng = Rng::with_seed(seed());
    let supply = Supply::make();
    for _ in 0..10 {
        let place = NewPlace::sqlite(&disk());
        let mut ledger = Ledger::default();
        for life in 0..KILLS_OF_A_STORE {
            live_and_die(&place, life, &mut rng, &supply, Some(flaw), &mut ledger);
            let found = examine(&place, &mut ledger);
            if !(found.invariants.is_empty() && found.ledger.is_empty()) {
                println!("{flaw:?}: found after {} kills", life + 1);
                return found;
            }
        }
    }
    panic!("{flaw:?} is not found");
}

#[test]
fn a_store_that_commits_in_halves_is_found_out() {
    let found = found_with(Flaw::CommitsInHalves);
    assert!(!found.invariants.is_empty(), "the records lack their events: {:#?}", found.ledger);
}

#[test]
fn a_writer_that_tells_too_early_is_found_out() {
    let found = found_with(Flaw::TellsTooEarly);
    assert!(
        found.ledger.iter().any(|wrong| wrong.contains("acknowledged and not there")),
        "{:#?}",
        found.ledger
    );
    assert!(found.invariants.is_empty(), "what is there is whole: {:#?}", found.invariants);
}
