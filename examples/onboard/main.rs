//! Onboards a MISP on an SQLite file, step by step: `cargo run --release --example onboard`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]

mod demo_pki;
mod failure;
mod options;
mod transcript;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;

use demo_pki::Certificates;
use failure::Failure;
use misp_onboarding::{Clock, SystemClock};
use options::{Options, Request};

fn main() -> ExitCode {
    match options::read(lexopt::Parser::from_env()) {
        Ok(Request::Help) => {
            print!("{}", options::HELP);
            ExitCode::SUCCESS
        }
        Ok(Request::Run(options)) => match run(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("{failure}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprint!("error: {error}\n\n{}", options::HELP);
            ExitCode::from(2)
        }
    }
}

fn run(options: Options) -> Result<(), Failure> {
    let Options { db, ca, certificate, organization } = options;
    let folder = match (&db, &certificate) {
        // Nothing to be made that would have to go somewhere.
        (Some(_), Some(_)) => PathBuf::new(),
        _ => new_folder()?,
    };
    let certificates = match certificate {
        Some(certificate) => Certificates::given(&ca, &certificate)?,
        None => demo_pki::make(&folder, SystemClock.now())?,
    };
    let db = db.unwrap_or_else(|| folder.join("onboarding.sqlite"));
    walk::walk(&db, &certificates, organization)
}

/// A folder that nobody else can read and that stays when the program has ended.
fn new_folder() -> Result<PathBuf, Failure> {
    let folder = tempfile::Builder::new().prefix("misp-onboarding-").tempdir();
    Ok(folder.map_err(|error| Failure::file("a new temporary folder", error))?.keep())
}
