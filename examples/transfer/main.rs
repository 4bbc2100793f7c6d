//! Moves everything but secrets from one store to another: `cargo run --release --example transfer`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]

mod options;

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Seek, SeekFrom};
use std::path::Path;
use std::process::ExitCode;

use misp_onboarding::store::Store;
use misp_onboarding::transfer::{self, Progress};
use misp_onboarding::{Clock, SystemClock};
use misp_onboarding_postgres::{PostgresOptions, PostgresStore};
use misp_onboarding_sqlite::SqliteStore;
use options::Request;

fn main() -> ExitCode {
    let done = match options::read(lexopt::Parser::from_env()) {
        Ok(Request::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Request::Export { store, file }) => export(&store, &file),
        Ok(Request::Verify { file }) => verify(&file),
        Ok(Request::Import { file, store }) => import(&file, &store),
        Err(error) => {
            eprint!("error: {error}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn export(store: &str, file: &Path) -> Result<(), Box<dyn Error>> {
    let store = open(store)?;
    let mut file = private(file)?;
    let unfinished =
        transfer::unfinished(BufReader::new(&file))?.ok_or("the file is a complete export already")?;
    if unfinished.bytes() > 0 {
        println!("going on after {} records and events", unfinished.counts().total());
    }
    file.set_len(unfinished.bytes())?;
    file.seek(SeekFrom::End(0))?;
    let counts = transfer::resume(&*store, SystemClock.now(), unfinished, BufWriter::new(&file), tell)?;
    // The end of the file says that it is whole, so it must not be lost after this program has said so too.
    file.sync_all()?;
    println!(
        "exported {} records and events, keys as digests; protect the file like the database",
        counts.total()
    );
    Ok(())
}

fn verify(file: &Path) -> Result<(), Box<dyn Error>> {
    let counts = transfer::verify(BufReader::new(File::open(file)?))?;
    println!("whole and undamaged: {} records and events", counts.total());
    Ok(())
}

fn import(file: &Path, store: &str) -> Result<(), Box<dyn Error>> {
    // Damage is told at the end, so the end is looked at before anything is written.
    verify(file)?;
    let store = open(store)?;
    let imported = transfer::import(&*store, BufReader::new(File::open(file)?), tell)?;
    let (read, added) = (imported.read.total(), imported.added.total());
    println!("imported {added} records and events, {} were there already", read - added);
    Ok(())
}

/// A store by its URL, or by the name of its file.
fn open(store: &str) -> Result<Box<dyn Store>, Box<dyn Error>> {
    let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| store.starts_with(scheme));
    if is_url {
        return Ok(Box::new(PostgresStore::connect(store, &PostgresOptions::default())?));
    }
    Ok(Box::new(SqliteStore::open(store)?))
}

/// A file that nobody else can read, new or as it is.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn tell(progress: &Progress) {
    eprint!("\r{} of about {}", progress.done.total(), progress.expected.total());
    if progress.done.total() >= progress.expected.total() {
        eprintln!();
    }
}
