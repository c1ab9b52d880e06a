//! JSON as Python reads it, from any reader: with `NaN` and infinities, wide integers as floats, nesting up to 1024.

mod token;

use std::fmt;
use std::io::{self, BufRead};
use std::ops::ControlFlow;

use super::build::Build;

/// How many containers may be open at a time.
const MAX_DEPTH: usize = 1024;

/// Reads one document.
pub(super) struct Parser<R> {
    source: R,
    numbers: Numbers,
    /// How many bytes were read.
    offset: u64,
    depth: usize,
    /// The text or number that was read last.
    token: Vec<u8>,
}

/// Which numbers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Integers of any size, those above 64 bits as floats; `NaN`, `Infinity` and `-Infinity`, which become null.
    Python,
    /// Finite numbers, and integers of a magnitude below 2⁶³; all others are faults.
    SixtyFourBits,
}

/// Why a document cannot be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// What was expected, and the offset in bytes.
    Syntax(&'static str, u64),
    /// The reader failed.
    Source(io::Error),
}

/// Whether to read on.
type Flow = Result<ControlFlow<()>, Fault>;

/// A container that is not closed yet, with the key of the value that comes next.
enum Open<B: Build> {
    List(B::List),
    Members(B::Members, B::Key),
}

impl<R: BufRead> Parser<R> {
    /// A parser at the start of a document.
    pub(super) fn new(source: R, numbers: Numbers) -> Self {
        Self { source, numbers, offset: 0, depth: 0, token: Vec::new() }
    }

    /// The only value of the source.
    ///
    /// # Errors
    /// A source that is not one JSON value, or that fails; so do all methods here.
    pub(super) fn document<B: Build>(&mut self) -> Result<B::Value, Fault> {
        let value = self.value::<B>()?;
        self.end()?;
        Ok(value)
    }

    /// Checks that only blanks are left.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.peek_token()? {
            None => Ok(()),
            Some(_) => Err(self.fault("the end")),
        }
    }

    /// The next value. It is built without recursion, so that no stack has to hold what an answer nests.
    pub(super) fn value<B: Build>(&mut self) -> Result<B::Value, Fault> {
        let mut open: Vec<Open<B>> = Vec::new();
        loop {
            let mut value = match self.peek_token()? {
                Some(b'{') => {
                    self.open(b'{')?;
                    if !self.take_close(b'}')? {
                        open.push(Open::Members(B::Members::default(), self.key(B::key)?));
                        continue;
                    }
                    B::object(B::Members::default())
                }
                Some(b'[') => {
                    self.open(b'[')?;
                    if !self.take_close(b']')? {
                        open.push(Open::List(B::List::default()));
                        continue;
                    }
                    B::list(B::List::default())
                }
                _ => self.scalar::<B>()?,
            };
            loop {
                match open.pop() {
                    None => return Ok(value),
                    Some(Open::List(mut list)) => {
                        B::push(&mut list, value);
                        if !self.take_close(b']')? {
                            self.expect(b',', "`,` or `]`")?;
                            open.push(Open::List(list));
                            break;
                        }
                        value = B::list(list);
                    }
                    Some(Open::Members(mut members, key)) => {
                        B::set(&mut members, key, value);
                        if !self.take_close(b'}')? {
                            self.expect(b',', "`,` or `}`")?;
                            open.push(Open::Members(members, self.key(B::key)?));
                            break;
                        }
                        value = B::object(members);
                    }
                }
            }
        }
    }

    fn scalar<B: Build>(&mut self) -> Result<B::Value, Fault> {
        match self.peek()? {
            Some(b'"') => self.string().map(B::text),
            Some(b't') => self.word("true").map(|()| B::boolean(true)),
            Some(b'f') => self.word("false").map(|()| B::boolean(false)),
            Some(b'n') => self.word("null").map(|()| B::null()),
            Some(b'N') if self.numbers == Numbers::Python => self.word("NaN").map(|()| B::null()),
            Some(b'I') if self.numbers == Numbers::Python => self.word("Infinity").map(|()| B::null()),
            Some(b'-' | b'0'..=b'9') => Ok(self.number()?.map_or_else(B::null, B::number)),
            _ => Err(self.fault("a value")),
        }
    }

    /// Reads an array; `each` has to read one value at every call. After a `Break` the rest is not read.
    pub(super) fn each_element(&mut self, mut each: impl FnMut(&mut Self) -> Flow) -> Flow {
        self.open(b'[')?;
        if self.take_close(b']')? {
            return Ok(ControlFlow::Continue(()));
        }
        loop {
            if each(self)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if self.take_close(b']')? {
                return Ok(ControlFlow::Continue(()));
            }
            self.expect(b',', "`,` or `]`")?;
        }
    }

    /// Reads an object; `each` gets what `name` made of the key, and has to read one value.
    pub(super) fn each_member<K>(
        &mut self,
        name: impl Fn(&str) -> K,
        mut each: impl FnMut(&mut Self, K) -> Flow,
    ) -> Flow {
        self.open(b'{')?;
        if self.take_close(b'}')? {
            return Ok(ControlFlow::Continue(()));
        }
        loop {
            let key = self.key(&name)?;
            if each(self, key)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if self.take_close(b'}')? {
                return Ok(ControlFlow::Continue(()));
            }
            self.expect(b',', "`,` or `}`")?;
        }
    }

    /// The next byte that is not blank.
    pub(super) fn peek_token(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.skip(1),
                other => return Ok(other),
            }
        }
    }

    fn open(&mut self, bracket: u8) -> Result<(), Fault> {
        self.expect(bracket, "an array or an object")?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault("at most 1024 nested arrays and objects"));
        }
        Ok(())
    }

    fn take_close(&mut self, bracket: u8) -> Result<bool, Fault> {
        let found = self.take(bracket)?;
        if found {
            self.depth -= 1;
        }
        Ok(found)
    }

    /// A key and its colon.
    fn key<K>(&mut self, name: impl Fn(&str) -> K) -> Result<K, Fault> {
        self.peek_token()?;
        let key = name(self.string()?);
        self.expect(b':', "`:`")?;
        Ok(key)
    }

    fn take(&mut self, byte: u8) -> Result<bool, Fault> {
        let found = self.peek_token()? == Some(byte);
        if found {
            self.skip(1);
        }
        Ok(found)
    }

    fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), Fault> {
        if self.take(byte)? { Ok(()) } else { Err(self.fault(name)) }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        for byte in word.bytes() {
            if self.peek()? != Some(byte) {
                return Err(self.fault(word));
            }
            self.skip(1);
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        fill(&mut self.source).map(|chunk| chunk.first().copied())
    }

    fn skip(&mut self, count: usize) {
        self.source.consume(count);
        self.offset += count as u64;
    }

    fn fault(&self, expected: &'static str) -> Fault {
        Fault::Syntax(expected, self.offset)
    }
}

fn fill<R: BufRead>(source: &mut R) -> Result<&[u8], Fault> {
    source.fill_buf().map_err(Fault::Source)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(expected, offset) => write!(f, "expected {expected} at byte {offset}"),
            Self::Source(error) => error.fmt(f),
        }
    }
}
