//! Moving what a store holds into another store: the part of Kotlin's object `Transfer` that is in Rust.
//!
//! Kotlin's part has the engine's names and takes streams of Java; what is declared here is internal there, but for what
//! is answered.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::store::StoreError as CoreStoreError;
use misp_onboarding::transfer as core;

use crate::convert::{Mirror, mirror};
use crate::engine::Onboarding;
use crate::error::{StoreError, TransferError};

/// Bytes that are written to or read from a stream of the host's at once.
const CHUNK: usize = 64 * 1024;

mirror! {
    /// How many of each.
    TransferCounts of core::Counts {
        /// Events.
        events: i64,
        /// Trust domains.
        trust_domains: i64,
        /// CA certificates.
        ca_certificates: i64,
        /// Policy groups.
        policy_groups: i64,
        /// Policies.
        policies: i64,
        /// Partners.
        partners: i64,
        /// Certificates of partners.
        partner_certificates: i64,
        /// Policy links.
        policy_links: i64,
        /// License keys.
        license_keys: i64,
    }
    and |counts| {
        /// All of them together.
        total: i64 = Mirror::of(counts.total()),
    }
}

mirror! {
    /// How far an export or an import is.
    TransferProgress of core::Progress {
        /// What of the file is written, or read and in the store.
        done: TransferCounts,
        /// What there is in all. Trust domains and certificates of partners are not counted beforehand and stand as
        /// none.
        expected: TransferCounts,
    }
}

mirror! {
    /// What an import did.
    Imported of core::Imported {
        /// What the file holds.
        read: TransferCounts,
        /// What of it was not in the store before.
        added: TransferCounts,
    }
}

/// An export that was broken off, as far as its file goes.
#[derive(uniffi::Object)]
pub struct Unfinished(core::Unfinished);

#[uniffi::export]
impl Unfinished {
    /// How many bytes of the file are whole lines. The file must be cut there before the export goes on.
    pub fn bytes(&self) -> i64 {
        Mirror::of(self.0.bytes())
    }

    /// What of the store is in the file.
    pub fn counts(&self) -> TransferCounts {
        Mirror::of(self.0.counts())
    }
}

/// A stream that an export is written to.
#[uniffi::export(with_foreign)]
pub trait TransferOutput: Send + Sync {
    /// Writes all of the bytes.
    fn write(&self, bytes: Vec<u8>) -> Result<(), StoreError>;

    /// Hands on what it has kept back.
    fn flush(&self) -> Result<(), StoreError>;
}

/// A stream that an export is read from.
#[uniffi::export(with_foreign)]
pub trait TransferInput: Send + Sync {
    /// The next bytes, `most` at most; none at the end.
    fn read(&self, most: i32) -> Result<Vec<u8>, StoreError>;
}

/// Whoever is told how far it is.
#[uniffi::export(with_foreign)]
pub trait TransferWatcher: Send + Sync {
    /// Takes notice, and says whether to go on.
    fn goes_on(&self, progress: TransferProgress) -> bool;
}

/// Exports a store from the beginning, or from where it was broken off.
#[uniffi::export]
pub fn transfer_export(
    from: Arc<Onboarding>,
    unfinished: Option<Arc<Unfinished>>,
    to: Arc<dyn TransferOutput>,
    at: Timestamp,
    watcher: Arc<dyn TransferWatcher>,
) -> Result<TransferCounts, TransferError> {
    let stopped = Cell::new(false);
    let file = BufWriter::with_capacity(CHUNK, Output { to, failed: false });
    let unfinished = unfinished.map(|unfinished| unfinished.0.clone()).unwrap_or_default();
    let file = Watched { file, stopped: &stopped };
    let counts = core::resume(from.store(), at, unfinished, file, tell(&*watcher, &stopped));
    Ok(Mirror::of(counts?))
}

/// Reads how far an export got; null where it is complete.
#[uniffi::export]
pub fn transfer_unfinished(from: Arc<dyn TransferInput>) -> Result<Option<Arc<Unfinished>>, TransferError> {
    Ok(core::unfinished(reader(from))?.map(|unfinished| Arc::new(Unfinished(unfinished))))
}

/// Reads a file into a store.
#[uniffi::export]
pub fn transfer_import(
    to: Arc<Onboarding>,
    from: Arc<dyn TransferInput>,
    watcher: Arc<dyn TransferWatcher>,
) -> Result<Imported, TransferError> {
    let stopped = Cell::new(false);
    let file = Watched { file: reader(from), stopped: &stopped };
    Ok(Mirror::of(core::import(to.store(), file, tell(&*watcher, &stopped))?))
}

/// Reads a file to its end.
#[uniffi::export]
pub fn transfer_verify(from: Arc<dyn TransferInput>) -> Result<TransferCounts, TransferError> {
    Ok(Mirror::of(core::verify(reader(from))?))
}

fn reader(from: Arc<dyn TransferInput>) -> BufReader<Input> {
    BufReader::with_capacity(CHUNK, Input(from))
}

/// Tells the watcher until it says to stop.
fn tell(watcher: &dyn TransferWatcher, stopped: &Cell<bool>) -> impl FnMut(&core::Progress) {
    move |progress| stopped.set(stopped.get() || !watcher.goes_on(Mirror::of(*progress)))
}

/// A file that can be neither read nor written any more once the watcher has said to stop, which is how the engine
/// learns of it.
struct Watched<'a, F> {
    file: F,
    stopped: &'a Cell<bool>,
}

impl<F> Watched<'_, F> {
    fn file(&mut self) -> io::Result<&mut F> {
        if self.stopped.get() { Err(io::Error::other("the host has stopped it")) } else { Ok(&mut self.file) }
    }
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file()?.read(into)
    }
}

impl<R: BufRead> BufRead for Watched<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.file()?.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.file.consume(bytes);
    }
}

/// A stream of the host's, to write to.
struct Output {
    to: Arc<dyn TransferOutput>,
    /// Nobody knows how much of the bytes it has taken then, so it gets no others: neither again nor after them.
    failed: bool,
}

impl Output {
    fn call(&mut self, call: impl FnOnce(&dyn TransferOutput) -> Result<(), StoreError>) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("the stream has failed before"));
        }
        call(&*self.to).map_err(|error| {
            self.failed = true;
            io::Error::other(CoreStoreError::from(error))
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.call(|to| to.write(bytes.to_vec()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call(|to| to.flush())
    }
}

/// A stream of the host's, to read from.
struct Input(Arc<dyn TransferInput>);

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self
            .0
            .read(Mirror::of(into.len()))
            .map_err(|error| io::Error::other(CoreStoreError::from(error)))?;
        let Some(place) = into.get_mut(..bytes.len()) else {
            return Err(io::Error::other("the stream gave more than it was asked for"));
        };
        place.copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}
