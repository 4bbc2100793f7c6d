//! Reading a file into a store.

use std::collections::{HashSet, VecDeque};
use std::io::BufRead;

use super::file::{File, Item};
use super::{Counts, Progress, TransferError};
use crate::event::{Event, EventSequence};
use crate::store::{ChangeSet, Record, RecordId, Store, StoreError};

/// Records or events of one commit, where nothing asks for more.
const BATCH: usize = 500;
/// Bytes of the lines of one commit, where nothing asks for more.
const BATCH_BYTES: usize = 4 << 20;
/// The most records of one commit: as often can a license key be replaced and still be imported.
pub const MAX_TOGETHER: usize = 20_000;
/// The most bytes of the lines of one commit.
const MAX_TOGETHER_BYTES: usize = 64 << 20;
/// Events of the store that are read at once, to be compared with those of the file.
const PAGE: u32 = 500;

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Imported {
    /// What the file holds.
    pub read: Counts,
    /// What of it was not in the store before.
    pub added: Counts,
}

/// Reads everything that a file holds into the store, in commits of some hundred records. What is there and equal is
/// left alone, so an import that was broken off is begun again.
///
/// `progress` is called after each commit.
///
/// # Errors
/// [`TransferError::Differs`] when the store holds something else; a [`Duplicate`](StoreError::Duplicate) within
/// [`TransferError::Store`] when something unique is taken by another record; what else [`TransferError`] lists when the
/// file is cut, damaged or none of this version. Every commit until then stands.
pub fn import(
    store: &dyn Store,
    from: impl BufRead,
    mut progress: impl FnMut(&Progress),
) -> Result<Imported, TransferError> {
    let mut file = File::open(from)?;
    let expected = file.begin.expected;
    let mut import = Import::new(store);
    while let Some(item) = file.read()? {
        let committed = match item {
            Item::Event(event) => import.event(event)?,
            Item::Record(record) => import.record(record, file.lines.bytes().len())?,
        };
        if committed {
            progress(&Progress { done: file.counts, expected });
        }
    }
    import.finish()?;
    progress(&Progress { done: file.counts, expected });
    Ok(Imported { read: file.counts, added: import.added })
}

/// Reads a file to its end, without a store, and says what it holds: whether it is whole and undamaged.
///
/// # Errors
/// What [`TransferError`] lists of files.
pub fn verify(from: impl BufRead) -> Result<Counts, TransferError> {
    let mut file = File::open(from)?;
    while file.read()?.is_some() {}
    Ok(file.counts)
}

/// An import at work.
struct Import<'a> {
    store: &'a dyn Store,
    /// Events of the store that are still to be compared.
    known: VecDeque<Event>,
    /// The last event that was read of the store; none once all of them are.
    reading: Option<EventSequence>,
    /// The last event of the file.
    last_event: EventSequence,
    events: Vec<Event>,
    records: Vec<Record>,
    /// Bytes of the lines that the records came from.
    bytes: usize,
    /// Records that one of the commit names and that are to come.
    awaited: HashSet<RecordId>,
    added: Counts,
}

impl<'a> Import<'a> {
    fn new(store: &'a dyn Store) -> Self {
        Self {
            store,
            known: VecDeque::new(),
            reading: Some(EventSequence::START),
            last_event: EventSequence::START,
            events: Vec::new(),
            records: Vec::new(),
            bytes: 0,
            awaited: HashSet::new(),
            added: Counts::default(),
        }
    }

    /// Takes an event, and says whether something was committed.
    fn event(&mut self, event: Event) -> Result<bool, TransferError> {
        self.last_event = event.sequence;
        match self.next_known()? {
            Some(known) if known == event => return Ok(false),
            Some(known) => return Err(differs(format!("event {}", known.sequence))),
            None => self.events.push(event),
        }
        if self.events.len() < BATCH {
            return Ok(false);
        }
        self.commit_events()?;
        Ok(true)
    }

    /// Takes a record, and says whether something was committed.
    fn record(&mut self, record: Record, bytes: usize) -> Result<bool, TransferError> {
        self.end_events()?;
        self.awaited.remove(&record.record_id());
        self.awaited.extend(named_before(&record));
        self.records.push(record);
        self.bytes += bytes;
        let (many, large) = (self.records.len(), self.bytes);
        if self.awaited.is_empty() && (many >= BATCH || large >= BATCH_BYTES) {
            self.commit_records()?;
            return Ok(true);
        }
        if many >= MAX_TOGETHER {
            return Err(TransferError::TooManyTogether { max: MAX_TOGETHER });
        }
        if large >= MAX_TOGETHER_BYTES {
            return Err(TransferError::TooManyTogether { max: MAX_TOGETHER_BYTES });
        }
        Ok(false)
    }

    fn finish(&mut self) -> Result<(), TransferError> {
        self.end_events()?;
        self.commit_records()?;
        // Somebody else who wrote meanwhile has left an event.
        match self.store.events_after(self.last_event, 1)?.first() {
            None => Ok(()),
            Some(event) => Err(differs(format!("event {}", event.sequence))),
        }
    }

    /// The next event of the store as it was before the import.
    fn next_known(&mut self) -> Result<Option<Event>, TransferError> {
        if self.known.is_empty()
            && let Some(after) = self.reading
        {
            self.known.extend(self.store.events_after(after, PAGE)?);
            self.reading = self.known.back().map(|event| event.sequence);
        }
        Ok(self.known.pop_front())
    }

    /// Commits what is left of the events. The store must have no others.
    fn end_events(&mut self) -> Result<(), TransferError> {
        self.commit_events()?;
        match self.next_known()? {
            None => Ok(()),
            Some(event) => Err(differs(format!("event {}", event.sequence))),
        }
    }

    fn commit_events(&mut self) -> Result<(), TransferError> {
        if self.events.is_empty() {
            return Ok(());
        }
        let mut changes = ChangeSet::new();
        let count = self.events.len() as u64;
        for event in self.events.drain(..) {
            changes.restore_event(event);
        }
        self.store.commit(&changes)?;
        self.added.events += count;
        Ok(())
    }

    fn commit_records(&mut self) -> Result<(), TransferError> {
        let records = std::mem::take(&mut self.records);
        (self.bytes, self.awaited) = (0, HashSet::new());
        match self.insert(&records) {
            // Some of them may be there already, from an import that was broken off.
            Err(TransferError::Store(StoreError::Duplicate { unique })) => {
                let mut missing = Vec::new();
                let all = records.len();
                for record in records {
                    match stored(self.store, &record.record_id())? {
                        None => missing.push(record),
                        Some(found) if found == record => {}
                        Some(_) => return Err(differs(record.record_id().to_string())),
                    }
                }
                if missing.len() == all {
                    return Err(StoreError::Duplicate { unique }.into());
                }
                self.insert(&missing)
            }
            result => result,
        }
    }

    fn insert(&mut self, records: &[Record]) -> Result<(), TransferError> {
        if records.is_empty() {
            return Ok(());
        }
        let mut changes = ChangeSet::new();
        for record in records {
            changes.insert(record.clone());
        }
        self.store.commit(&changes)?;
        records.iter().for_each(|record| self.added.add(record));
        Ok(())
    }
}

fn differs(what: String) -> TransferError {
    TransferError::Differs { what }
}

/// The record that this one names and that comes after it.
fn named_before(record: &Record) -> Option<RecordId> {
    match record {
        Record::Partner(partner) => partner.certificate.map(RecordId::PartnerCertificate),
        Record::LicenseKey(key) => key.replaced_by.map(RecordId::LicenseKey),
        _ => None,
    }
}

fn stored(store: &dyn Store, id: &RecordId) -> Result<Option<Record>, StoreError> {
    Ok(match id {
        RecordId::TrustDomain(id) => store.trust_domain(id)?.map(Record::from),
        RecordId::CaCertificate(id) => store.ca_certificate(*id)?.map(Record::from),
        RecordId::Partner(id) => store.partner(id)?.map(Record::from),
        RecordId::PartnerCertificate(id) => store.partner_certificate(*id)?.map(Record::from),
        RecordId::PolicyGroup(id) => store.policy_group(*id)?.map(Record::from),
        RecordId::Policy(id) => store.policy(*id)?.map(Record::from),
        RecordId::PolicyLink(id) => store.policy_link(*id)?.map(Record::from),
        RecordId::LicenseKey(id) => store.license_key(*id)?.map(|row| Record::from(row.key)),
    })
}
