//! The lines of a file, and reading them with bounded memory.

use std::io::{BufRead, Read};

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use sha2::{Digest, Sha256};

use super::{Counts, TransferError};
use crate::Timestamp;
use crate::certificate::file::MAX_FILE_BYTES;
use crate::event::{Event, EventSequence};
use crate::store::Record;

/// The most bytes of a line. The longest record is a certificate: as long as a file of certificates may be, a third more
/// in base64, and its names as text beside it.
pub const MAX_LINE_BYTES: usize = 2 * MAX_FILE_BYTES;

const FORMAT: &str = "misp-onboarding export";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(clippy::large_enum_variant, reason = "one line at a time is in memory")]
pub(super) enum Line {
    Begin(Begin),
    Event(Event),
    Record(Record),
    End(End),
}

/// What a file says of itself before anything else.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    format: String,
    version: u32,
    /// The engine's version.
    engine: String,
    /// When the export began.
    pub(super) at: Timestamp,
    /// The last event of the state that is exported.
    pub(super) last_event: EventSequence,
    pub(super) expected: Counts,
}

impl Begin {
    pub(super) fn new(at: Timestamp, last_event: EventSequence, expected: Counts) -> Self {
        let engine = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT.to_owned(), version: VERSION, engine, at, last_event, expected }
    }
}

/// What the first line of every version says.
#[derive(Deserialize)]
struct AnyVersion {
    begin: AnyBegin,
}

#[derive(Deserialize)]
struct AnyBegin {
    format: String,
    version: u32,
}

/// What a file says of itself after everything else.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) counts: Counts,
    /// Of all lines before, in hexadecimal.
    pub(super) sha256: String,
}

/// A digest as text.
pub(super) fn hexadecimal(digest: &Sha256) -> String {
    digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a file line by line.
pub(super) struct Lines<R> {
    from: R,
    line: Vec<u8>,
    /// Whole lines read.
    pub(super) number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, line: Vec::new(), number: 0 }
    }

    /// The next line; none at the end of the file, also where it ends in the middle of a line.
    pub(super) fn read(&mut self) -> Result<Option<Line>, TransferError> {
        self.line.clear();
        let mut bounded = (&mut self.from).take(MAX_LINE_BYTES as u64);
        bounded.read_until(b'\n', &mut self.line).map_err(TransferError::Read)?;
        if self.line.last() != Some(&b'\n') {
            if self.line.len() >= MAX_LINE_BYTES {
                return Err(TransferError::LineTooLong { line: self.number + 1, max: MAX_LINE_BYTES });
            }
            return Ok(None);
        }
        self.number += 1;
        if self.number == 1 {
            self.must_begin()?;
        }
        match serde_json::from_slice(&self.line) {
            Ok(Line::Begin(_)) if self.number > 1 => {
                Err(self.wrong("an event, a record or the end", "a begin"))
            }
            Ok(line) => Ok(Some(line)),
            Err(error) => {
                // What serde_json says may quote the text, and with it somebody's address.
                let found = match error.classify() {
                    Category::Data => "JSON of another shape",
                    _ => "no JSON",
                };
                let found = format!("{found}, from byte {} on", error.column());
                Err(self.wrong("a line of an export", found))
            }
        }
    }

    /// The bytes of the line read last.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.line
    }

    /// That the line read last is not what must stand there.
    pub(super) fn wrong(&self, required: &'static str, found: impl Into<String>) -> TransferError {
        TransferError::Line { line: self.number, required, found: found.into() }
    }

    fn must_begin(&self) -> Result<(), TransferError> {
        let not_an_export = |found: &str| TransferError::NotAnExport { found: found.to_owned() };
        let first: AnyVersion =
            serde_json::from_slice(&self.line).map_err(|_| not_an_export("another first line"))?;
        let AnyBegin { format, version } = first.begin;
        if format != FORMAT {
            return Err(not_an_export("another format"));
        }
        if version != VERSION {
            return Err(TransferError::UnknownVersion { supported: VERSION, found: version });
        }
        Ok(())
    }
}
