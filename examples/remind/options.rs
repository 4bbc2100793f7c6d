//! What the command line asks for.

use std::path::PathBuf;

use lexopt::prelude::*;
use misp_onboarding::onboarding::DEFAULT_WINDOW_DAYS;

pub(crate) const HELP: &str = "\
Tells whom of what ends soon: each partner of its certificate and its license keys, the operator of
CA certificates.

Usage: cargo run --example remind -- --db <FILE> --operator <EMAIL> [OPTIONS]

Options:
  --db <FILE>         The SQLite store
  --operator <EMAIL>  Who hears of CA certificates that end
  --days <N>          How many days to look ahead [default: 30]
  --send <PROGRAM>    Run PROGRAM once for each recipient, with the address as its argument and the
                      text on its standard input; without it, everything is printed
  -h, --help          Show this text

Nothing is remembered between runs: each run tells of all that ends within the days. Once a week with
30 days, everybody hears about four times:

    0 7 * * 1  remind --db /srv/onboarding.sqlite --operator ca@example.org --send /srv/mail.sh

Exit code: 0 when all were told, 1 when something failed, 2 when the options make no sense.
";

pub(crate) struct Options {
    pub(crate) db: PathBuf,
    pub(crate) operator: String,
    pub(crate) days: u32,
    pub(crate) send: Option<PathBuf>,
}

/// The options, or nothing where help was asked for.
pub(crate) fn read(mut arguments: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    let (mut db, mut operator, mut send, mut days) = (None, None, None, DEFAULT_WINDOW_DAYS);
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("db") => db = Some(arguments.value()?.into()),
            Long("operator") => operator = Some(arguments.value()?.string()?),
            Long("days") => days = arguments.value()?.parse()?,
            Long("send") => send = Some(arguments.value()?.into()),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(Options {
        db: db.ok_or("--db is missing")?,
        operator: operator.ok_or("--operator is missing")?,
        days,
        send,
    }))
}
