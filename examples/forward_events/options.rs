//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Forwards the events of an SQLite store to a webhook, in order, each at least once.

Usage: cargo run --example forward_events -- --db <FILE> --cursor <FILE> --url <URL> [OPTIONS]

Each event is the body of one POST, as JSON. Any answer 2xx accepts it; then the cursor file, which
holds the number of the last event that was accepted, moves on. After a crash the last event may come
again: the receiver tells by its `sequence`, which is also the header Idempotency-Key.

What may pass (no connection, 408, 429, 5xx) is tried again, each time after twice the pause before.
Any other answer ends the program, as does the last attempt: an event is never left out.

Options:
  --db <FILE>        The SQLite store
  --cursor <FILE>    Where to remember how far it got; made if it is not there
  --url <URL>        Where to send the events
  --attempts <N>     How often an event is sent before giving up [default: 10]
  --pause-ms <N>     Pause before the second attempt, doubled up to a minute [default: 500]
  --follow <SECONDS> Go on, and look for new events this often; without it, end when all are sent
  -h, --help         Show this text

The environment variable WEBHOOK_TOKEN, where it is set, is sent as the bearer token.
";

pub(crate) struct Options {
    pub(crate) db: PathBuf,
    pub(crate) cursor: PathBuf,
    pub(crate) url: String,
    pub(crate) token: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) pause: Duration,
    pub(crate) follow: Option<Duration>,
}

/// The options, or nothing where help was asked for.
pub(crate) fn read(mut arguments: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    let (mut db, mut cursor, mut url, mut follow) = (None, None, None, None);
    let (mut attempts, mut pause_ms) = (10, 500);
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("db") => db = Some(arguments.value()?.into()),
            Long("cursor") => cursor = Some(arguments.value()?.into()),
            Long("url") => url = Some(arguments.value()?.string()?),
            Long("attempts") => attempts = arguments.value()?.parse()?,
            Long("pause-ms") => pause_ms = arguments.value()?.parse()?,
            Long("follow") => follow = Some(Duration::from_secs(arguments.value()?.parse()?)),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(Options {
        db: db.ok_or("--db is missing")?,
        cursor: cursor.ok_or("--cursor is missing")?,
        url: url.ok_or("--url is missing")?,
        token: std::env::var("WEBHOOK_TOKEN").ok(),
        attempts,
        pause: Duration::from_millis(pause_ms),
        follow,
    }))
}
