//! Runs a server for tests that are not written in Rust: prints its URL, and stops it when the input ends, as it does
//! when the program that started this one is gone.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Read, Write};

use anyhow::Result;
use misp_onboarding_testserver::Server;

fn main() -> Result<()> {
    let server = Server::start(&env::temp_dir(), &[])?;
    writeln!(io::stdout(), "{}", server.url())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    drop(server);
    Ok(())
}
