//! What keeps an export or an import from its end.

use std::io;

use misp_onboarding::event::EventSequence;
use misp_onboarding::store::StoreError as CoreStoreError;
use misp_onboarding::transfer as core;

use crate::convert::Mirror;
use crate::store::{Cause, cause_of};

/// Declares [`TransferError`]: what all failures have in common, and for each the error of the engine it comes from.
macro_rules! transfer_errors {
    ($(
        $(#[$doc:meta])* $variant:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $value:expr)?,)*
        } from $pattern:pat,
    )+) => {
        /// Why an export or an import did not come to its end. What was written or committed until then is whole and
        /// stays.
        ///
        /// `code` is stable. The message names the thing, what was needed and what was found, and nothing of what the
        /// file says: that may be contact data.
        #[derive(Debug, thiserror::Error, uniffi::Error)]
        pub enum TransferError {
            $($(#[$doc])*
            #[error("{detail}")]
            $variant {
                /// The stable code of exactly this failure, such as `transfer.cut`.
                code: String,
                /// The message.
                detail: String,
                $($(#[$field_doc])* $field: $type,)*
            },)+
        }

        impl From<core::TransferError> for TransferError {
            fn from(error: core::TransferError) -> Self {
                let (code, detail) = (error.code().to_owned(), error.to_string());
                match error {
                    $($pattern => Self::$variant {
                        code, detail,
                        $($field: transfer_errors!(@value $field $($value)?),)*
                    },)+
                }
            }
        }
    };
    (@value $field:ident) => { Mirror::of($field) };
    (@value $field:ident $value:expr) => { $value };
}

transfer_errors! {
    /// The file cannot be read.
    Read {
        /// What the stream threw.
        cause: Option<Cause> = thrown(&source),
    } from core::TransferError::Read(source),
    /// The file cannot be written.
    Write {
        /// What the stream threw.
        cause: Option<Cause> = thrown(&source),
    } from core::TransferError::Write(source),
    /// The store failed, or refused what the file holds.
    StoreFailed {
        /// What the store threw, where it is one of the host's.
        cause: Option<Cause> = cause_of(&store),
    } from core::TransferError::Store(store),
    /// The file does not begin as an export does.
    NotAnExport {
        /// What it begins with.
        found: String,
    } from core::TransferError::NotAnExport { found },
    /// The file is of a later version of the format.
    UnknownVersion {
        /// The version that this engine reads.
        supported: i32,
        /// The file's version.
        found: i32,
    } from core::TransferError::UnknownVersion { supported, found },
    /// A line is longer than any that the engine writes.
    LineTooLong {
        /// The line, counted from 1.
        line: i64,
        /// The most bytes.
        max: i32,
    } from core::TransferError::LineTooLong { line, max },
    /// A line is not what must stand there.
    Line {
        /// The line, counted from 1.
        line: i64,
        /// What must stand there.
        required: String,
        /// What stands there; nothing of its content, which may be contact data.
        found: String,
    } from core::TransferError::Line { line, required, found },
    /// The file has no end.
    Cut {
        /// Whole lines that are there.
        lines: i64,
    } from core::TransferError::Cut { lines },
    /// The file's lines are not those that its end tells of.
    Damaged {
        /// What was compared: the SHA-256, or the number of a kind.
        what: String,
        /// What the end tells.
        required: String,
        /// What was found.
        found: String,
    } from core::TransferError::Damaged { what, required, found },
    /// A command was carried out while the store was exported, or between an export and its resumption.
    Moved {
        /// The last event when the export began.
        last: EventSequence,
        /// An event that came after it.
        found: EventSequence,
    } from core::TransferError::Moved { last, found },
    /// The store holds something else than the file.
    Differs {
        /// The record by kind and id, or the event by its place.
        what: String,
    } from core::TransferError::Differs { what },
    /// More records than fit into a commit name each other.
    TooManyTogether {
        /// The most records, or the most bytes, of one commit.
        max: i32,
    } from core::TransferError::TooManyTogether { max },
    /// Something that this version does not know; the code tells it.
    Other {} from _,
}

/// What the host's stream threw.
fn thrown(error: &io::Error) -> Option<Cause> {
    cause_of(error.get_ref()?.downcast_ref::<CoreStoreError>()?)
}
