//! A part of a certificate's DER that keeps the whole alive.

use std::ops::{Deref, Range};
use std::sync::Arc;

/// Bytes within a shared buffer; cloning copies nothing.
#[derive(Clone)]
pub(super) struct Bytes {
    buffer: Arc<[u8]>,
    range: Range<usize>,
}

impl Bytes {
    /// The `length` bytes after the first `start` of `buffer`; none where it is shorter than that.
    pub(super) fn new(buffer: &Arc<[u8]>, start: usize, length: usize) -> Self {
        Self { buffer: Arc::clone(buffer), range: start..start.saturating_add(length) }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer.get(self.range.clone()).unwrap_or_default()
    }
}
