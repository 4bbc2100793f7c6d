//! Tells whom of what ends soon: `cargo run --example remind -- --help`. Made to be run by cron.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]

mod expiring;
mod options;
mod send;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use misp_onboarding::{Actor, Onboarding, Role};
use misp_onboarding_sqlite::SqliteStore;
use options::Options;

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
    let onboarding = Onboarding::builder(Arc::new(SqliteStore::open(&options.db)?)).build()?;
    let reader = Actor::new("reminders".parse()?, [Role::PartnerAdmin]);
    let reminders = expiring::reminders(&onboarding, &reader, options)?;
    let mut failed = 0;
    for reminder in &reminders {
        match &options.send {
            None => println!("To: {}\n\n{}", reminder.recipient, reminder.text()),
            Some(program) => {
                // One mailbox that cannot be reached must not keep the others from hearing.
                if let Err(error) = send::send(program, reminder) {
                    eprintln!("error: {}: {error}", program.display());
                    failed += 1;
                }
            }
        }
    }
    if failed > 0 {
        return Err(format!("{failed} of {} reminders were not sent", reminders.len()).into());
    }
    Ok(())
}
