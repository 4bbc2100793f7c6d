//! How far a file is written: what an export knows while it writes, and what it learns again from a file that was cut.

use std::collections::HashSet;
use std::io::BufRead;

use sha2::{Digest, Sha256};

use super::line::{Begin, Line, Lines};
use super::{Counts, TransferError};
use crate::Timestamp;
use crate::event::Event;
use crate::id::{LicenseKeyId, PartnerCertificateId};
use crate::list::{Position, SortValue};
use crate::partner::PartnerId;
use crate::store::Record;
use crate::trust_store::TrustDomain;

/// The parts of a file, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    #[default]
    Events,
    TrustStore,
    PolicyGroups,
    Policies,
    Partners,
    PolicyLinks,
    LicenseKeys,
}

/// An export that was broken off, as far as its file goes; nothing, where there is no file yet.
#[derive(Clone, Debug, Default)]
pub struct Unfinished {
    pub(super) begin: Option<Begin>,
    pub(super) digest: Sha256,
    pub(super) counts: Counts,
    /// The last event, whole: it tells whether the store is the same.
    pub(super) last_event: Option<Event>,
    pub(super) part: Part,
    /// The last row of the part's list.
    pub(super) after: Option<Position>,
    /// The trust domains that are written.
    pub(super) domains: HashSet<TrustDomain>,
    /// The last partner, and which of its certificates are written.
    pub(super) partner: Option<PartnerId>,
    pub(super) certificates: HashSet<PartnerCertificateId>,
    /// The key that replaces the last one.
    pub(super) successor: Option<LicenseKeyId>,
    bytes: u64,
}

impl Unfinished {
    /// How many bytes of the file are whole lines. The file must be cut there before the export goes on.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What of the store is in the file.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Goes one line on.
    pub(super) fn pass(&mut self, line: &Line, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        match line {
            Line::Begin(begin) => self.begin = Some(begin.clone()),
            Line::Event(event) => {
                self.counts.events += 1;
                self.last_event = Some(event.clone());
            }
            Line::Record(record) => {
                self.counts.add(record);
                self.pass_record(record);
            }
            Line::End(_) => {}
        }
    }

    fn pass_record(&mut self, record: &Record) {
        match record {
            Record::TrustDomain(record) => {
                self.enter(Part::TrustStore);
                self.domains.insert(record.domain.clone());
            }
            Record::CaCertificate(ca) => self.pass_row(Part::TrustStore, ca.uploaded_at, ca.id),
            Record::PolicyGroup(group) => self.pass_row(Part::PolicyGroups, group.created_at, group.id),
            Record::Policy(policy) => self.pass_row(Part::Policies, policy.created_at, policy.id),
            Record::Partner(partner) => {
                self.pass_row(Part::Partners, partner.created_at, &partner.id);
                self.partner = Some(partner.id.clone());
                self.certificates.clear();
            }
            Record::PartnerCertificate(certificate) => {
                self.certificates.insert(certificate.id);
            }
            Record::PolicyLink(link) => self.pass_row(Part::PolicyLinks, link.requested_at, link.id),
            Record::LicenseKey(key) => {
                // Keys that replace another follow it, wherever they stand in the list.
                if key.replaces.is_none() {
                    self.pass_row(Part::LicenseKeys, key.created_at, key.id);
                }
                self.successor = key.replaced_by;
            }
        }
    }

    fn pass_row(&mut self, part: Part, created_at: Timestamp, id: impl ToString) {
        self.enter(part);
        self.after = Some(Position { value: SortValue::Time(created_at), id: id.to_string() });
    }

    fn enter(&mut self, part: Part) {
        if self.part != part {
            (self.part, self.after) = (part, None);
        }
    }
}

/// Reads how far an export got; none where it is complete. The last line may be cut.
///
/// # Errors
/// [`TransferError`] where the file cannot be read or is none that an export wrote.
pub fn unfinished(from: impl BufRead) -> Result<Option<Unfinished>, TransferError> {
    let mut lines = Lines::new(from);
    let mut unfinished = Unfinished::default();
    while let Some(line) = lines.read()? {
        if let Line::End(_) = line {
            return Ok(None);
        }
        unfinished.pass(&line, lines.bytes());
    }
    Ok(Some(unfinished))
}
