//! A PostgreSQL server that is killed under load comes back with whole commits and all that it had acknowledged, and
//! its writers go on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod support;

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use misp_onboarding_crashes::journal::Line;
use misp_onboarding_crashes::ledger::Ledger;
use misp_onboarding_crashes::place::NewPlace;
use misp_onboarding_crashes::process::Process;
use misp_onboarding_crashes::supply::Supply;
use misp_onboarding_crashes::work::Job;
use misp_onboarding_testkit::scenario::BEGIN;
use misp_onboarding_testserver::Server;
use support::{WRITER, disk, examine, seed};

const CRASHES: usize = 20;
/// After a crash the server makes sure of every file it has; one call for all of them takes less time.
const SETTINGS: &[&str] = &["recovery_init_sync_method=syncfs"];
const WRITERS: usize = 4;
/// Writers that do nothing for this long hang.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_server_killed_under_load_keeps_what_it_acknowledged_and_its_writers_go_on() {
    let seed = seed();
    println!("server: CRASHES_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let mut server = Server::start(&disk(), SETTINGS).unwrap();
    let place = NewPlace::postgres(&server.url());
    let mut ledger = Ledger::default();
    let mut load = Load::start(&place, &mut rng);
    for crash in 0..CRASHES {
        let commits = rng.usize(1..20);
        load.listen_until(&mut ledger, |writer| writer.acknowledged >= commits);
        thread::sleep(Duration::from_micros(rng.u64(..20_000)));
        // Now and then the main process alone: the others may finish what they are doing, and then end.
        if crash % 5 == 4 { server.kill() } else { server.crash() }.unwrap();
        load.listen_until(&mut ledger, |writer| writer.refused > 0);
        server.resume().unwrap();
        load.listen_until(&mut ledger, |writer| writer.acknowledged > 0);
        load.pause(&mut ledger);
        examine(&place, &mut ledger).must_be_well(&format!("crash {crash}, CRASHES_SEED={seed}"));
        load.go_on();
    }
    let tally = ledger.tally();
    println!(
        "server: killed {CRASHES} times under {WRITERS} writers; {} commits acknowledged and all there, {} not \
         answered of which {} are there whole; what writers were told:",
        tally.acknowledged,
        tally.unknown_there + tally.unknown_gone,
        tally.unknown_there,
    );
    for ((code, text), times) in &load.errors {
        println!("{times:>6} x {code}: {text}");
        assert_eq!(code, "store.unavailable", "a server that is away is told of as such: {text}");
    }
    assert!(tally.acknowledged >= CRASHES * WRITERS, "{tally:?}");
    let cut_off: usize = load
        .errors
        .iter()
        .filter(|((_, text), _)| !text.contains("a connection to PostgreSQL"))
        .map(|(_, times)| times)
        .sum();
    assert!(cut_off >= CRASHES / 2, "crashes must meet statements, {cut_off} were cut off");
}

/// Writers at work.
struct Load {
    writers: Vec<Writer>,
    /// By code and text, how often a commit or a command failed.
    errors: BTreeMap<(String, String), usize>,
}

/// One of them, and what it told since the last crash or restart.
struct Writer {
    process: Process,
    acknowledged: usize,
    refused: usize,
    paused: bool,
}

impl Load {
    fn start(place: &NewPlace, rng: &mut Rng) -> Self {
        let supply = Supply::make();
        let start = |number: usize| {
            let name = format!("writer-{number}");
            let job = Job {
                place: place.place().clone(),
                name: name.clone(),
                begin_micros: BEGIN.unix_micros() + i64::try_from(number).unwrap(),
                seed: rng.u64(..),
                supply: supply.clone(),
                flaw: None,
            };
            let process = Process::start(WRITER, &name, &job);
            assert_eq!(process.next(), Some(Line::Ready));
            Writer { process, acknowledged: 0, refused: 0, paused: false }
        };
        Self { writers: (0..WRITERS).map(start).collect(), errors: BTreeMap::new() }
    }

    /// Takes down what they tell until this holds of each of them, counted from now on.
    fn listen_until(&mut self, ledger: &mut Ledger, holds: impl Fn(&Writer) -> bool) {
        self.listen(ledger);
        for writer in &mut self.writers {
            (writer.acknowledged, writer.refused) = (0, 0);
        }
        let started = Instant::now();
        while !self.writers.iter().all(&holds) {
            assert!(started.elapsed() < PATIENCE, "the writers hang; they were told {:#?}", self.errors);
            thread::sleep(Duration::from_millis(1));
            self.listen(ledger);
        }
    }

    /// Takes down what they told meanwhile.
    fn listen(&mut self, ledger: &mut Ledger) {
        for writer in &mut self.writers {
            while let Some(line) = writer.process.next_within(Duration::ZERO) {
                ledger.write(writer.process.name(), &line);
                match line {
                    Line::Committed => writer.acknowledged += 1,
                    Line::Unknown { code, text } | Line::Failed { code, text } => {
                        writer.refused += 1;
                        *self.errors.entry((code, text)).or_default() += 1;
                    }
                    Line::Paused => writer.paused = true,
                    _ => {}
                }
            }
        }
    }

    fn pause(&mut self, ledger: &mut Ledger) {
        self.writers.iter_mut().for_each(|writer| writer.process.order("pause"));
        self.listen_until(ledger, |writer| writer.paused);
    }

    fn go_on(&mut self) {
        for writer in &mut self.writers {
            writer.paused = false;
            writer.process.order("go on");
        }
    }
}
