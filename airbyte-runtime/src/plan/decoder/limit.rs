//! Bounds on what a body may grow to, and errors that travel through readers.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::error::Error;
#[cfg(any(feature = "manifest", feature = "xml"))]
use crate::error::Result;

/// How many bytes of unpacked data may be held at a time: a document, a line, a row. As many as a body may have.
pub(super) fn max_held() -> u64 {
    crate::http::max_body() as u64
}

/// How many times longer than the packed data the unpacked data may be. Gzip does not reach 1,100; zstd and bzip2 know
/// no such bound, and data that is packed twice has the product of both.
pub(super) const MAX_RATIO: u64 = 2_000;
/// So many bytes may be unpacked in any case.
pub(super) const UNSUSPICIOUS: u64 = 64 << 20;

/// How many bytes the packed data of one body may become: all that is unpacked of it, whichever member it stands in and
/// however often it is packed, takes from one budget.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Rc<Cell<u64>>);

impl Budget {
    pub(crate) fn of(bytes: u64) -> Self {
        Self(Rc::new(Cell::new(bytes)))
    }

    /// Takes so many bytes, if they are left.
    fn take(&self, bytes: u64) -> Option<()> {
        self.0.set(self.0.get().checked_sub(bytes)?);
        Some(())
    }
}

impl Default for Budget {
    /// 64 GiB.
    fn default() -> Self {
        Self::of(64 << 30)
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

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

/// Packed data and what has become of it.
#[derive(Clone)]
pub(super) struct Growth {
    /// How long the packed data is.
    packed: Rc<Cell<u64>>,
    unpacked: Rc<Cell<u64>>,
}

impl Growth {
    /// Nothing is unpacked yet.
    pub(super) fn of(packed: Rc<Cell<u64>>) -> Self {
        Self { packed, unpacked: Rc::default() }
    }
}

/// Reads what is unpacked, as long as that stays within the bounds; beyond them is an error, not an end.
pub(super) struct Limited<R> {
    source: R,
    budget: Budget,
    growth: Growth,
}

impl<R: Read> Limited<R> {
    pub(super) fn new(source: R, budget: &Budget, growth: Growth) -> Self {
        Self { source, budget: budget.clone(), growth }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.budget.take(count as u64).ok_or_else(|| {
            refuse(
                "the compressed data of the answer unpacks to more than this connector accepts; \
                 ask the API for less at a time (a smaller page, a shorter date range)",
            )
        })?;
        let Growth { packed, unpacked } = &self.growth;
        unpacked.set(unpacked.get() + count as u64);
        if unpacked.get() > UNSUSPICIOUS && unpacked.get() / MAX_RATIO > packed.get() {
            return Err(refuse(format!(
                "the compressed data of the answer unpacks to more than {MAX_RATIO} times its size, as no data of use \
                 does; look at what the API sends"
            )));
        }
        Ok(count)
    }
}

/// The whole of a source, at most [`max_held`] bytes.
///
/// # Errors
/// What the source says, and a system error for a source that is longer.
#[cfg(any(feature = "manifest", feature = "xml"))]
pub(super) fn hold(source: &mut dyn Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let longest = max_held();
    source.take(longest + 1).read_to_end(&mut bytes).map_err(Error::of_body)?;
    if bytes.len() as u64 > longest {
        return Err(too_long("document", longest));
    }
    Ok(bytes)
}

/// The error for one thing that does not fit into memory.
pub(super) fn too_long(what: &str, longest: u64) -> Error {
    let megabytes = longest >> 20;
    Error::system(format!("the answer holds a {what} of more than {megabytes} MB, which is too much to hold at once"))
}

/// An error of ours on its way through a reader.
pub(super) fn refuse(message: impl Into<String>) -> io::Error {
    io::Error::other(Error::system(message))
}
