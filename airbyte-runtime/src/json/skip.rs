//! Checks a container that nobody looks into, and finds its end.

use super::error::ScanErrorKind;
use super::lexer::{MAX_DEPTH, Marks, Stop, Text};

/// The end of the value that begins at `start`, if `bytes` hold it completely.
pub(super) fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    let text = Text { bytes, end: true };
    let marks = &mut Marks::default();
    match text.byte(start).ok()? {
        first @ (b'{' | b'[') => Skip::open(first == b'{').run(text, start + 1, MAX_DEPTH, marks).ok(),
        first => text.scalar(start, first, marks, false).ok(),
    }
}

/// A container being skipped, with those open inside it; it can go on where the text ended.
#[derive(Clone, Debug)]
pub(super) struct Skip {
    /// One bit per open container, set for an object. Bit `n` belongs to the container at depth `n + 1`.
    objects: [u64; MAX_DEPTH / 64],
    /// How many containers are open.
    depth: usize,
    expect: Expect,
    /// Whether members of the outermost container are noted that are `null`.
    notes_nulls: bool,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    /// The first key of an object, or its end.
    FirstKey,
    /// A key after a comma.
    Key,
    /// The first element of an array, or its end.
    FirstElement,
    /// A comma, or the end of the container.
    After,
}

impl Skip {
    /// A container whose opening bracket has just been read.
    #[inline(always)]
    pub(super) fn open(object: bool) -> Self {
        let expect = if object { Expect::FirstKey } else { Expect::FirstElement };
        let mut skip = Self { objects: [0; MAX_DEPTH / 64], depth: 0, expect, notes_nulls: false };
        skip.push(object);
        skip
    }

    /// The same, and its members that are `null` are noted.
    pub(super) fn noting_nulls(self, notes_nulls: bool) -> Self {
        Self { notes_nulls, ..self }
    }

    #[inline(always)]
    fn push(&mut self, object: bool) {
        // The mask never changes the index, for the depth is checked; it saves the bounds check.
        let word = &mut self.objects[self.depth / 64 % (MAX_DEPTH / 64)];
        let bit = 1 << (self.depth % 64);
        *word = if object { *word | bit } else { *word & !bit };
        self.depth += 1;
    }

    /// Closes the innermost container and says whether the one around it is an object.
    #[inline(always)]
    fn pop(&mut self) -> bool {
        self.depth -= 1;
        let outer = self.depth.wrapping_sub(1) % MAX_DEPTH;
        self.objects[outer / 64] >> (outer % 64) & 1 == 1
    }

    /// Goes on at `position` and returns the end of the outermost container. `limit` is how deep it may be.
    ///
    /// After [`Stop::Incomplete`] it can be called again with the text from the position in it on.
    #[inline(never)]
    pub(super) fn run(
        &mut self,
        text: Text<'_>,
        mut position: usize,
        limit: usize,
        marks: &mut Marks,
    ) -> Result<usize, Stop> {
        let mut expect = self.expect;
        let mut object = matches!(expect, Expect::FirstKey | Expect::Key) || self.innermost_is_object();
        loop {
            let (at, byte) = match text.token(position, marks) {
                Ok(token) => token,
                Err(stop) => return self.pause(expect, stop),
            };
            match (expect, byte) {
                (Expect::FirstKey, b'}') | (Expect::FirstElement, b']') => {
                    object = self.pop();
                    position = at + 1;
                    if self.depth == 0 {
                        return Ok(position);
                    }
                    expect = Expect::After;
                }
                (Expect::FirstKey | Expect::Key, b'"') => match text.key(at, marks) {
                    Ok((_, value)) => {
                        position = value;
                        expect = Expect::Value;
                    }
                    Err(stop) => return self.pause(Expect::Key, stop),
                },
                (Expect::FirstElement | Expect::Value, b'{' | b'[') => {
                    if self.depth >= limit {
                        return Err(Stop::Fault(ScanErrorKind::TooDeep, at));
                    }
                    object = byte == b'{';
                    self.push(object);
                    position = at + 1;
                    expect = if object { Expect::FirstKey } else { Expect::FirstElement };
                }
                (Expect::FirstElement | Expect::Value, _) => {
                    let notes_nulls = self.notes_nulls && self.depth == 1;
                    match text.scalar(at, byte, marks, notes_nulls) {
                        Ok(end) => {
                            position =
                                if object { text.compact_members(end, marks, notes_nulls, |_| true) } else { end };
                            expect = Expect::After;
                        }
                        Err(stop) => return self.pause(Expect::Value, stop),
                    }
                }
                (Expect::After, b',') => {
                    position = at + 1;
                    expect = if object { Expect::Key } else { Expect::Value };
                }
                (Expect::After, b'}' | b']') if object == (byte == b'}') => {
                    object = self.pop();
                    position = at + 1;
                    if self.depth == 0 {
                        return Ok(position);
                    }
                }
                _ => return Err(Stop::Fault(ScanErrorKind::UnexpectedByte, at)),
            }
        }
    }

    fn innermost_is_object(&self) -> bool {
        let innermost = self.depth.wrapping_sub(1) % MAX_DEPTH;
        self.objects[innermost / 64] >> (innermost % 64) & 1 == 1
    }

    #[cold]
    fn pause(&mut self, expect: Expect, stop: Stop) -> Result<usize, Stop> {
        self.expect = expect;
        Err(stop)
    }
}
