//! What can keep an export or an import from its end.

use std::io;

use crate::error::{Error, ErrorKind};
use crate::event::EventSequence;
use crate::store::StoreError;

/// Why an export or an import did not come to its end. What was written or committed until then is whole and stays;
/// see [the module](super) for how to go on.
#[derive(Debug, thiserror::Error, serde::Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum TransferError {
    /// The file cannot be read.
    #[error("the file must be readable, found that it is not")]
    Read(
        #[source]
        #[serde(serialize_with = "crate::wire::reason")]
        io::Error,
    ),
    /// The file cannot be written.
    #[error("the file must be writable, found that it is not")]
    Write(
        #[source]
        #[serde(serialize_with = "crate::wire::reason")]
        io::Error,
    ),
    /// The store failed, or refused what the file holds.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file does not begin as an export does.
    #[error("a file that begins as an export is needed, found {found}")]
    NotAnExport {
        /// What it begins with.
        found: String,
    },
    /// The file is of a later version of the format.
    #[error("an export of version {supported} is needed, found version {found}")]
    UnknownVersion {
        /// The version that this engine reads.
        supported: u32,
        /// The file's version.
        found: u32,
    },
    /// A line is longer than any that the engine writes.
    #[error("line {line} must have at most {max} bytes, found more")]
    LineTooLong {
        /// The line, counted from 1.
        line: u64,
        /// The most bytes.
        max: usize,
    },
    /// A line is not what must stand there.
    #[error("line {line} must be {required}, found {found}")]
    Line {
        /// The line, counted from 1.
        line: u64,
        /// What must stand there.
        required: &'static str,
        /// What stands there; nothing of its content, which may be contact data.
        found: String,
    },
    /// The file has no end.
    #[error("an end after line {lines} is needed, found none: the file was cut")]
    Cut {
        /// Whole lines that are there.
        lines: u64,
    },
    /// The file's lines are not those that its end tells of.
    #[error("{what}: {required} needed, found {found}: the file is damaged")]
    Damaged {
        /// What was compared: the SHA-256, or the number of a kind.
        what: &'static str,
        /// What the end tells.
        required: String,
        /// What was found.
        found: String,
    },
    /// A command was carried out while the store was exported.
    #[error("a store without commands is needed during an export, found event {found} after {last}")]
    Moved {
        /// The last event when the export began.
        last: EventSequence,
        /// An event that came after it.
        found: EventSequence,
    },
    /// The store holds something else than the file.
    #[error("{what} must be in the store as in the file, or not at all, found another")]
    Differs {
        /// The record by kind and id, or the event by its place.
        what: String,
    },
    /// More records than fit into a commit name each other.
    #[error("at most {max} records or bytes that name each other are needed, found more")]
    TooManyTogether {
        /// The most records, or the most bytes, of one commit.
        max: usize,
    },
}

impl TransferError {
    /// What sort of failure it is, as [`Error::kind`](crate::Error::kind) tells of commands and reads.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Read(_) | Self::Write(_) => ErrorKind::Store,
            Self::Store(error) => Error::kind_of_store(error),
            Self::NotAnExport { .. }
            | Self::UnknownVersion { .. }
            | Self::LineTooLong { .. }
            | Self::Line { .. }
            | Self::Cut { .. }
            | Self::Damaged { .. }
            | Self::TooManyTogether { .. } => ErrorKind::InvalidInput,
            Self::Moved { .. } => ErrorKind::Conflict,
            Self::Differs { .. } => ErrorKind::WrongState,
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "transfer.read",
            Self::Write(_) => "transfer.write",
            Self::Store(error) => error.code(),
            Self::NotAnExport { .. } => "transfer.not_an_export",
            Self::UnknownVersion { .. } => "transfer.unknown_version",
            Self::LineTooLong { .. } => "transfer.line_too_long",
            Self::Line { .. } => "transfer.line",
            Self::Cut { .. } => "transfer.cut",
            Self::Damaged { .. } => "transfer.damaged",
            Self::Moved { .. } => "transfer.moved",
            Self::Differs { .. } => "transfer.differs",
            Self::TooManyTogether { .. } => "transfer.too_many_together",
        }
    }
}
