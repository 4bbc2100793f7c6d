//! Four processes race on one store: each race has exactly the outcomes that it may have, and no update is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use misp_onboarding::Timestamp;
use misp_onboarding_crashes::journal::{Journal, Line};
use misp_onboarding_crashes::ledger::Ledger;
use misp_onboarding_crashes::place::NewPlace;
use misp_onboarding_crashes::process::Process;
use misp_onboarding_crashes::race::{Racer, Round};
use misp_onboarding_testkit::conformance::Layered;
use misp_onboarding_testkit::races::{Outcomes, Race, Side, all};
use misp_onboarding_testkit::scenario::{BEGIN, Scenario};
use support::{disk, examine, url};

/// The program that races.
const RACER: &str = env!("CARGO_BIN_EXE_racer");
/// Half of them give the first command, half the second.
const RACERS: usize = 4;
/// How often each race is run.
const ROUNDS: usize = 25;

#[test]
fn on_one_sqlite_file() {
    race("SQLite", NewPlace::sqlite(&disk()));
}

#[test]
fn on_postgresql() {
    race("PostgreSQL", NewPlace::postgres(&url()));
}

fn race(store: &str, place: NewPlace) {
    let mut track = Track::new(&place);
    let races = all();
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 0..ROUNDS {
        for (number, race) in races.iter().enumerate() {
            *met.entry(race.name).or_default() += usize::from(track.run(number, race, round) > 0);
        }
    }
    track.listen_to_preparations();
    examine(&place, &mut track.ledger).must_be_well(store);
    let rounds = ROUNDS * races.len();
    let contested: usize = met.values().sum();
    println!(
        "{store}: {RACERS} processes in {rounds} rounds of {} races; in {contested} of them somebody's commit came too \
         late; {} commits, none lost",
        races.len(),
        track.ledger.tally().acknowledged
    );
    println!("{store}: rounds of {ROUNDS} in which a commit came too late: {met:#?}");
    assert!(contested >= rounds / 10, "processes must meet, they did in {contested} of {rounds} rounds");
}

/// Who prepares and judges rounds, and the racers.
struct Track {
    scenario: Scenario,
    preparations: Arc<Mutex<Vec<Line>>>,
    racers: Vec<Process>,
    ledger: Ledger,
    started: usize,
}

impl Track {
    fn new(place: &NewPlace) -> Self {
        let preparations = Arc::new(Mutex::new(Vec::new()));
        let lines = preparations.clone();
        let journal =
            Journal::new(place.place().open().unwrap(), move |line| lines.lock().unwrap().push(line.clone()));
        let start = |number: usize| {
            let name = format!("racer-{number}");
            let racer = Racer { place: place.place().clone(), name: name.clone() };
            let racer = Process::start(RACER, &name, &racer);
            assert_eq!(racer.next(), Some(Line::Ready));
            racer
        };
        Self {
            scenario: Scenario::new(Arc::new(Layered(journal))),
            preparations,
            racers: (0..RACERS).map(start).collect(),
            ledger: Ledger::default(),
            started: 0,
        }
    }

    /// Runs one round, and says how many commits were refused as another one was first.
    fn run(&mut self, number: usize, race: &Race, round: usize) -> usize {
        // Each round has an instant of its own, which all clocks show.
        self.started += 1;
        let now = Timestamp::from_unix_micros(BEGIN.unix_micros() + i64::try_from(self.started).unwrap());
        self.scenario.clock.set(now);
        let subject = (race.prepare)(&self.scenario, &format!("{number}-{round}"));
        for (place, racer) in self.racers.iter_mut().enumerate() {
            let round = Round {
                race: number,
                side: if place % 2 == 0 { 1 } else { 2 },
                now_micros: now.unix_micros(),
                subject: subject.texts.clone(),
            };
            racer.order(&serde_json::to_string(&round).unwrap());
        }
        for racer in &self.racers {
            assert_eq!(racer.next(), Some(Line::Ready), "{} gets ready for {}", racer.name(), race.name);
        }
        // Each is told to go first in its turn.
        for place in 0..RACERS {
            self.racers[(place + round) % RACERS].order("go");
        }
        let mut outcomes = Outcomes::default();
        let mut refused = 0;
        self.listen_to_preparations();
        for (place, racer) in self.racers.iter().enumerate() {
            let side = if place % 2 == 0 { Side::One } else { Side::Two };
            loop {
                let line = racer.next().unwrap_or_else(|| panic!("{} ended in {}", racer.name(), race.name));
                self.ledger.write(racer.name(), &line);
                refused += usize::from(line == Line::Refused);
                if let Line::Raced(result) = line {
                    outcomes.all.push((side, result));
                    break;
                }
            }
        }
        (race.check)(&self.scenario, &subject, &outcomes);
        refused
    }

    fn listen_to_preparations(&mut self) {
        for line in self.preparations.lock().unwrap().drain(..) {
            self.ledger.write("preparation", &line);
        }
    }
}
