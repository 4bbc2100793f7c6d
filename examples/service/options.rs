//! What the command line and the environment ask for.

use std::path::PathBuf;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Serves the engine over HTTP.

Usage: cargo run --example service -- --db <FILE> [--listen <ADDRESS>]

  POST /authenticate                        {\"license_key\": \"...\"}: the verdict
  POST /partners                            create a partner
  GET  /partners?after=<CURSOR>             list partners
  PUT  /partners/{id}/certificate           upload a certificate file
  POST /partners/{id}/license-keys          {\"name\": \"...\"}: generate a license key

Everything but /authenticate needs the bearer token that is in the environment variable ADMIN_TOKEN;
it stands for the login that a real service has. Put TLS in front of it.

Options:
  --db <FILE>         Keep the records in this SQLite file; made if it is not there
  --listen <ADDRESS>  [default: 127.0.0.1:8080]; port 0 takes a free one
  -h, --help          Show this text
";

pub(crate) struct Options {
    pub(crate) db: PathBuf,
    pub(crate) listen: String,
    pub(crate) admin_token: String,
}

/// The options, or nothing where help was asked for.
pub(crate) fn read(mut arguments: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    let (mut db, mut listen) = (None, "127.0.0.1:8080".to_owned());
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("db") => db = Some(arguments.value()?.into()),
            Long("listen") => listen = arguments.value()?.string()?,
            other => return Err(other.unexpected()),
        }
    }
    let admin_token = std::env::var("ADMIN_TOKEN").unwrap_or_default();
    if admin_token.is_empty() {
        return Err("the environment variable ADMIN_TOKEN is missing".into());
    }
    Ok(Some(Options { db: db.ok_or("--db is missing")?, listen, admin_token }))
}
