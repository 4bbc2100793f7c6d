//! Files of Python's: whatever has a method `read` or `write`, of bytes or of text.
//!
//! They are asked by pieces, with the interpreter held no longer than that takes. What they raise is kept as it is.

use std::cell::RefCell;
use std::io::{self, BufRead, Read, Write};

use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyInt, PyString};

use crate::arguments::File;
use crate::bridge::Problem;

/// How much a file is asked for, or handed, at a time.
const PIECE: usize = 64 << 10;

/// Takes whole lines, and hands them to the file by pieces.
pub(super) struct Writer {
    file: Py<PyAny>,
    /// Whether it takes text.
    text: bool,
    pending: RefCell<Vec<u8>>,
}

impl Writer {
    pub(super) fn new(file: &Bound<'_, PyAny>) -> PyResult<Self> {
        has(file, "write")?;
        // A text file has one, even where it is None; a binary file has none.
        let text = file.hasattr(intern!(file.py(), "encoding"))?;
        Ok(Self { file: file.clone().unbind(), text, pending: RefCell::default() })
    }

    /// Hands over what it has taken until now.
    pub(super) fn hand_over(&self) -> io::Result<()> {
        let pending = self.pending.take();
        if pending.is_empty() {
            return Ok(());
        }
        Python::attach(|py| {
            py.check_signals()?;
            let file = self.file.bind(py);
            if self.text { write_text(file, &pending) } else { write_bytes(file, &pending) }
        })
        .map_err(io::Error::other)
    }
}

fn write_text(file: &Bound<'_, PyAny>, lines: &[u8]) -> PyResult<()> {
    // JSON is UTF-8.
    let text = String::from_utf8_lossy(lines);
    file.call_method1(intern!(file.py(), "write"), (text,)).map(drop)
}

fn write_bytes(file: &Bound<'_, PyAny>, mut bytes: &[u8]) -> PyResult<()> {
    let py = file.py();
    while !bytes.is_empty() {
        let written = file.call_method1(intern!(py, "write"), (PyBytes::new(py, bytes),))?;
        // A file without a buffer may take less than it is given. One that does not say has taken all.
        let count = if written.is_instance_of::<PyInt>() { written.extract()? } else { bytes.len() };
        if count == 0 {
            return Err(PyOSError::new_err("file.write(): at least one byte has to be taken, found none"));
        }
        bytes = bytes.get(count..).unwrap_or_default();
    }
    Ok(())
}

impl Write for &Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pending = self.pending.borrow_mut();
        pending.extend_from_slice(bytes);
        if pending.len() >= PIECE {
            drop(pending);
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()?;
        Python::attach(|py| match self.file.bind(py).getattr_opt(intern!(py, "flush"))? {
            Some(flush) => flush.call0().map(drop),
            None => Ok(()),
        })
        .map_err(io::Error::other)
    }
}

/// Reads a file by pieces.
pub(super) struct Reader {
    file: Py<PyAny>,
    piece: Option<File>,
    /// How much of the piece is read.
    read: usize,
}

impl Reader {
    pub(super) fn new(file: &Bound<'_, PyAny>) -> PyResult<Self> {
        has(file, "read")?;
        Ok(Self { file: file.clone().unbind(), piece: None, read: 0 })
    }

    fn rest(&self) -> &[u8] {
        let piece = self.piece.as_ref().map(File::bytes).unwrap_or_default();
        piece.get(self.read..).unwrap_or_default()
    }

    fn next(&self) -> PyResult<File> {
        Python::attach(|py| {
            py.check_signals()?;
            let piece = self.file.bind(py).call_method1(intern!(py, "read"), (PIECE,))?;
            if let Ok(bytes) = piece.extract::<PyBackedBytes>() {
                return Ok(File::Bytes(bytes));
            }
            match piece.cast::<PyString>() {
                Ok(text) => text.extract().map(File::Text),
                Err(_) => Err(Problem::kind_of(&piece, "bytes or str").in_argument(py, "file.read()")),
            }
        })
    }
}

impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest().is_empty() {
            (self.piece, self.read) = (Some(self.next().map_err(io::Error::other)?), 0);
        }
        Ok(self.rest())
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

/// Refuses an object that lacks the method, before anything is begun.
fn has(file: &Bound<'_, PyAny>, method: &str) -> PyResult<()> {
    if file.getattr_opt(method)?.is_some_and(|found| found.is_callable()) {
        return Ok(());
    }
    Err(Problem::kind_of(file, &format!("an object with a method {method}")).in_argument(file.py(), "file"))
}
