//! Writing a file.

use std::io::Write;

use super::beginning;
use super::line::{Begin, End, Line, hexadecimal};
use super::unfinished::{Part, Unfinished};
use super::{Counts, Progress, TransferError};
use crate::Timestamp;
use crate::event::EventSequence;
use crate::license_key::LicenseKeyFilter;
use crate::list::{Direction, ListRow, Position, Query, SortKey};
use crate::partner::{PartnerFilter, PartnerId};
use crate::policy::{PolicyFilter, PolicyGroupFilter};
use crate::policy_link::PolicyLinkFilter;
use crate::store::{Record, Store, StoreError};
use crate::trust_store::CaCertificateFilter;

/// Rows and events that are read at once.
const PAGE: u32 = 500;

/// Writes everything that the store holds. `at` is the present instant, for the file to name.
///
/// `progress` is called after each page. `to` is written in small pieces and flushed in the end; give it a buffer.
///
/// # Errors
/// [`TransferError::Moved`] when a command was carried out meanwhile; [`TransferError::Store`] and
/// [`TransferError::Write`] when the store or the file fails.
pub fn export(
    store: &dyn Store,
    at: Timestamp,
    to: impl Write,
    progress: impl FnMut(&Progress),
) -> Result<Counts, TransferError> {
    resume(store, at, Unfinished::default(), to, progress)
}

/// Goes on with an export that was broken off. `to` takes what comes after the bytes that are there; `at` counts only
/// where nothing is there yet.
///
/// # Errors
/// As for [`export`]; [`TransferError::Moved`] also when a command was carried out since it was broken off. Then it must
/// begin anew. [`TransferError::Differs`] when the file is of another store.
pub fn resume(
    store: &dyn Store,
    at: Timestamp,
    unfinished: Unfinished,
    to: impl Write,
    progress: impl FnMut(&Progress),
) -> Result<Counts, TransferError> {
    let begin = match &unfinished.begin {
        Some(begin) => begin.clone(),
        None => beginning::begin(store, at)?,
    };
    let mut export = Export { store, begin, to, place: unfinished, line: Vec::new(), progress };
    if export.place.begin.is_none() {
        let begin = export.begin.clone();
        export.write(&Line::Begin(begin))?;
    }
    export.events()?;
    export.trust_store()?;
    export.policy_groups()?;
    export.policies()?;
    export.partners()?;
    export.policy_links()?;
    export.license_keys()?;
    export.end()
}

/// An export at work.
struct Export<'a, W, P> {
    store: &'a dyn Store,
    begin: Begin,
    to: W,
    place: Unfinished,
    line: Vec<u8>,
    progress: P,
}

impl<W: Write, P: FnMut(&Progress)> Export<'_, W, P> {
    fn events(&mut self) -> Result<(), TransferError> {
        self.must_be_the_same()?;
        let mut after = self.place.last_event.as_ref().map_or(EventSequence::START, |event| event.sequence);
        while after < self.begin.last_event {
            let page = self.store.events_after(after, PAGE)?;
            let Some(last) = page.last().map(|event| event.sequence) else {
                return Err(corrupt(
                    format!("event {}", self.begin.last_event),
                    format!("none after {after}"),
                ));
            };
            if last > self.begin.last_event {
                return Err(self.moved(last));
            }
            for event in page {
                self.write(&Line::Event(event))?;
            }
            after = last;
            self.tell();
        }
        Ok(())
    }

    /// Fails where the file that is gone on with is of another store.
    fn must_be_the_same(&self) -> Result<(), TransferError> {
        let Some(event) = &self.place.last_event else { return Ok(()) };
        let before = EventSequence::new(event.sequence.number().saturating_sub(1));
        if self.store.events_after(before, 1)?.first() == Some(event) {
            return Ok(());
        }
        Err(TransferError::Differs { what: format!("event {}", event.sequence) })
    }

    /// CA certificates, each domain before the first of its own.
    fn trust_store(&mut self) -> Result<(), TransferError> {
        self.rows(
            Part::TrustStore,
            CaCertificateFilter::default(),
            |store, query| store.list_ca_certificates(query),
            |export, ca| {
                if !export.place.domains.contains(&ca.domain) {
                    let domain = export.store.trust_domain(&ca.domain)?;
                    let domain =
                        domain.ok_or_else(|| corrupt(format!("trust domain {}", ca.domain), "none"))?;
                    export.record(domain.into())?;
                }
                export.record(ca.into())
            },
        )
    }

    fn policy_groups(&mut self) -> Result<(), TransferError> {
        self.rows(
            Part::PolicyGroups,
            PolicyGroupFilter::default(),
            |store, query| store.list_policy_groups(query),
            |export, group| export.record(group.into()),
        )
    }

    fn policies(&mut self) -> Result<(), TransferError> {
        self.rows(
            Part::Policies,
            PolicyFilter::default(),
            |store, query| store.list_policies(query),
            |export, row| export.record(row.policy.into()),
        )
    }

    fn policy_links(&mut self) -> Result<(), TransferError> {
        self.rows(
            Part::PolicyLinks,
            PolicyLinkFilter::default(),
            |store, query| store.list_policy_links(query),
            |export, row| export.record(row.link.into()),
        )
    }

    /// Partners, each with its certificates.
    fn partners(&mut self) -> Result<(), TransferError> {
        if self.place.part == Part::Partners
            && let Some(partner) = self.place.partner.clone()
        {
            self.certificates(&partner)?;
        }
        self.rows(
            Part::Partners,
            PartnerFilter::default(),
            |store, query| store.list_partners(query),
            |export, row| {
                let id = row.partner.id.clone();
                export.record(row.partner.into())?;
                export.certificates(&id)
            },
        )
    }

    /// The certificates of the partner written last, but for those that are written.
    fn certificates(&mut self, partner: &PartnerId) -> Result<(), TransferError> {
        for certificate in self.store.partner_certificates(partner)?.into_iter().rev() {
            if !self.place.certificates.contains(&certificate.id) {
                self.record(certificate.into())?;
            }
        }
        Ok(())
    }

    /// Keys that replace none, each with those that replaced it one after the other.
    fn license_keys(&mut self) -> Result<(), TransferError> {
        self.successors()?;
        self.rows(
            Part::LicenseKeys,
            LicenseKeyFilter::default(),
            |store, query| store.list_license_keys(query),
            |export, row| {
                if row.key.replaces.is_some() {
                    return Ok(());
                }
                export.record(row.key.into())?;
                export.successors()
            },
        )
    }

    /// The keys that came in the place of the one written last.
    fn successors(&mut self) -> Result<(), TransferError> {
        while let Some(id) = self.place.successor {
            let row = self.store.license_key(id)?;
            let row = row.ok_or_else(|| corrupt(format!("license key {id}"), "none"))?;
            if self.place.counts.license_keys >= self.begin.expected.license_keys {
                return Err(corrupt(format!("license key {id}"), "more keys than were counted"));
            }
            self.record(row.key.into())?;
        }
        Ok(())
    }

    /// The rows of a list that are not written yet, oldest first.
    fn rows<F: Clone, S: SortKey, T: ListRow<S>>(
        &mut self,
        part: Part,
        filter: F,
        list: impl Fn(&dyn Store, &Query<F, S>) -> Result<Vec<T>, StoreError>,
        write: impl Fn(&mut Self, T) -> Result<(), TransferError>,
    ) -> Result<(), TransferError> {
        if self.place.part > part {
            return Ok(());
        }
        let mut after = self.place.after.clone().filter(|_| self.place.part == part);
        loop {
            let query = Query {
                filter: filter.clone(),
                sort: S::NEWEST,
                direction: Direction::Ascending,
                after,
                limit: PAGE,
                now: self.begin.at,
            };
            let page = list(self.store, &query)?;
            self.must_rest()?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(Position { value: last.sort_value(S::NEWEST), id: last.tie_break() });
            for row in page {
                write(self, row)?;
            }
            self.tell();
        }
    }

    fn end(mut self) -> Result<Counts, TransferError> {
        self.must_rest()?;
        let counts = self.place.counts;
        let beforehand = self.begin.expected;
        // These were not counted.
        let (trust_domains, partner_certificates) = (counts.trust_domains, counts.partner_certificates);
        let expected = Counts { events: counts.events, trust_domains, partner_certificates, ..beforehand };
        if let Some((kind, counted, found)) = counts.differing(&expected) {
            return Err(corrupt(format!("each of {counted} {kind} counted"), format!("{found} listed")));
        }
        let end = End { counts, sha256: hexadecimal(&self.place.digest) };
        self.write(&Line::End(end))?;
        self.to.flush().map_err(TransferError::Write)?;
        Ok(counts)
    }

    /// Fails where something happened since the export began.
    fn must_rest(&self) -> Result<(), TransferError> {
        match self.store.events_after(self.begin.last_event, 1)?.first() {
            None => Ok(()),
            Some(event) => Err(self.moved(event.sequence)),
        }
    }

    fn moved(&self, found: EventSequence) -> TransferError {
        TransferError::Moved { last: self.begin.last_event, found }
    }

    fn record(&mut self, record: Record) -> Result<(), TransferError> {
        self.write(&Line::Record(record))
    }

    fn write(&mut self, line: &Line) -> Result<(), TransferError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(|error| TransferError::Write(error.into()))?;
        self.line.push(b'\n');
        self.to.write_all(&self.line).map_err(TransferError::Write)?;
        self.place.pass(line, &self.line);
        Ok(())
    }

    fn tell(&mut self) {
        (self.progress)(&Progress { done: self.place.counts, expected: self.begin.expected });
    }
}

fn corrupt(what: impl Into<String>, found: impl Into<String>) -> TransferError {
    StoreError::Corrupt { what: what.into(), found: found.into() }.into()
}
