//! Numbers and strings.

use std::io::BufRead;

use serde_json::Number;

use super::{Fault, Numbers, Parser, fill};

impl<R: BufRead> Parser<R> {
    /// A number; `None` if it is not finite.
    pub(super) fn number(&mut self) -> Result<Option<Number>, Fault> {
        self.token.clear();
        let start = self.offset;
        while let Some(byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) = self.peek()? {
            self.token.push(byte);
            self.skip(1);
        }
        if self.token == b"-" && self.numbers == Numbers::Python && self.peek()? == Some(b'I') {
            return self.word("Infinity").map(|()| None);
        }
        let bad = Fault::Syntax("a number", start);
        let Some(is_integer) = number_kind(&self.token) else { return Err(bad) };
        let Ok(text) = std::str::from_utf8(&self.token) else { return Err(bad) };
        if is_integer {
            if let Ok(integer) = text.parse::<i64>()
                && (self.numbers == Numbers::Python || integer != i64::MIN)
            {
                return Ok(Some(integer.into()));
            }
            if self.numbers == Numbers::SixtyFourBits {
                return Err(Fault::Syntax("an integer of at most 64 bits", start));
            }
            if let Ok(integer) = text.parse::<u64>() {
                return Ok(Some(integer.into()));
            }
        }
        let number = text.parse::<f64>().ok().and_then(Number::from_f64);
        if number.is_none() && self.numbers == Numbers::SixtyFourBits {
            return Err(Fault::Syntax("a finite number", start));
        }
        Ok(number)
    }

    /// A string, in quotes.
    pub(super) fn string(&mut self) -> Result<&str, Fault> {
        self.token.clear();
        let start = self.offset;
        if self.peek()? != Some(b'"') {
            return Err(self.fault("a string"));
        }
        self.skip(1);
        loop {
            let chunk = fill(&mut self.source)?;
            let plain = chunk.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            let (text, stop) = chunk.split_at(plain.unwrap_or(chunk.len()));
            self.token.extend_from_slice(text);
            let (count, stop, is_end) = (text.len(), stop.first().copied(), chunk.is_empty());
            self.skip(count);
            match stop {
                Some(b'"') => {
                    self.skip(1);
                    break;
                }
                Some(b'\\') => {
                    self.skip(1);
                    self.escape()?;
                }
                Some(_) => return Err(self.fault("no bare control character in a string")),
                None if is_end => return Err(self.fault("the end of a string")),
                None => {}
            }
        }
        std::str::from_utf8(&self.token).map_err(|_| Fault::Syntax("UTF-8 in a string", start))
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), Fault> {
        let plain = match self.peek()? {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                self.skip(1);
                let unit = self.hex()?;
                return self.unicode(unit);
            }
            _ => return Err(self.fault("an escape")),
        };
        self.skip(1);
        self.token.push(plain);
        Ok(())
    }

    /// The character of a UTF-16 unit and of the one after it; U+FFFD for half of a character.
    fn unicode(&mut self, mut unit: u32) -> Result<(), Fault> {
        while (0xd800..0xdc00).contains(&unit) {
            if self.peek()? != Some(b'\\') {
                break;
            }
            self.skip(1);
            if self.peek()? != Some(b'u') {
                self.push(char::REPLACEMENT_CHARACTER);
                return self.escape();
            }
            self.skip(1);
            let next = self.hex()?;
            if (0xdc00..0xe000).contains(&next) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
            } else {
                self.push(char::REPLACEMENT_CHARACTER);
                unit = next;
            }
        }
        self.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek()?.and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.fault("four hexadecimal digits")) };
            unit = unit * 16 + digit;
            self.skip(1);
        }
        Ok(unit)
    }

    fn push(&mut self, character: char) {
        self.token.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Whether the token is an integer; `None` if it is no number of JSON's grammar.
fn number_kind(token: &[u8]) -> Option<bool> {
    let token = token.strip_prefix(b"-").unwrap_or(token);
    let (whole, mut rest) = digits(token)?;
    if whole.len() > 1 && whole.starts_with(b"0") {
        return None;
    }
    let is_integer = rest.is_empty();
    if let Some(fraction) = rest.strip_prefix(b".") {
        rest = digits(fraction)?.1;
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        rest = digits(exponent)?.1;
    }
    rest.is_empty().then_some(is_integer)
}

/// At least one digit, and what follows.
fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
