//! Bodies that the server compresses with gzip.
//!
//! The library of HTTP could unpack them as well, but in pieces of 4 KB, and all that is done for a piece would be done
//! a dozen times for a page.

use std::io;

use bytes::{Buf as _, Bytes};
use flate2::{Decompress, FlushDecompress, Status};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

/// What a request says that it takes: gzip, and what the library of HTTP unpacks.
pub(super) const ACCEPTED: &str = if cfg!(feature = "brotli") && cfg!(feature = "zstd") {
    "gzip, deflate, br, zstd"
} else if cfg!(feature = "brotli") {
    "gzip, deflate, br"
} else if cfg!(feature = "zstd") {
    "gzip, deflate, zstd"
} else {
    "gzip, deflate"
};

/// The largest window of gzip, as the exponent of its bytes.
const WINDOW: u8 = 15;
/// How every part of gzip begins.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The least and the most bytes of a piece, and how many there are for each that is packed, if JSON is packed.
const PIECE: std::ops::RangeInclusive<usize> = (16 << 10)..=(256 << 10);
const RATIO: usize = 12;

/// Unpacks a body as it comes.
#[derive(Debug)]
pub(super) struct Unpacker {
    /// The part that is being unpacked.
    part: Part,
    /// What came and is not unpacked yet.
    packed: Bytes,
}

#[derive(Debug)]
enum Part {
    /// Nothing has come.
    None,
    Open(Box<Decompress>),
    /// It is over; another may follow.
    Over,
}

impl Unpacker {
    /// For a body whose headers say that it is packed; they say so no longer then, nor how long it is.
    pub(super) fn of(headers: &mut HeaderMap) -> Option<Self> {
        let is_packed = |name: &[u8]| name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip");
        headers.get(CONTENT_ENCODING).filter(|name| is_packed(name.as_bytes().trim_ascii()))?;
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Some(Self { part: Part::None, packed: Bytes::new() })
    }

    /// Takes bytes of the body, once all before them are unpacked.
    pub(super) fn take(&mut self, packed: Bytes) {
        self.packed = packed;
    }

    /// The next bytes of what was taken; `None` when all of it is unpacked.
    ///
    /// # Errors
    /// What is no gzip.
    pub(super) fn next(&mut self) -> io::Result<Option<Bytes>> {
        let most = (self.packed.len().saturating_mul(RATIO)).clamp(*PIECE.start(), *PIECE.end());
        let mut piece = Vec::new();
        while piece.len() < most {
            let gzip = match &mut self.part {
                Part::Open(gzip) => gzip,
                _ if self.packed.is_empty() => break,
                // What comes behind the last part is no concern of ours, as for other clients.
                Part::Over if !MAGIC.starts_with(&self.packed[..self.packed.len().min(MAGIC.len())]) => {
                    self.packed.clear();
                    break;
                }
                part => {
                    *part = Part::Open(Box::new(Decompress::new_gzip(WINDOW)));
                    continue;
                }
            };
            piece.reserve_exact(most - piece.len());
            let (read, written) = (gzip.total_in(), piece.len());
            let status =
                gzip.decompress_vec(&self.packed, &mut piece, FlushDecompress::None).map_err(io::Error::from)?;
            let read = gzip.total_in() - read;
            self.packed.advance(usize::try_from(read).unwrap_or(usize::MAX));
            if status == Status::StreamEnd {
                self.part = Part::Over;
            } else if read == 0 && piece.len() == written {
                break;
            }
        }
        Ok((!piece.is_empty()).then(|| piece.into()))
    }

    /// Nothing comes any more.
    ///
    /// # Errors
    /// A part that is not whole.
    pub(super) fn end(&self) -> io::Result<()> {
        match self.part {
            Part::Open(_) => Err(io::ErrorKind::UnexpectedEof.into()),
            Part::None | Part::Over => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn pack(text: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    }

    fn unpacker() -> Unpacker {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, " GZip".parse().unwrap());
        headers.insert(CONTENT_LENGTH, 7.into());
        let unpacker = Unpacker::of(&mut headers).unwrap();
        assert!(headers.is_empty());
        unpacker
    }

    /// What comes of bytes that arrive in pieces of so many.
    fn unpack(packed: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let (mut unpacker, mut text) = (unpacker(), Vec::new());
        for packed in packed.chunks(size) {
            unpacker.take(Bytes::copy_from_slice(packed));
            while let Some(piece) = unpacker.next()? {
                assert!(piece.len() <= *PIECE.end());
                text.extend_from_slice(&piece);
            }
        }
        unpacker.end().map(|()| text)
    }

    fn text() -> Vec<u8> {
        (0..60_000_u32).flat_map(|number| format!("{{\"id\":{}}},", number.wrapping_mul(77_777)).into_bytes()).collect()
    }

    #[test]
    fn a_body_is_unpacked_however_it_comes() {
        let (text, packed) = (text(), pack(&text()));
        for size in [1, 2, 9, 10, 11, 1000, 16_384, packed.len() - 1, packed.len()] {
            assert!(unpack(&packed, size).unwrap() == text, "{size}");
        }
        assert_eq!(unpack(&pack(b""), 3).unwrap(), b"");
        assert_eq!(unpack(b"", 1).unwrap(), b"");
    }

    #[test]
    fn parts_follow_each_other_and_what_is_behind_them_is_left_out() {
        let whole = [pack(b"one "), pack(b""), pack(b"two")].concat();
        for size in 1..whole.len() {
            assert_eq!(unpack(&whole, size).unwrap(), b"one two");
            assert_eq!(unpack(&[&whole, &b"\0\0\0\0"[..]].concat(), size).unwrap(), b"one two");
        }
    }

    #[test]
    fn a_body_that_is_cut_or_broken_is_an_error() {
        let packed = pack(&text()[..5000]);
        for length in 1..packed.len() {
            assert!(unpack(&packed[..length], 100).is_err(), "{length}");
        }
        for place in [0, 2, packed.len() / 2, packed.len() - 6, packed.len() - 2] {
            let mut broken = packed.clone();
            broken[place] ^= 0x55;
            assert!(unpack(&broken, 100).is_err(), "{place}");
        }
        assert!(unpack(b"no gzip at all", 100).is_err());
    }

    #[test]
    fn a_bomb_comes_in_pieces() {
        let bomb = pack(&vec![b' '; 64 << 20]);
        assert_eq!(unpack(&bomb, bomb.len()).unwrap().len(), 64 << 20);
    }

    #[test]
    fn other_bodies_are_not_touched() {
        for encoding in ["br", "identity", "gzip, br", ""] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
            headers.insert(CONTENT_LENGTH, 7.into());
            assert!(Unpacker::of(&mut headers).is_none());
            assert_eq!(headers.len(), 2);
        }
        assert!(Unpacker::of(&mut HeaderMap::new()).is_none());
    }
}
