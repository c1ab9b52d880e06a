//! Zip archives around another format.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;

use tempfile::SpooledTempFile;
use zip::ZipArchive;

use super::limit::{Budget, Growth, Limited, too_long};
use crate::error::{Error, Result};

/// A longer archive lies in a temporary file while its members are read: what they are called, and where they are,
/// stands at its end.
const IN_MEMORY: usize = 4 << 20;
/// The longest archive, in bytes.
const LONGEST: u64 = 1 << 30;

/// Something to read from at any place.
pub(super) trait Archive: Read + Seek {}

impl<A: Read + Seek> Archive for A {}

/// An archive that arrives.
///
/// # Errors
/// What the source says; an archive that is too long, and a disk that is full.
pub(super) fn spooled(source: &mut dyn Read) -> Result<impl Archive> {
    let mut spool = SpooledTempFile::new(IN_MEMORY);
    // The source's own errors travel through the copy.
    let length = io::copy(&mut (&mut *source).take(LONGEST + 1), &mut spool).map_err(|error| {
        match error.get_ref().is_some_and(|inner| inner.is::<Error>()) {
            true => Error::of_body(error),
            false => Error::system("the zip archive in the answer has no room in the directory for temporary files")
                .with_source(error),
        }
    })?;
    if length > LONGEST {
        return Err(too_long("zip archive", LONGEST));
    }
    spool.seek(SeekFrom::Start(0)).map_err(Error::of_body)?;
    Ok(spool)
}

/// What is done with a member.
type Each<'e> = dyn FnMut(&mut dyn Read) -> Result<ControlFlow<()>> + 'e;

/// Hands every member of the archive to `then`, in order, until that breaks; all of them share one budget, and together
/// they may not be too many times longer than the archive: what it says of the length of each may be wrong, and members
/// may share their bytes.
///
/// # Errors
/// Those of `then`, with the name of the member; an archive that is none, and a member that cannot be read.
pub(super) fn members(mut archive: impl Archive, budget: &Budget, then: &mut Each<'_>) -> Result<ControlFlow<()>> {
    let length = archive.seek(SeekFrom::End(0)).map_err(Error::of_body)?;
    let growth = Growth::of(Rc::new(Cell::new(length)));
    let mut archive = ZipArchive::new(archive)
        .map_err(|error| Error::system("the body of the answer is not a valid zip archive").with_source(error))?;
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
        let mut member = Limited::new(member, budget, growth.clone());
        if then(&mut member).map_err(in_member)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
