//! Bounds on what a body may grow to, and errors that travel through readers.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::error::Error;
#[cfg(any(feature = "manifest", feature = "xml"))]
use crate::error::Result;

/// How many bytes of unpacked data may be held at a time: a document, a line, a row. 1 GiB.
pub(super) const MAX_HELD: u64 = 1 << 30;

/// How many times longer than the packed data the unpacked data may be. Gzip does not reach 1,100; zstd and bzip2 know
/// no such bound, and data that is packed twice has the product of both.
const MAX_RATIO: u64 = 2_000;
/// So many bytes may be unpacked in any case.
const UNSUSPICIOUS: u64 = 64 << 20;

/// How many bytes the packed data of one body may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget(pub(crate) u64);

impl Default for Budget {
    /// 64 GiB.
    fn default() -> Self {
        Self(64 << 30)
    }
}

/// Counts what is read.
pub(super) struct Counted<R> {
    source: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, count: Rc::default() }
    }

    /// The count, which goes on.
    pub(super) fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.count)
    }
}

impl Counted<()> {
    /// A count that is known.
    #[cfg(feature = "zip")]
    pub(super) fn of(count: u64) -> Rc<Cell<u64>> {
        Rc::new(Cell::new(count))
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

/// Reads at most so many bytes; more of them are an error, not an end.
pub(super) struct Limited<R> {
    source: R,
    left: u64,
    read: u64,
    /// How long the packed data is.
    packed: Option<Rc<Cell<u64>>>,
}

impl<R: Read> Limited<R> {
    /// At most as many bytes of the source as the budget has.
    pub(super) fn new(source: R, budget: Budget, packed: Option<Rc<Cell<u64>>>) -> Self {
        Self { source, left: budget.0, read: 0, packed }
    }

    /// What is left of the budget.
    #[cfg(feature = "zip")]
    pub(super) fn left(&self) -> Budget {
        Budget(self.left)
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read += count as u64;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            refuse(
                "the compressed data of the answer unpacks to more than this connector accepts; \
                 ask the API for less at a time (a smaller page, a shorter date range)",
            )
        })?;
        if let Some(packed) = &self.packed
            && self.read > UNSUSPICIOUS
            && self.read / MAX_RATIO > packed.get()
        {
            return Err(refuse(format!(
                "the compressed data of the answer unpacks to more than {MAX_RATIO} times its size, as no data of use \
                 does; look at what the API sends"
            )));
        }
        Ok(count)
    }
}

/// The whole of a source, at most [`MAX_HELD`] bytes.
///
/// # Errors
/// What the source says, and a system error for a source that is longer.
#[cfg(any(feature = "manifest", feature = "xml"))]
pub(super) fn hold(source: &mut dyn Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_HELD + 1).read_to_end(&mut bytes).map_err(Error::of_body)?;
    if bytes.len() as u64 > MAX_HELD {
        return Err(too_long("document"));
    }
    Ok(bytes)
}

/// The error for one thing that does not fit into memory.
pub(super) fn too_long(what: &str) -> Error {
    Error::system(format!("the answer holds a {what} of more than {MAX_HELD} bytes, which is too much to hold at once"))
}

/// An error of ours on its way through a reader.
pub(super) fn refuse(message: impl Into<String>) -> io::Error {
    io::Error::other(Error::system(message))
}
