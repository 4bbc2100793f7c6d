//! Forwards events to a webhook, in order and each at least once: `cargo run --example forward_events -- --help`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]

mod cursor;
mod options;
mod webhook;

use std::error::Error;
use std::process::ExitCode;

use cursor::Cursor;
use misp_onboarding::store::EventRepository;
use misp_onboarding_sqlite::SqliteStore;
use options::Options;
use webhook::Webhook;

/// How many events are read at a time.
const BATCH: u32 = 100;

fn main() -> ExitCode {
    match options::read(lexopt::Parser::from_env()) {
        Ok(Some(options)) => misp_onboarding_examples::exit(run(&options)),
        Ok(None) => {
            print!("{}", options::HELP);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("error: {error}\n\n{}", options::HELP);
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    // This is a program beside the host and no person, so it reads from the store and needs no actor.
    let store = SqliteStore::open(&options.db)?;
    let webhook = Webhook::new(options);
    let mut cursor = Cursor::open(&options.cursor)?;
    loop {
        let events = store.events_after(cursor.place(), BATCH)?;
        for event in &events {
            webhook.deliver(event)?;
            // Only now: whatever stops the program before this line, the event is sent again and none is left out.
            cursor.advance(event.sequence)?;
            println!("{} {}", event.sequence, event.event.kind);
        }
        match options.follow {
            Some(pause) if events.is_empty() => std::thread::sleep(pause),
            None if events.is_empty() => return Ok(()),
            _ => {}
        }
    }
}
