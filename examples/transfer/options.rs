//! What the command line asks for.

use std::path::PathBuf;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Moves everything but secrets from one store to another, by way of a file of JSON lines.

Usage: cargo run --release --example transfer -- export STORE FILE
       cargo run --release --example transfer -- verify FILE
       cargo run --release --example transfer -- import FILE STORE

STORE is an SQLite file, or the URL of a PostgreSQL database (postgres://...).

export   Writes FILE. One that is there and was cut is gone on with. No command may be carried out
         meanwhile; authentications may.
verify   Reads FILE to its end and says whether it is whole and undamaged.
import   Verifies FILE and reads it into STORE, which must be empty, or hold the beginning of the
         same import.

FILE holds the contact data of partners, and license keys as digests only. Keys made under a pepper
need the same pepper in the engine on the new store.

Exit code: 0 when it is done, 1 when something failed, 2 when the arguments make no sense.
";

/// What to do.
pub(crate) enum Request {
    Export { store: String, file: PathBuf },
    Verify { file: PathBuf },
    Import { file: PathBuf, store: String },
    Help,
}

pub(crate) fn read(mut arguments: lexopt::Parser) -> Result<Request, lexopt::Error> {
    let mut words = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Request::Help),
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["export", store, file] => Ok(Request::Export { store: store.into(), file: file.into() }),
        ["verify", file] => Ok(Request::Verify { file: file.into() }),
        ["import", file, store] => Ok(Request::Import { file: file.into(), store: store.into() }),
        _ => Err("export STORE FILE, verify FILE or import FILE STORE is needed".into()),
    }
}
