//! Bounds on what a body may grow to, and errors that travel through readers.

use std::io::{self, Read};

use crate::error::{Error, Result};

/// How many bytes of unpacked data may be held at a time: a document, a line, a row. 1 GiB.
pub(super) const MAX_HELD: u64 = 1 << 30;

/// Reads at most so many bytes; more of them are an error, not an end.
pub(super) struct Limited<R> {
    source: R,
    left: u64,
}

impl<R: Read> Limited<R> {
    /// At most `limit` bytes of the source.
    pub(super) fn new(source: R, limit: u64) -> Self {
        Self { source, left: limit }
    }

    /// How many more bytes may be read.
    pub(super) fn left(&self) -> u64 {
        self.left
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            refuse(
                "the compressed data of the answer unpacks to more than this connector accepts; \
                 ask the API for less at a time (a smaller page, a shorter date range)",
            )
        })?;
        Ok(count)
    }
}

/// The whole of a source, at most [`MAX_HELD`] bytes.
///
/// # Errors
/// What the source says, and a system error for a source that is longer.
pub(super) fn hold(source: &mut dyn Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_HELD + 1).read_to_end(&mut bytes).map_err(unreadable)?;
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

/// The error that a reader gave: ours as it was, any other as a system error.
pub(super) fn unreadable(error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => ours,
        Err(error) => Error::system("the body of the answer cannot be read to its end").with_source(error),
    }
}
