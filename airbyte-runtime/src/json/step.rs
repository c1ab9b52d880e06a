//! The steps of a scan: one value, key, element or bracket after the other.

use super::error::ScanErrorKind;
use super::lexer::{MAX_DEPTH, Stop, Text};
use super::members::{key_is, unescape, unquoted};
use super::plan::{Node, NodeId, Role};
use super::scan::{Expect, Feed, Frame, Scanner};
use super::skip::Skip;

/// How many keys of the root object are kept for messages.
const TOP_LEVEL_KEYS: usize = 10;

impl Scanner<'_> {
    pub(super) fn value(&mut self, feed: &mut Feed<'_, '_>) -> Result<(), Stop> {
        let (at, first) = feed.text.token(self.position, &mut self.marks)?;
        let node = self.plan.node(self.node);
        self.captured.path_found |= node.shows_path;
        if node.role == Role::Element && first != b'{' {
            return Err(self.not_an_object(at, first));
        }
        if !matches!(first, b'{' | b'[') {
            let notes_null = first == b'n' && self.is_member_of_record();
            let end = feed.text.scalar(at, first, &mut self.marks, notes_null)?;
            if node.role == Role::Records && !is_falsy(feed.text.bytes.get(at..end).unwrap_or_default()) {
                return Err(self.not_an_object(at, first));
            }
            self.complete(feed, self.node, self.base + at, end);
            return Ok(());
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(Stop::Fault(ScanErrorKind::TooDeep, at));
        }
        let object = first == b'{';
        let start = self.base + at;
        let record = object && node.role != Role::None;
        if record {
            self.marks.clear();
            self.fields.fill(None);
        }
        if record || node.has_goal() {
            self.pinned.get_or_insert(start);
        }
        self.position = at + 1;
        if node.is_opaque(object) {
            self.skip = Skip::open(object).noting_nulls(record && self.plan.notes_nulls);
            self.skip_start = start;
            self.expect = Expect::Skipped;
        } else {
            self.stack.push(Frame { node: self.node, start, array: !object, index: 0 });
            self.expect = if object { Expect::FirstKey } else { Expect::FirstElement };
        }
        Ok(())
    }

    pub(super) fn skip(&mut self, feed: &mut Feed<'_, '_>) -> Result<(), Stop> {
        let limit = MAX_DEPTH - self.stack.len();
        let end = self.skip.run(feed.text, self.position, limit, &mut self.marks)?;
        self.complete(feed, self.node, self.skip_start, end);
        Ok(())
    }

    /// Reads keys, with the values that nobody asked for, up to a value that needs more or the last member.
    pub(super) fn key(&mut self, feed: &mut Feed<'_, '_>) -> Result<(), Stop> {
        let text = feed.text;
        let plan = self.plan;
        let node = self.stack.last().map_or(NodeId::IGNORED, |frame| frame.node);
        let node = plan.node(node);
        let notes_nulls = plan.notes_nulls && node.role != Role::None;
        let keep_keys = self.stack.len() == 1 && !plan.records().is_empty();
        let mut position = self.position;
        loop {
            let (at, byte) = text.token(position, &mut self.marks)?;
            if byte == b'}' && self.expect == Expect::FirstKey {
                return self.close(feed, at + 1);
            }
            if byte != b'"' {
                return Err(Stop::Fault(ScanErrorKind::UnexpectedByte, at));
            }
            let (end, value) = text.key(at, &mut self.marks)?;
            let raw = text.bytes.get(at..end).unwrap_or_default();
            if keep_keys && self.captured.top_level_keys.len() < TOP_LEVEL_KEYS {
                self.captured.top_level_keys.push(unescape(raw).into_owned());
            }
            let target = member_node(node, raw);
            self.position = value;
            if target != NodeId::IGNORED {
                self.enter(target);
                return Ok(());
            }
            self.node = target;
            self.expect = Expect::Value;
            let (at, first) = text.token(value, &mut self.marks)?;
            let mut end = match first {
                b'{' | b'[' => self.skip_all(text, at, first == b'{')?,
                _ => text.scalar(at, first, &mut self.marks, notes_nulls)?,
            };
            if !keep_keys {
                let is_ignored = |key: &[u8]| member_node(node, key) == NodeId::IGNORED;
                end = text.compact_members(end, &mut self.marks, notes_nulls, is_ignored);
            }
            self.position = end;
            self.expect = Expect::After;
            let (at, byte) = text.token(end, &mut self.marks)?;
            if byte != b',' {
                return Ok(());
            }
            self.expect = Expect::Key;
            position = at + 1;
        }
    }

    /// The end of the container at `at`, in which nothing is looked for. Where the text ends inside,
    /// [`skip`](Self::skip) goes on with it.
    fn skip_all(&mut self, text: Text<'_>, at: usize, object: bool) -> Result<usize, Stop> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(Stop::Fault(ScanErrorKind::TooDeep, at));
        }
        self.skip = Skip::open(object);
        self.skip_start = self.base + at;
        self.expect = Expect::Skipped;
        self.skip.run(text, at + 1, MAX_DEPTH - self.stack.len(), &mut self.marks)
    }

    pub(super) fn element(&mut self, feed: &mut Feed<'_, '_>) -> Result<(), Stop> {
        let (at, byte) = feed.text.token(self.position, &mut self.marks)?;
        if byte == b']' && self.expect == Expect::FirstElement {
            return self.close(feed, at + 1);
        }
        let Some(frame) = self.stack.last() else { return Err(Stop::Fault(ScanErrorKind::UnexpectedByte, at)) };
        let node = self.plan.node(frame.node);
        if node.last_element.is_some() {
            let start = self.base + at;
            self.pinned.get_or_insert(start);
            self.probe = Some(start);
            self.enter(NodeId::IGNORED);
        } else {
            self.enter(node.elements.at(frame.index));
        }
        self.position = at;
        Ok(())
    }

    pub(super) fn after(&mut self, feed: &mut Feed<'_, '_>) -> Result<(), Stop> {
        let (at, byte) = feed.text.token(self.position, &mut self.marks)?;
        let unexpected = Stop::Fault(ScanErrorKind::UnexpectedByte, at);
        let Some(frame) = self.stack.last_mut() else { return Err(unexpected) };
        match (byte, frame.array) {
            (b',' | b']', true) if self.probe.is_some() => self.rewind(byte == b']'),
            (b',', true) => {
                frame.index += 1;
                self.expect = Expect::Element;
                self.position = at + 1;
            }
            (b',', false) => {
                self.expect = Expect::Key;
                self.position = at + 1;
            }
            (b']', true) | (b'}', false) => return self.close(feed, at + 1),
            _ => return Err(unexpected),
        }
        Ok(())
    }

    /// Whether the value that comes next is a member of a record whose members are noted that are `null`.
    fn is_member_of_record(&self) -> bool {
        let is_record = |frame: &Frame| !frame.array && self.plan.node(frame.node).role != Role::None;
        self.plan.notes_nulls && self.stack.last().is_some_and(is_record)
    }

    /// Goes back to the start of an element, now that it is known whether it is the last.
    fn rewind(&mut self, last: bool) {
        let Some(start) = self.probe.take() else { return };
        let Some(frame) = self.stack.last() else { return };
        let node = self.plan.node(frame.node);
        let nodes = node.last_element.as_ref().filter(|_| last).unwrap_or(&node.elements);
        let target = nodes.at(frame.index);
        self.unpin(start);
        self.enter(target);
        self.position = start.saturating_sub(self.base);
    }

    /// Leaves the innermost container, whose closing bracket ends at `end`.
    fn close(&mut self, feed: &mut Feed<'_, '_>, end: usize) -> Result<(), Stop> {
        let Some(frame) = self.stack.pop() else { return Err(Stop::Fault(ScanErrorKind::UnexpectedByte, end)) };
        if frame.node == NodeId::ROOT_ARRAY && self.expect == Expect::FirstElement {
            // An empty body says nothing against the path.
            self.captured.path_found = true;
        }
        self.complete(feed, frame.node, frame.start, end);
        Ok(())
    }

    #[cold]
    fn not_an_object(&self, at: usize, first: u8) -> Stop {
        let found = match first {
            b'"' => "a string",
            b'[' => "an array",
            b't' | b'f' => "a boolean",
            b'n' => "null",
            b'-' | b'0'..=b'9' => "a number",
            _ => return Stop::Fault(ScanErrorKind::UnexpectedByte, at),
        };
        Stop::Fault(ScanErrorKind::NotAnObject { index: self.captured.records(), found }, at)
    }
}

fn member_node(node: &Node, raw_key: &[u8]) -> NodeId {
    let inner = unquoted(raw_key);
    for (name, target) in &node.keys {
        // An escape is longer than what it stands for, and what stands before it is as it is.
        let may_be_escaped = || inner.first() == name.as_bytes().first() || inner.first() == Some(&b'\\');
        let same = match inner.len() > name.len() {
            true => may_be_escaped() && key_is(raw_key, name),
            false => inner == name.as_bytes(),
        };
        if same {
            return *target;
        }
    }
    node.other_key
}

/// Whether Python takes the raw scalar for false.
fn is_falsy(raw: &[u8]) -> bool {
    match raw {
        b"null" | b"false" | b"\"\"" => true,
        [b'-' | b'0'..=b'9', ..] => {
            let mantissa = raw.split(|byte| matches!(byte, b'e' | b'E')).next().unwrap_or_default();
            !mantissa.iter().any(|byte| matches!(byte, b'1'..=b'9'))
        }
        _ => false,
    }
}
