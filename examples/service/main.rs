//! An HTTP service around the engine, with axum: `cargo run --example service -- --help`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "what cannot be set up is a failed test"))]

mod answer;
mod caller;
mod engine;
mod options;
mod routes;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use engine::Engine;
use misp_onboarding::Onboarding;
use misp_onboarding_sqlite::SqliteStore;
use options::Options;
use tokio::signal::unix::{SignalKind, signal};

/// The most calls of the engine at one time; others wait in line. More would only wait for the disk.
const MAX_CALLS: usize = 32;

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
    let engine = Arc::new(Engine::new(onboarding, options));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(MAX_CALLS).build()?;
    runtime.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        // Requests that are being answered are answered to the end.
        let asked_to_stop = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        let listener = tokio::net::TcpListener::bind(&options.listen).await?;
        println!("listening on http://{}", listener.local_addr()?);
        axum::serve(listener, routes::all(engine)).with_graceful_shutdown(asked_to_stop).await
    })?;
    Ok(())
}
