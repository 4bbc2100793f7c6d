//! Certificate files as people upload them: from bytes to the DER of each certificate, in the order of the file.

pub(super) mod content;
mod error;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::content::{Content, Element, take};
pub use self::error::{UnreadableEntry, UnreadableFile};
use super::pem::{self, Block, NotBase64};
use super::pkcs7::{self, Member};
use super::reader::tag;

/// Longest file that is read, in bytes: five times the bundle of all roots that browsers trust (some 140
/// certificates, 220 kB as PEM).
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// Most entries of a file that are read: what fits into [`MAX_FILE_BYTES`] at a usual 1 kB each. Every one of them
/// may cost a signature check later.
pub const MAX_CERTIFICATES_PER_FILE: usize = 1_000;

/// The labels of PEM blocks that hold certificates. Which of them it is does not tell PKCS#7 from a certificate:
/// Microsoft's tools write PKCS#7 as `CERTIFICATE`.
const LABELS: [&str; 6] =
    ["CERTIFICATE", "X509 CERTIFICATE", LABEL_WITH_TRUST, "PKCS7", "CMS", "PKCS #7 SIGNED DATA"];

/// OpenSSL writes its trust settings behind the certificate in the same block.
const LABEL_WITH_TRUST: &str = "TRUSTED CERTIFICATE";

/// A file of certificates: at least one entry is a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateFile {
    /// How the file is written.
    pub form: FileForm,
    /// What is in it, in its order, at most [`MAX_CERTIFICATES_PER_FILE`]. Nothing is left out: what is not a
    /// certificate is there with the reason.
    pub entries: Vec<FileEntry>,
}

impl CertificateFile {
    /// The DER of every entry that is a certificate, in the order of the file.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.entries.iter().filter_map(|entry| entry.certificate.as_ref().ok())
    }
}

/// One thing in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileEntry {
    /// The line its PEM block begins in, counted from 1; `None` in a file without PEM.
    pub line: Option<usize>,
    /// The DER of the certificate, as it stands in the file, or why this entry is none. Only the outermost value
    /// of the DER has been looked at: whether it makes a certificate is for its parser to say.
    pub certificate: Result<Arc<[u8]>, UnreadableEntry>,
}

/// How a file of certificates is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileForm {
    /// PEM blocks, at least one of them a certificate.
    Pem,
    /// DER, one or several certificates.
    Der,
    /// Base64 of DER without PEM's markers.
    Base64,
    /// PEM blocks of PKCS#7.
    Pkcs7Pem,
    /// PKCS#7 in DER.
    Pkcs7Der,
    /// Base64 of PKCS#7 without PEM's markers.
    Pkcs7Base64,
}

/// Reads a file of certificates, whichever form it has; `docs/adr/0004-own-pem-and-pkcs7-reader.md` lists what is
/// accepted and why. Takes time and memory in proportion to the file.
///
/// ```
/// use misp_onboarding::certificate::file::{self, FileForm};
///
/// let file = file::read(b"our CA\n-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n")?;
/// assert_eq!(file.form, FileForm::Pem);
/// assert_eq!(file.entries[0].line, Some(2));
/// assert_eq!(file.certificates().next().map(|der| der.len()), Some(5));
/// # Ok::<(), file::UnreadableFile>(())
/// ```
///
/// # Errors
///
/// [`UnreadableFile`] where the file is none of these forms, beyond a limit, or has no certificate in it. A
/// single bad entry among good ones is no error: it is an entry with its reason.
pub fn read(bytes: &[u8]) -> Result<CertificateFile, UnreadableFile> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(UnreadableFile::too_large(bytes.len()));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(UnreadableFile::Empty);
    }
    let mut entries = Entries::default();
    let form = if looks_like_der(bytes) {
        entries.add_der(bytes)?;
        if entries.bare { FileForm::Der } else { FileForm::Pkcs7Der }
    } else if looks_like_utf16(bytes) {
        return Err(UnreadableFile::Utf16);
    } else {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        entries.add_pem(text)?;
        if entries.list.is_empty() {
            entries.add_base64(text)?;
            if entries.bare { FileForm::Base64 } else { FileForm::Pkcs7Base64 }
        } else if entries.bare {
            FileForm::Pem
        } else {
            FileForm::Pkcs7Pem
        }
    };
    if entries.list.iter().all(|entry| entry.certificate.is_err()) {
        return Err(UnreadableFile::NoCertificate { entries: entries.list });
    }
    Ok(CertificateFile { form, entries: entries.list })
}

/// DER of a certificate or of PKCS#7 starts with a SEQUENCE of at least 128 bytes, or of exactly the file's
/// length. The second byte is none that text could have after a `0`.
fn looks_like_der(bytes: &[u8]) -> bool {
    match bytes {
        [tag::SEQUENCE, 0x80..=0x84, ..] => true,
        [tag::SEQUENCE, length, rest @ ..] => usize::from(*length) == rest.len(),
        _ => false,
    }
}

/// With its byte order mark, or without one but starting like ASCII.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [1..=0x7f, 0, 1..=0x7f, 0, ..] | [0, 1..=0x7f, 0, 1..=0x7f, ..]
    )
}

fn looks_like_html(text: &[u8]) -> bool {
    let start = text.trim_ascii_start();
    [b"<!doctype html".as_slice(), b"<html", b"<head", b"<body"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|found| found.eq_ignore_ascii_case(tag)))
}

/// The entries found so far.
#[derive(Default)]
struct Entries {
    list: Vec<FileEntry>,
    /// Whether one of them is a certificate that stood for itself, not in PKCS#7.
    bare: bool,
}

impl Entries {
    fn add(
        &mut self,
        line: Option<usize>,
        certificate: Result<&[u8], UnreadableEntry>,
    ) -> Result<(), UnreadableFile> {
        if self.list.len() >= MAX_CERTIFICATES_PER_FILE {
            return Err(UnreadableFile::too_many_certificates());
        }
        self.list.push(FileEntry { line, certificate: certificate.map(Arc::from) });
        Ok(())
    }

    fn add_pem(&mut self, text: &[u8]) -> Result<(), UnreadableFile> {
        for block in pem::blocks(text) {
            let (line, fault) = match block {
                Block::Complete { label, line, body } if LABELS.contains(&label) => {
                    self.add_block(label, line, body)?;
                    continue;
                }
                // Not decoded: what is in it may be a secret.
                Block::Complete { label, line, .. } => {
                    (line, UnreadableEntry::NotACertificate { found: label.into() })
                }
                Block::WithoutEnd { label, line } => {
                    (line, UnreadableEntry::NoEndLine { label: label.into() })
                }
                Block::WithoutBegin { label, line } => {
                    (line, UnreadableEntry::NoBeginLine { label: label.into() })
                }
                Block::TwoLabels { label, line, end } => {
                    (line, UnreadableEntry::TwoLabels { label: label.into(), end: end.into() })
                }
            };
            self.add(Some(line), Err(fault))?;
        }
        Ok(())
    }

    fn add_block(&mut self, label: &str, line: usize, body: &[u8]) -> Result<(), UnreadableFile> {
        let der = match pem::decode_base64(body) {
            Ok(der) if der.is_empty() => return self.add(Some(line), Err(UnreadableEntry::Empty)),
            Ok(der) => der,
            Err(NotBase64::OtherCharacter { line: within }) => {
                return self.add(Some(line), Err(UnreadableEntry::NotBase64 { line: line + within }));
            }
            Err(NotBase64::Incomplete { characters }) => {
                return self.add(Some(line), Err(UnreadableEntry::IncompleteBase64 { characters }));
            }
        };
        let mut rest = der.as_slice();
        match take(&mut rest) {
            Ok(element) if rest.is_empty() || label == LABEL_WITH_TRUST => {
                self.add_element(Some(line), element)
            }
            Ok(_) => self.add(Some(line), Err(UnreadableEntry::TrailingBytes { bytes: rest.len() })),
            Err(fault) => self.add(Some(line), Err(fault)),
        }
    }

    /// `text` has no PEM block: it is base64 of DER, or nothing that is known.
    fn add_base64(&mut self, text: &[u8]) -> Result<(), UnreadableFile> {
        match pem::decode_base64(text) {
            Ok(der) if der.first() == Some(&tag::SEQUENCE) => self.add_der(&der),
            // The first byte of DER makes an M the first character.
            Err(NotBase64::Incomplete { characters }) if text.trim_ascii_start().starts_with(b"M") => {
                self.add(None, Err(UnreadableEntry::IncompleteBase64 { characters }))
            }
            _ if looks_like_html(text) => Err(UnreadableFile::Html),
            _ if text.contains(&0) || std::str::from_utf8(text).is_err() => Err(UnreadableFile::OtherBinary),
            _ => Err(UnreadableFile::OtherText),
        }
    }

    /// Several certificates one after another are what joining DER files gives.
    fn add_der(&mut self, der: &[u8]) -> Result<(), UnreadableFile> {
        let mut rest = der;
        while let Some(first) = rest.first() {
            if *first != tag::SEQUENCE {
                return self.add(None, Err(UnreadableEntry::TrailingBytes { bytes: rest.len() }));
            }
            match take(&mut rest) {
                Ok(element) => self.add_element(None, element)?,
                Err(fault) => return self.add(None, Err(fault)),
            }
        }
        Ok(())
    }

    fn add_element(&mut self, line: Option<usize>, element: Element<'_>) -> Result<(), UnreadableFile> {
        if element.tag != tag::SEQUENCE {
            return self.add(line, Err(UnreadableEntry::NotDer));
        }
        let other = |found: &str| Err(UnreadableEntry::NotACertificate { found: found.into() });
        match content::identify(element) {
            Content::Certificate => {
                self.bare = true;
                self.add(line, Ok(element.whole))
            }
            Content::Other(found) => self.add(line, other(found)),
            Content::Pkcs7(content_info) => match pkcs7::members(content_info) {
                Ok(mut members) => members.try_for_each(|member| {
                    let certificate = match member {
                        Ok(Member::Certificate(element)) => match content::identify(element) {
                            Content::Certificate => Ok(element.whole),
                            Content::Other(found) => other(found),
                            // PKCS#7 within PKCS#7 is nothing anybody writes, and its depth would need a limit.
                            Content::Pkcs7(_) => other("PKCS7"),
                        },
                        Ok(Member::Other(found)) => other(found),
                        Err(fault) => Err(fault),
                    };
                    self.add(line, certificate)
                }),
                Err(fault) => self.add(line, Err(fault)),
            },
        }
    }
}
