//! Python's literals, as `ast.literal_eval` reads them: numbers, text, bytes, containers of them, and nothing else.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{PyValue, number, text};

/// Python allows as many brackets inside each other.
const MAX_DEPTH: usize = 200;

/// The value that the text writes as a Python literal; `None` if it is none.
///
/// Complex numbers and integers above 128 bits count as none.
pub(crate) fn parse(source: &str) -> Option<PyValue> {
    let source = source.trim_start_matches([' ', '\t']);
    if !may_start(source) {
        return None;
    }
    let source = match source.contains('\r') {
        true => Cow::Owned(source.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(source),
    };
    let mut reader = Reader { source: &source, at: 0, depth: 0 };
    reader.skip_empty_lines();
    let is_indented = reader.at > 0 && matches!(reader.peek(), Some(b' ' | b'\t' | 0x0C));
    if is_indented {
        return None;
    }
    let value = reader.expressions()?;
    reader.skip_to_end();
    (reader.at == source.len()).then_some(value)
}

/// Turns away most texts at their first character.
fn may_start(source: &str) -> bool {
    source.bytes().next().is_some_and(|first| match first {
        b'0'..=b'9' | b'\'' | b'"' | b'(' | b'[' | b'{' | b'+' | b'-' | b'.' | b'#' | b'\n' | b'\r' | 0x0C => true,
        b'T' => source.starts_with("True"),
        b'F' => source.starts_with("False"),
        b'N' => source.starts_with("None"),
        b's' => source.starts_with("set"),
        b'u' | b'U' | b'r' | b'R' | b'b' | b'B' => true,
        _ => false,
    })
}

struct Reader<'source> {
    source: &'source str,
    at: usize,
    /// Brackets around the place.
    depth: usize,
}

impl Reader<'_> {
    /// Values with commas between them are a tuple.
    fn expressions(&mut self) -> Option<PyValue> {
        let first = self.value()?;
        if !self.eat(b',') {
            return Some(first);
        }
        let mut items = vec![first];
        while !self.at_end() {
            items.push(self.value()?);
            if !self.eat(b',') {
                break;
            }
        }
        Some(PyValue::Tuple(items))
    }

    fn value(&mut self) -> Option<PyValue> {
        self.skip_blanks();
        match self.peek()? {
            b'+' => {
                self.at += 1;
                self.operand()
            }
            b'-' => {
                self.at += 1;
                Some(match self.operand()? {
                    PyValue::Int(value) => PyValue::Int(value.checked_neg()?),
                    PyValue::Float(value) => PyValue::Float(-value),
                    _ => return None,
                })
            }
            _ => self.atom(),
        }
    }

    /// What a sign may stand before: a number, perhaps in parentheses.
    fn operand(&mut self) -> Option<PyValue> {
        self.skip_blanks();
        let value = self.atom()?;
        matches!(value, PyValue::Int(_) | PyValue::Float(_)).then_some(value)
    }

    fn atom(&mut self) -> Option<PyValue> {
        let rest = self.source.get(self.at..)?;
        match self.peek()? {
            b'(' => self.within(Self::parenthesised),
            b'[' => self.within(|reader| reader.items(b']').map(PyValue::List)),
            b'{' => self.within(Self::braced),
            b'.' if rest.starts_with("...") => {
                self.at += 3;
                Some(PyValue::Ellipsis)
            }
            b'0'..=b'9' | b'.' => {
                let (value, length) = number::parse(rest.as_bytes())?;
                self.at += length;
                Some(value)
            }
            _ => self.keyword(rest).or_else(|| self.strings()),
        }
    }

    fn keyword(&mut self, rest: &str) -> Option<PyValue> {
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let value = match rest.get(..length)? {
            "True" => PyValue::Bool(true),
            "False" => PyValue::Bool(false),
            "None" => PyValue::None,
            "set" => {
                self.at += length;
                let is_call = self.eat(b'(') && self.eat_within(b')');
                return is_call.then(|| PyValue::Set(Vec::new()));
            }
            _ => return None,
        };
        self.at += length;
        Some(value)
    }

    /// Strings that stand side by side are one.
    fn strings(&mut self) -> Option<PyValue> {
        let (mut value, length) = text::parse(self.source.get(self.at..)?)?;
        self.at += length;
        loop {
            self.skip_blanks();
            let Some((next, length)) = self.source.get(self.at..).and_then(text::parse) else { return Some(value) };
            match (&mut value, next) {
                (PyValue::Str(text), PyValue::Str(next)) => text.push_str(&next),
                (PyValue::Bytes(bytes), PyValue::Bytes(next)) => bytes.extend(next),
                _ => return None,
            }
            self.at += length;
        }
    }

    /// Reads behind an opening bracket.
    fn within(&mut self, read: impl FnOnce(&mut Self) -> Option<PyValue>) -> Option<PyValue> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn parenthesised(&mut self) -> Option<PyValue> {
        if self.eat(b')') {
            return Some(PyValue::Tuple(Vec::new()));
        }
        let first = self.value()?;
        if self.eat(b')') {
            return Some(first);
        }
        if !self.eat(b',') {
            return None;
        }
        let mut items = vec![first];
        items.extend(self.items(b')')?);
        Some(PyValue::Tuple(items))
    }

    /// Values up to the closing bracket.
    fn items(&mut self, close: u8) -> Option<Vec<PyValue>> {
        let mut items = Vec::new();
        loop {
            if self.eat(close) {
                return Some(items);
            }
            items.push(self.value()?);
            if !self.eat(b',') {
                return self.eat(close).then_some(items);
            }
        }
    }

    /// A dictionary or a set.
    fn braced(&mut self) -> Option<PyValue> {
        if self.eat(b'}') {
            return Some(PyValue::Dict(Vec::new()));
        }
        let first = self.value()?;
        if self.eat(b':') {
            return self.members(first);
        }
        let mut items = vec![first];
        if self.eat(b',') {
            items.extend(self.items(b'}')?);
        } else if !self.eat(b'}') {
            return None;
        }
        if !items.iter().all(PyValue::is_hashable) {
            return None;
        }
        let mut members = Members::default();
        items.into_iter().for_each(|item| members.insert(item, PyValue::None));
        Some(PyValue::Set(members.into_pairs().into_iter().map(|(item, _)| item).collect()))
    }

    /// The members of a dictionary whose first key has been read.
    fn members(&mut self, first: PyValue) -> Option<PyValue> {
        let mut members = Members::default();
        let mut key = first;
        loop {
            if !key.is_hashable() {
                return None;
            }
            let value = self.value()?;
            members.insert(key, value);
            let more = self.eat(b',');
            if self.eat(b'}') {
                return Some(PyValue::Dict(members.into_pairs()));
            }
            if !more {
                return None;
            }
            key = self.value()?;
            if !self.eat(b':') {
                return None;
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    /// Skips blanks, then the byte if it stands there.
    fn eat(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The same, inside a bracket that `eat` has opened.
    fn eat_within(&mut self, byte: u8) -> bool {
        self.depth += 1;
        let found = self.eat(byte);
        self.depth -= 1;
        found
    }

    /// Skips blanks, and inside brackets line ends and comments as well.
    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | 0x0C => self.at += 1,
                b'\n' if self.depth > 0 => self.at += 1,
                b'#' if self.depth > 0 => self.skip_comment(),
                _ => return,
            }
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.source.get(self.at..).unwrap_or_default();
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// Skips lines with nothing but blanks and comments, up to a line that must not be indented.
    fn skip_empty_lines(&mut self) {
        loop {
            let start = self.at;
            self.skip_blanks();
            if self.peek() == Some(b'#') {
                self.skip_comment();
            }
            match self.peek() {
                Some(b'\n') => self.at += 1,
                _ => {
                    self.at = start;
                    return;
                }
            }
        }
    }

    fn skip_to_end(&mut self) {
        self.depth += 1;
        self.skip_blanks();
        self.depth -= 1;
    }

    fn at_end(&mut self) -> bool {
        self.skip_blanks();
        matches!(self.peek(), None | Some(b'\n' | b'#'))
    }
}

/// The members of a dictionary: a later value replaces an earlier one, the key stays the first.
#[derive(Default)]
struct Members {
    pairs: Vec<(PyValue, PyValue)>,
    /// Where a key stands, by what makes it equal to others.
    places: HashMap<String, usize>,
}

impl Members {
    fn insert(&mut self, key: PyValue, value: PyValue) {
        let mut identity = String::new();
        push_identity(&key, &mut identity);
        let place = *self.places.entry(identity).or_insert(self.pairs.len());
        match self.pairs.get_mut(place) {
            Some(pair) => pair.1 = value,
            None => self.pairs.push((key, value)),
        }
    }

    fn into_pairs(self) -> Vec<(PyValue, PyValue)> {
        self.pairs
    }
}

/// Appends a text that equal keys share: `1`, `1.0` and `True` are one key.
fn push_identity(key: &PyValue, out: &mut String) {
    match key {
        PyValue::Bool(value) => push_identity(&PyValue::Int(i128::from(*value)), out),
        // The cast is exact: the float is whole and far below the largest integer.
        PyValue::Float(value) if value.fract() == 0.0 && value.abs() < 1e38 => {
            push_identity(&PyValue::Int(*value as i128), out);
        }
        PyValue::Tuple(items) => {
            out.push('(');
            for item in items {
                push_identity(item, out);
                out.push(',');
            }
            out.push(')');
        }
        other => out.push_str(&other.repr()),
    }
}
