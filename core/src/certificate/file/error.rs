//! Why a file, or one entry of it, cannot be read.

use std::fmt;

use super::{FileEntry, MAX_CERTIFICATES_PER_FILE, MAX_FILE_BYTES};

/// Why a file holds no certificate that could be looked at.
///
/// Says what was required and what was found, in numbers and names; never a byte of the file, which may be a
/// private key. The one exception is the label of a PEM block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableFile {
    /// The file has no byte, or only white space.
    Empty,
    /// The file is longer than [`MAX_FILE_BYTES`].
    TooLarge {
        /// Its length in bytes.
        bytes: usize,
        /// The longest one read.
        at_most: usize,
    },
    /// The file has more than [`MAX_CERTIFICATES_PER_FILE`] entries.
    TooManyCertificates {
        /// The most that are read.
        at_most: usize,
    },
    /// The file is UTF-16 text.
    Utf16,
    /// The file is a web page: perhaps the error page of the server it was loaded from.
    Html,
    /// The file is text without a PEM block, and not base64 of DER.
    OtherText,
    /// The file is neither text nor DER.
    OtherBinary,
    /// The file has entries, and not one of them is a certificate.
    NoCertificate {
        /// All of them, at least one.
        entries: Vec<FileEntry>,
    },
}

impl UnreadableFile {
    /// A stable name for the reason; for a file with nothing but bad entries that of the first.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "certificate_file.empty",
            Self::TooLarge { .. } => "certificate_file.too_large",
            Self::TooManyCertificates { .. } => "certificate_file.too_many_certificates",
            Self::Utf16 => "certificate_file.utf16",
            Self::Html => "certificate_file.html",
            Self::OtherText => "certificate_file.other_text",
            Self::OtherBinary => "certificate_file.other_binary",
            Self::NoCertificate { entries } => {
                first_fault(entries).map_or("certificate_file.no_certificate", UnreadableEntry::code)
            }
        }
    }

    /// What was required, as a phrase.
    pub fn required(&self) -> String {
        match self {
            Self::TooLarge { at_most, .. } => format!("a file of at most {at_most} bytes"),
            Self::TooManyCertificates { at_most } => format!("at most {at_most} certificates in a file"),
            Self::Utf16 => "text saved as UTF-8".into(),
            Self::Empty | Self::Html | Self::OtherText | Self::OtherBinary => {
                "certificates as PEM, DER, base64 of DER or PKCS#7".into()
            }
            Self::NoCertificate { entries } => {
                first_fault(entries).map_or_else(|| "a certificate".into(), UnreadableEntry::required)
            }
        }
    }

    /// What was found, as a phrase.
    pub fn found(&self) -> String {
        match self {
            Self::Empty => "an empty file".into(),
            Self::TooLarge { bytes, .. } => format!("{bytes} bytes"),
            Self::TooManyCertificates { .. } => "more".into(),
            Self::Utf16 => "UTF-16 text".into(),
            Self::Html => "a web page".into(),
            Self::OtherText => "text without a PEM block".into(),
            Self::OtherBinary => "binary data that is not DER".into(),
            Self::NoCertificate { entries } => match (first_fault(entries), entries.len()) {
                (Some(fault), 1) => fault.found(),
                (Some(fault), count) => {
                    format!("{} (first of {count} entries, none of them a certificate)", fault.found())
                }
                (None, _) => "none".into(),
            },
        }
    }

    pub(super) fn too_large(bytes: usize) -> Self {
        Self::TooLarge { bytes, at_most: MAX_FILE_BYTES }
    }

    pub(super) fn too_many_certificates() -> Self {
        Self::TooManyCertificates { at_most: MAX_CERTIFICATES_PER_FILE }
    }
}

fn first_fault(entries: &[FileEntry]) -> Option<&UnreadableEntry> {
    entries.iter().find_map(|entry| entry.certificate.as_ref().err())
}

impl fmt::Display for UnreadableFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} required, found {}", self.required(), self.found())
    }
}

/// Why one entry of a file is not a certificate that could be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableEntry {
    /// A PEM block has no END line: the file was cut off, or two blocks ran into each other.
    NoEndLine {
        /// The block's label.
        label: String,
    },
    /// A PEM END line has no BEGIN line before it.
    NoBeginLine {
        /// Its label.
        label: String,
    },
    /// A PEM block begins under one label and ends under another.
    TwoLabels {
        /// The label of its BEGIN line.
        label: String,
        /// The label of its END line.
        end: String,
    },
    /// A character that is not base64 stands where base64 should.
    NotBase64 {
        /// Its line in the file, counted from 1.
        line: usize,
    },
    /// The base64 text does not make whole bytes: characters are missing, or `=` stands within it.
    IncompleteBase64 {
        /// How many characters it has, white space not counted.
        characters: usize,
    },
    /// There is nothing in the block.
    Empty,
    /// It is something else, such as a private key.
    NotACertificate {
        /// The label of the block, or the one PEM has for what was found: `PRIVATE KEY`,
        /// `CERTIFICATE REQUEST`, `X509 CRL`, `PUBLIC KEY`, `PKCS12`, ...
        found: String,
    },
    /// DER ends before its own length says so.
    TruncatedDer {
        /// Bytes needed at least.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// BER with an indefinite length, which DER does not have.
    IndefiniteLength,
    /// Not DER at all.
    NotDer,
    /// More bytes follow the certificate.
    TrailingBytes {
        /// How many.
        bytes: usize,
    },
    /// PKCS#7 other than SignedData.
    NotSignedData {
        /// Its content type, an object identifier in dotted form.
        content_type: String,
    },
    /// PKCS#7 SignedData whose fields are not those of RFC 5652.
    MalformedPkcs7,
    /// PKCS#7 SignedData without a certificate.
    EmptyPkcs7,
}

impl UnreadableEntry {
    /// A stable name for the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoEndLine { .. } => "certificate_file.no_end_line",
            Self::NoBeginLine { .. } => "certificate_file.no_begin_line",
            Self::TwoLabels { .. } => "certificate_file.two_labels",
            Self::NotBase64 { .. } => "certificate_file.not_base64",
            Self::IncompleteBase64 { .. } => "certificate_file.incomplete_base64",
            Self::Empty => "certificate_file.empty_block",
            Self::NotACertificate { .. } => "certificate_file.not_a_certificate",
            Self::TruncatedDer { .. } => "certificate_file.truncated_der",
            Self::IndefiniteLength => "certificate_file.indefinite_length",
            Self::NotDer => "certificate_file.not_der",
            Self::TrailingBytes { .. } => "certificate_file.trailing_bytes",
            Self::NotSignedData { .. } => "certificate_file.not_signed_data",
            Self::MalformedPkcs7 => "certificate_file.malformed_pkcs7",
            Self::EmptyPkcs7 => "certificate_file.empty_pkcs7",
        }
    }

    /// What was required, as a phrase.
    pub fn required(&self) -> String {
        match self {
            Self::NoEndLine { label } => format!("an END line for the {label} block"),
            Self::NoBeginLine { label } => format!("a BEGIN line before END {label}"),
            Self::TwoLabels { label, .. } => format!("END {label} for BEGIN {label}"),
            Self::NotBase64 { .. } => "base64 text".into(),
            Self::IncompleteBase64 { .. } => "base64 text of whole bytes".into(),
            Self::Empty | Self::NotACertificate { .. } => "a certificate".into(),
            Self::TruncatedDer { needed, .. } => format!("DER of at least {needed} bytes"),
            Self::IndefiniteLength => "DER, which states every length".into(),
            Self::NotDer => "a certificate in DER".into(),
            Self::TrailingBytes { .. } => "a certificate with nothing after it".into(),
            Self::NotSignedData { .. } => "PKCS#7 SignedData".into(),
            Self::MalformedPkcs7 => "PKCS#7 SignedData as in RFC 5652".into(),
            Self::EmptyPkcs7 => "PKCS#7 with certificates".into(),
        }
    }

    /// What was found, as a phrase.
    pub fn found(&self) -> String {
        match self {
            Self::NoEndLine { .. } => "the next block or the end of the file".into(),
            Self::NoBeginLine { .. } => "none".into(),
            Self::TwoLabels { end, .. } => format!("END {end}"),
            Self::NotBase64 { line } => format!("another character in line {line}"),
            Self::IncompleteBase64 { characters } => format!("{characters} characters that do not add up"),
            Self::Empty => "an empty block".into(),
            Self::NotACertificate { found } => found.clone(),
            Self::TruncatedDer { found, .. } => format!("{found} bytes"),
            Self::IndefiniteLength => "BER with an indefinite length".into(),
            Self::NotDer => "other bytes".into(),
            Self::TrailingBytes { bytes } => format!("{bytes} more bytes"),
            Self::NotSignedData { content_type } => format!("content type {content_type}"),
            Self::MalformedPkcs7 => "other fields".into(),
            Self::EmptyPkcs7 => "none".into(),
        }
    }
}

impl fmt::Display for UnreadableEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} required, found {}", self.required(), self.found())
    }
}
