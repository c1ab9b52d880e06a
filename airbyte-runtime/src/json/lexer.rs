//! The tokens of JSON: each function checks one token at a position and says where it ends.

use super::error::ScanErrorKind;

/// How many containers may be open at once.
pub(crate) const MAX_DEPTH: usize = 512;

/// Why a token could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text ends inside the token that begins at this position.
    Incomplete(usize),
    /// The text is not JSON.
    Fault(ScanErrorKind, usize),
}

/// A part of a body, and whether the body ends with it.
#[derive(Clone, Copy)]
pub(super) struct Text<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) end: bool,
}

/// What was met while a value was read and matters to whoever writes it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Whitespace between tokens.
    pub(super) whitespace: bool,
    /// A `\uD800`…`\uDFFF` escape without its other half.
    pub(super) lone_surrogate: bool,
    /// An integer of more than 64 bits.
    pub(super) wide_integer: bool,
    /// Where the values of members begin that are `null`, of the members for which that is asked.
    pub(super) nulls: Vec<usize>,
}

impl Marks {
    /// Forgets what was met, and keeps the room for it.
    pub(super) fn clear(&mut self) {
        let mut nulls = std::mem::take(&mut self.nulls);
        nulls.clear();
        *self = Self { nulls, ..Self::default() };
    }
}

impl<'b> Text<'b> {
    /// The byte at `position`.
    #[inline(always)]
    pub(super) fn byte(self, position: usize) -> Result<u8, Stop> {
        match self.bytes.get(position) {
            Some(byte) => Ok(*byte),
            None => Err(Stop::Incomplete(position)),
        }
    }

    /// The first position from `position` on that holds no whitespace, and its byte.
    #[inline(always)]
    pub(super) fn token(self, position: usize, marks: &mut Marks) -> Result<(usize, u8), Stop> {
        let byte = self.byte(position)?;
        if byte > b' ' {
            return Ok((position, byte));
        }
        let next = skip_whitespace(self.bytes, position);
        marks.whitespace |= next > position;
        Ok((next, self.byte(next)?))
    }

    /// The end of the key at `start`, and where its value may begin.
    #[inline(always)]
    pub(super) fn key(self, start: usize, marks: &mut Marks) -> Result<(usize, usize), Stop> {
        let end = self.string(start, marks)?;
        match self.token(end, marks) {
            Ok((colon, b':')) => Ok((end, colon + 1)),
            Ok((at, _)) => Err(Stop::Fault(ScanErrorKind::UnexpectedByte, at)),
            // A key is read again together with its colon.
            Err(_) => Err(Stop::Incomplete(start)),
        }
    }

    /// The end of the members behind `position` that have no whitespace and no container in them, as machines write
    /// them: one loop without states. Whatever is not of that kind is left to who called, and so is a member whose raw
    /// key `is_ignored` denies.
    #[inline(always)]
    pub(super) fn compact_members(
        self,
        mut position: usize,
        marks: &mut Marks,
        notes_nulls: bool,
        is_ignored: impl Fn(&[u8]) -> bool,
    ) -> usize {
        loop {
            if self.bytes.get(position..position + 2) != Some(b",\"") {
                return position;
            }
            let Ok((end, value)) = self.key(position + 1, marks) else { return position };
            if !is_ignored(self.bytes.get(position + 1..end).unwrap_or_default()) {
                return position;
            }
            let Some(first) = self.bytes.get(value).filter(|first| !matches!(first, b'{' | b'[' | 0..=b' ')) else {
                return position;
            };
            match self.scalar(value, *first, marks, notes_nulls) {
                Ok(end) => position = end,
                Err(_) => return position,
            }
        }
    }

    /// The end of the string, number or literal at `start` that begins with `first`; `notes_null` says that it is to be
    /// noted if it is `null`.
    #[inline(always)]
    pub(super) fn scalar(self, start: usize, first: u8, marks: &mut Marks, notes_null: bool) -> Result<usize, Stop> {
        match first {
            b'"' => self.string(start, marks),
            b'-' | b'0'..=b'9' => {
                let end = self.number(start)?;
                // As many digits fit into 64 bits, whichever they are.
                if end - start > 18 {
                    marks.wide_integer |= self.bytes.get(start..end).is_some_and(is_wide_integer);
                }
                Ok(end)
            }
            b't' => self.literal(start, b"true"),
            b'f' => self.literal(start, b"false"),
            b'n' => {
                let end = self.literal(start, b"null")?;
                if notes_null {
                    marks.nulls.push(start);
                }
                Ok(end)
            }
            _ => Err(self.not_a_value(start)),
        }
    }

    /// The end of the string whose opening quote is at `start`.
    #[inline(always)]
    pub(super) fn string(self, start: usize, marks: &mut Marks) -> Result<usize, Stop> {
        let mut position = start + 1;
        let mut high = 0;
        while let Some(word) = self.bytes.get(position..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*word);
            let special = special_bytes(word);
            if special == 0 {
                high |= word;
                position += 8;
                continue;
            }
            let before = special.trailing_zeros() / 8;
            // The lower `before` bytes of the word, without a shift by 64.
            high |= word & !(u64::MAX << (before * 8));
            position += before as usize;
            match self.bytes.get(position) {
                Some(b'"') => return self.string_end(start, position, high),
                _ => position = self.special(start, position, marks)?,
            }
        }
        self.string_tail(start, position, high, marks)
    }

    /// [`string`](Self::string) for the last bytes of the text.
    #[inline(never)]
    fn string_tail(self, start: usize, mut position: usize, mut high: u64, marks: &mut Marks) -> Result<usize, Stop> {
        loop {
            match self.bytes.get(position) {
                None => return Err(Stop::Incomplete(start)),
                Some(b'"') => return self.string_end(start, position, high),
                Some(b'\\' | 0..0x20) => position = self.special(start, position, marks)?,
                Some(byte) => {
                    high |= u64::from(*byte);
                    position += 1;
                }
            }
        }
    }

    /// The closing quote is at `quote`; `high` has a top bit set if the string holds more than ASCII.
    #[inline(always)]
    fn string_end(self, start: usize, quote: usize, high: u64) -> Result<usize, Stop> {
        if high & (LANES << 7) != 0 {
            self.check_utf8(start, quote)?;
        }
        Ok(quote + 1)
    }

    #[inline(never)]
    fn check_utf8(self, start: usize, quote: usize) -> Result<(), Stop> {
        match std::str::from_utf8(self.bytes.get(start..quote).unwrap_or_default()) {
            Ok(_) => Ok(()),
            Err(error) => Err(Stop::Fault(ScanErrorKind::InvalidUtf8, start + error.valid_up_to())),
        }
    }

    /// Where the escape at `position` in the string at `start` ends; a control character is a fault.
    #[inline(never)]
    fn special(self, start: usize, position: usize, marks: &mut Marks) -> Result<usize, Stop> {
        let incomplete = Stop::Incomplete(start);
        let bad = Stop::Fault(ScanErrorKind::BadEscape, position);
        if self.bytes.get(position) != Some(&b'\\') {
            return Err(Stop::Fault(ScanErrorKind::ControlCharacter, position));
        }
        match self.bytes.get(position + 1).ok_or(incomplete)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(position + 2),
            b'u' => {
                let digits = self.bytes.get(position + 2..).unwrap_or_default();
                match hex4(digits) {
                    Some(0xD800..0xDC00) => self.second_surrogate(start, position + 6, marks),
                    Some(unit) => {
                        marks.lone_surrogate |= (0xDC00..0xE000).contains(&unit);
                        Ok(position + 6)
                    }
                    None if digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit) => Err(incomplete),
                    None => Err(bad),
                }
            }
            _ => Err(bad),
        }
    }

    /// After the first half of a surrogate pair: the end of the second half, or `position` if there is none.
    fn second_surrogate(self, start: usize, position: usize, marks: &mut Marks) -> Result<usize, Stop> {
        let rest = self.bytes.get(position..).unwrap_or_default();
        if rest.len() < 6 && !self.end {
            return Err(Stop::Incomplete(start));
        }
        match rest.strip_prefix(b"\\u").and_then(hex4) {
            Some(0xDC00..0xE000) => Ok(position + 6),
            _ => {
                marks.lone_surrogate = true;
                Ok(position)
            }
        }
    }

    /// The end of the `true`, `false` or `null` at `start`.
    #[inline(always)]
    pub(super) fn literal(self, start: usize, word: &'static [u8]) -> Result<usize, Stop> {
        let rest = self.bytes.get(start..).unwrap_or_default();
        if rest.starts_with(word) {
            return Ok(start + word.len());
        }
        Err(self.bad_literal(start, word))
    }

    #[cold]
    fn bad_literal(self, start: usize, word: &[u8]) -> Stop {
        let rest = self.bytes.get(start..).unwrap_or_default();
        match rest.iter().zip(word).position(|(found, wanted)| found != wanted) {
            Some(at) => Stop::Fault(ScanErrorKind::UnexpectedByte, start + at),
            None => Stop::Incomplete(start),
        }
    }

    /// The stop for a byte at `position` that begins no value.
    #[cold]
    pub(super) fn not_a_value(self, position: usize) -> Stop {
        match self.bytes.get(position) {
            Some(b'N' | b'I') => self.not_finite(position),
            Some(_) => Stop::Fault(ScanErrorKind::UnexpectedByte, position),
            None => Stop::Incomplete(position),
        }
    }

    /// The stop for what may be `NaN`, `Infinity` or `-Infinity` at `start`.
    #[cold]
    pub(super) fn not_finite(self, start: usize) -> Stop {
        let rest = self.bytes.get(start..).unwrap_or_default();
        for word in [b"NaN".as_slice(), b"Infinity", b"-Infinity"] {
            if rest.starts_with(word) {
                return Stop::Fault(ScanErrorKind::NonFinite, start);
            }
            if word.starts_with(rest) && !self.end {
                return Stop::Incomplete(start);
            }
        }
        Stop::Fault(ScanErrorKind::UnexpectedByte, start)
    }
}

/// Whether a number token is an integer of more than 64 bits.
#[cold]
pub(super) fn is_wide_integer(number: &[u8]) -> bool {
    let text = std::str::from_utf8(number).unwrap_or_default();
    let is_integer = number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    is_integer && text.parse::<u64>().is_err() && text.parse::<i64>().is_err()
}

/// The first position from `position` on that holds no JSON whitespace.
#[inline(never)]
pub(super) fn skip_whitespace(bytes: &[u8], mut position: usize) -> usize {
    loop {
        // Indented text is a line break and many spaces, again and again.
        while let Some(word) = bytes.get(position..).and_then(<[u8]>::first_chunk::<8>) {
            let other = u64::from_le_bytes(*word) ^ (LANES * b' ' as u64);
            position += other.trailing_zeros() as usize / 8;
            if other != 0 {
                break;
            }
        }
        match bytes.get(position) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => position += 1,
            _ => return position,
        }
    }
}

/// The value of the four hexadecimal digits at the start of `bytes`.
pub(super) fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits: &[u8; 4] = bytes.first_chunk()?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

const LANES: u64 = 0x0101_0101_0101_0101;

/// Sets the top bit of the first byte of `word` that is a quote, a backslash or a control character.
/// Bytes after it may be marked wrongly, because the subtraction borrows; bytes before it never are.
#[inline(always)]
fn special_bytes(word: u64) -> u64 {
    // Exchanging 0x20 and 0x22 puts the quote next to the control characters, so that one comparison finds both.
    let quote_or_control = (word ^ (LANES * 0x02)).wrapping_sub(LANES * 0x21);
    let backslash = (word ^ (LANES * b'\\' as u64)).wrapping_sub(LANES);
    (quote_or_control | backslash) & !word & (LANES << 7)
}
