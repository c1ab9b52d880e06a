//! The number token.

use super::error::ScanErrorKind;
use super::lexer::{Stop, Text};

impl Text<'_> {
    /// The end of the number that begins at `start` with a digit or `-`.
    #[inline(always)]
    pub(super) fn number(self, start: usize) -> Result<usize, Stop> {
        let mut position = start;
        let mut byte = self.bytes.get(position);
        if byte == Some(&b'-') {
            position += 1;
            byte = self.bytes.get(position);
        }
        match byte {
            Some(b'0') => position += 1,
            Some(b'1'..=b'9') => position = digits(self.bytes, position + 1),
            Some(b'I') => return Err(self.not_finite(start)),
            _ => return Err(self.bad_number(start, position)),
        }
        match self.bytes.get(position) {
            Some(b'.' | b'e' | b'E') => self.fraction(start, position),
            Some(b'0'..=b'9') => Err(Stop::Fault(ScanErrorKind::BadNumber, position)),
            Some(_) => Ok(position),
            None if self.end => Ok(position),
            None => Err(Stop::Incomplete(start)),
        }
    }

    /// The end of a number whose integer part ends at `position`, before `.`, `e` or `E`.
    fn fraction(self, start: usize, mut position: usize) -> Result<usize, Stop> {
        if self.bytes.get(position) == Some(&b'.') {
            position = self.some_digits(start, position + 1)?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(position) {
            position += 1;
            if let Some(b'+' | b'-') = self.bytes.get(position) {
                position += 1;
            }
            position = self.some_digits(start, position)?;
        }
        if position == self.bytes.len() && !self.end {
            return Err(Stop::Incomplete(start));
        }
        Ok(position)
    }

    fn some_digits(self, start: usize, position: usize) -> Result<usize, Stop> {
        match self.bytes.get(position) {
            Some(b'0'..=b'9') => Ok(digits(self.bytes, position + 1)),
            _ => Err(self.bad_number(start, position)),
        }
    }

    #[cold]
    fn bad_number(self, start: usize, position: usize) -> Stop {
        if position < self.bytes.len() {
            Stop::Fault(ScanErrorKind::BadNumber, position)
        } else {
            Stop::Incomplete(start)
        }
    }
}

#[inline(always)]
fn digits(bytes: &[u8], mut position: usize) -> usize {
    while let Some(b'0'..=b'9') = bytes.get(position) {
        position += 1;
    }
    position
}
