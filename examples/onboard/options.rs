//! What the command line asks for.

use std::path::PathBuf;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Onboards a MISP on an SQLite file, step by step, and tells what happens.

Usage: cargo run --release --example onboard -- [OPTIONS]

Options:
  --db <FILE>            Keep the records in this SQLite file; made if it is not there.
                         Default: a new file in a new temporary folder.
  --ca <FILE>            Upload the CA certificates of this file; may be given more than once,
                         in any order. Needs --certificate.
  --certificate <FILE>   Onboard the partner with this certificate.
                         Default: one of a demo PKI that is made first.
  --organization <NAME>  The partner's organization.
                         Default: the certificate's O; with another one the certificate is refused.
  -h, --help             Show this text

Certificate files may be PEM, DER, base64 of DER, or PKCS#7 (.p7b, .p7c).

Each run on the same file onboards one more partner: misp-1, misp-2 and so on, each with a policy
group and a policy of its own. CA certificates that are there already stay as they are.

Exit code: 0 when the partner was onboarded, 1 when a certificate was refused or something else
failed, 2 when the options make no sense.
";

/// What to do.
pub(crate) enum Request {
    Run(Options),
    Help,
}

/// What to onboard, and where.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) db: Option<PathBuf>,
    pub(crate) ca: Vec<PathBuf>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) organization: Option<String>,
}

pub(crate) fn read(mut arguments: lexopt::Parser) -> Result<Request, lexopt::Error> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Request::Help),
            Long("db") => once(&mut options.db, arguments.value()?.into(), "--db")?,
            Long("ca") => options.ca.push(arguments.value()?.into()),
            Long("certificate") => {
                once(&mut options.certificate, arguments.value()?.into(), "--certificate")?;
            }
            Long("organization") => {
                once(&mut options.organization, arguments.value()?.string()?, "--organization")?;
            }
            other => return Err(other.unexpected()),
        }
    }
    if !options.ca.is_empty() && options.certificate.is_none() {
        return Err("--ca needs the --certificate that it is for".into());
    }
    Ok(Request::Run(options))
}

fn once<T>(option: &mut Option<T>, value: T, name: &str) -> Result<(), lexopt::Error> {
    match option.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} can be given once").into()),
    }
}
