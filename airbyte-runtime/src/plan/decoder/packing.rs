//! Compressed data around another format: gzip, zlib, zstd and bzip2.

use std::io::{self, BufReader, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::limit::{Budget, Counted, Growth, Limited, refuse};
use crate::error::{Error, Result};

/// How data is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zlib,
    #[cfg(feature = "zstd")]
    Zstd,
    #[cfg(feature = "bzip2")]
    Bzip2,
}

impl Packing {
    /// What messages call it.
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            #[cfg(feature = "zstd")]
            Self::Zstd => "zstd",
            #[cfg(feature = "bzip2")]
            Self::Bzip2 => "bzip2",
        }
    }

    /// Whether data that begins so is compressed like this.
    fn begins(self, start: &[u8]) -> bool {
        match self {
            Self::Gzip => start.starts_with(&[0x1f, 0x8b]),
            // The method is 8, and the two bytes are a number that 31 divides.
            Self::Zlib => match start {
                [method, flags, ..] => {
                    method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31)
                }
                _ => false,
            },
            #[cfg(feature = "zstd")]
            Self::Zstd => start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
            #[cfg(feature = "bzip2")]
            Self::Bzip2 => start.starts_with(b"BZh"),
        }
    }

    /// Hands the unpacked data to `then`, or the data itself if it does not begin as packed data does: some APIs leave
    /// small answers as they are.
    ///
    /// # Errors
    /// Those of `then`. What the data gives besides: it breaks off, is damaged, or exceeds the budget.
    pub(crate) fn unpack<T>(
        self,
        source: &mut dyn Read,
        budget: &Budget,
        then: impl FnOnce(&mut dyn Read) -> Result<T>,
    ) -> Result<T> {
        let mut start = Vec::with_capacity(4);
        (&mut *source).take(4).read_to_end(&mut start).map_err(Error::of_body)?;
        let is_packed = self.begins(&start);
        let mut source = io::Cursor::new(start).chain(source);
        if !is_packed {
            return then(&mut source);
        }
        let packed = Counted::new(source);
        let count = packed.count();
        let unpacked: Box<dyn Read + '_> = match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(packed)),
            Self::Zlib => Box::new(ZlibDecoder::new(packed)),
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::new(packed)).map_err(Error::of_body)?)
            }
            #[cfg(feature = "bzip2")]
            Self::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(packed)),
        };
        let unpacked = BufReader::with_capacity(ROOM, Named { source: unpacked, name: self.name() });
        then(&mut Limited::new(unpacked, budget, Growth::of(count)))
    }
}

/// How many bytes are unpacked at a time.
const ROOM: usize = 64 << 10;

/// Says in its errors which data is broken.
struct Named<R> {
    source: R,
    name: &'static str,
}

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let name = self.name;
        self.source.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => refuse(format!("the {name} data of the answer breaks off before its end")),
            // What is not an error of ours comes from the format itself.
            _ if error.get_ref().is_some_and(|inner| inner.is::<Error>()) => error,
            _ => {
                io::Error::other(Error::system(format!("the {name} data of the answer is damaged")).with_source(error))
            }
        })
    }
}
