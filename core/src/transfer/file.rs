//! A file, read as far as its end and compared with what the end tells.

use std::io::BufRead;

use sha2::{Digest, Sha256};

use super::line::{Begin, End, Line, Lines, hexadecimal};
use super::{Counts, TransferError};
use crate::certificate::Fingerprint;
use crate::event::Event;
use crate::store::Record;

/// A file being read.
pub(super) struct File<R> {
    pub(super) lines: Lines<R>,
    pub(super) begin: Begin,
    digest: Sha256,
    pub(super) counts: Counts,
}

#[allow(clippy::large_enum_variant, reason = "one at a time is in memory")]
pub(super) enum Item {
    Event(Event),
    Record(Record),
}

impl<R: BufRead> File<R> {
    pub(super) fn open(from: R) -> Result<Self, TransferError> {
        let mut lines = Lines::new(from);
        match lines.read()? {
            Some(Line::Begin(begin)) => {
                let digest = Sha256::new_with_prefix(lines.bytes());
                Ok(Self { lines, begin, digest, counts: Counts::default() })
            }
            Some(_) => Err(TransferError::NotAnExport { found: "another first line".to_owned() }),
            None => Err(TransferError::NotAnExport { found: "no whole line".to_owned() }),
        }
    }

    /// The next event or record; none at an end that tells of what was read.
    pub(super) fn read(&mut self) -> Result<Option<Item>, TransferError> {
        let Some(line) = self.lines.read()? else {
            return Err(TransferError::Cut { lines: self.lines.number });
        };
        if let Line::End(end) = line {
            self.check(&end)?;
            return match self.lines.read() {
                Ok(None) if self.lines.bytes().is_empty() => Ok(None),
                Err(error @ TransferError::Read(_)) => Err(error),
                _ => Err(TransferError::Line {
                    line: self.lines.number.max(1),
                    required: "the last one, as it is the end",
                    found: "more after it".to_owned(),
                }),
            };
        }
        self.digest.update(self.lines.bytes());
        match line {
            Line::Event(_) if self.counts.total() > self.counts.events => {
                Err(self.lines.wrong("a record", "an event after records"))
            }
            Line::Event(event) => {
                self.counts.events += 1;
                Ok(Some(Item::Event(event)))
            }
            Line::Record(record) => {
                self.check_certificate(&record)?;
                self.counts.add(&record);
                Ok(Some(Item::Record(record)))
            }
            Line::Begin(_) | Line::End(_) => Err(self.lines.wrong("an event or a record", "another line")),
        }
    }

    fn check(&self, end: &End) -> Result<(), TransferError> {
        let found = hexadecimal(&self.digest);
        if end.sha256 != found {
            let required = end.sha256.chars().take(64).collect();
            return Err(TransferError::Damaged { what: "SHA-256", required, found });
        }
        match self.counts.differing(&end.counts) {
            None => Ok(()),
            Some((what, required, found)) => {
                let (required, found) = (required.to_string(), found.to_string());
                Err(TransferError::Damaged { what, required, found })
            }
        }
    }

    /// A certificate must be the one that its record is about.
    fn check_certificate(&self, record: &Record) -> Result<(), TransferError> {
        let (der, fingerprint) = match record {
            Record::CaCertificate(ca) => (&ca.der, &ca.fingerprint),
            Record::PartnerCertificate(certificate) => (&certificate.der, &certificate.fingerprint),
            _ => return Ok(()),
        };
        if Fingerprint::from_bytes(Sha256::digest(der).into()) == *fingerprint {
            return Ok(());
        }
        Err(self.lines.wrong("a certificate with its own fingerprint", "another fingerprint"))
    }
}
