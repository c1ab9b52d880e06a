//! Gzip and zip around another format.

use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::limit::{Limited, refuse, unreadable};
use super::{Body, Decoder, Emit};
use crate::error::{Error, Result};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Decodes what is inside of the gzip members, or the data itself if it is not gzip.
///
/// # Errors
/// Data that breaks off, that is damaged, or that unpacks to more than `limit` bytes.
pub(super) fn gzip(source: &mut dyn Read, limit: u64, inner: &Decoder, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
    let mut start = Vec::with_capacity(GZIP_MAGIC.len());
    source.take(GZIP_MAGIC.len() as u64).read_to_end(&mut start).map_err(unreadable)?;
    let is_gzip = start == GZIP_MAGIC;
    let mut source = start.chain(source);
    if !is_gzip {
        return inner.stream(&mut source, limit, emit);
    }
    inner.stream(&mut Limited::new(Gunzip(MultiGzDecoder::new(source)), limit), limit, emit)
}

/// Says in its errors that it is the gzip data that is broken.
struct Gunzip<R>(MultiGzDecoder<R>);

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => refuse("the gzip data of the answer breaks off before its end"),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                io::Error::other(Error::system("the gzip data of the answer is damaged").with_source(error))
            }
            _ => error,
        })
    }
}

/// Decodes every member of the archive, in order; all of them together unpack to at most the body's limit.
///
/// # Errors
/// A body that is no archive, and a member that cannot be read or decoded.
pub(super) fn zip(body: Body<'_>, inner: &Decoder, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
    let mut archive = ZipArchive::new(Cursor::new(body.bytes)).map_err(|error| {
        Error::system("the body of the answer is not a valid zip archive")
            .with_detail(format!("{} bytes", body.bytes.len()))
            .with_source(error)
    })?;
    let mut left = body.limit;
    for index in 0..archive.len() {
        let name = match archive.name_for_index(index) {
            Some(Ok(name)) => name.into_owned(),
            _ => format!("number {}", index + 1),
        };
        let in_member =
            |error: Error| error.within(format_args!("the member {name:?} of the zip archive in the answer"));
        let member = archive
            .by_index(index)
            .map_err(|error| in_member(Error::system("it cannot be unpacked").with_source(error)))?;
        let mut member = Limited::new(member, left);
        if inner.stream(&mut member, left, emit).map_err(in_member)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        left = member.left();
    }
    Ok(ControlFlow::Continue(()))
}
