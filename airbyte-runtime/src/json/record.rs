//! What a scan hands out: records while it runs, captured values when it is finished.

use super::lexer::Marks;
use super::plan::{Goal, NodeId, Role};
use super::scan::{Expect, Feed, Scanner};

/// A record as it is written in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'b> {
    /// The text of the object, with number spelling, key order and equal keys as they came.
    pub(crate) bytes: &'b [u8],
    /// The raw value of each field of the plan, if the record has it.
    pub(crate) fields: &'b [Option<&'b [u8]>],
    /// There is whitespace between tokens, perhaps line breaks.
    pub(crate) whitespace: bool,
    /// A string holds a `\uD800`…`\uDFFF` escape without its other half.
    pub(crate) lone_surrogate: bool,
    /// It holds an integer of more than 64 bits.
    pub(crate) wide_integer: bool,
    /// Where the values of its members begin that are `null`, if the plan asks for that.
    pub(crate) nulls: &'b [usize],
    /// The object has no members.
    pub(crate) empty: bool,
}

/// What a finished scan knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Captured {
    captures: Vec<Capture>,
    records: usize,
    pub(super) path_found: bool,
    pub(super) top_level_keys: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Capture {
    found: bool,
    /// Kept when the value is forgotten, so that a value of every record does not allocate for every record.
    bytes: Vec<u8>,
}

impl Captured {
    /// Nothing yet, with room for `captures` values.
    pub(super) fn new(captures: usize) -> Self {
        let captures = vec![Capture::default(); captures];
        Self { captures, records: 0, path_found: false, top_level_keys: Vec::new() }
    }

    /// What is known of a body that could not be scanned.
    pub(crate) fn nothing() -> Self {
        Self::new(0)
    }

    /// The raw value of capture `position` of the plan, if the body had it.
    pub(crate) fn get(&self, position: usize) -> Option<&[u8]> {
        self.captures.get(position).filter(|capture| capture.found).map(|capture| capture.bytes.as_slice())
    }

    /// How many records the body held.
    pub(crate) fn records(&self) -> usize {
        self.records
    }

    /// Whether the body had the record path, be it with no records in it.
    pub(crate) fn path_found(&self) -> bool {
        self.path_found
    }

    /// The first keys of the root object, at most ten, for a message about a path that was not found.
    ///
    /// Not collected if the record path is empty, which is always found.
    pub(crate) fn top_level_keys(&self) -> &[String] {
        &self.top_level_keys
    }
}

impl Scanner<'_> {
    /// Takes note of the value from `start` in the body to `end` in the buffer.
    pub(super) fn complete(&mut self, feed: &mut Feed<'_, '_>, id: NodeId, start: usize, end: usize) {
        self.position = end;
        self.expect = if self.stack.is_empty() { Expect::End } else { Expect::After };
        let node = self.plan.node(id);
        if !node.has_goal() && node.role == Role::None {
            return;
        }
        // An array of records may have begun in an earlier buffer; it is no record itself.
        let raw = start.checked_sub(self.base).and_then(|from| feed.text.bytes.get(from..end)).unwrap_or_default();
        for Goal { position, keep_first } in &node.fields {
            if let Some(field) = self.fields.get_mut(*position)
                && !(*keep_first && field.is_some())
            {
                *field = Some((start, self.base + end));
            }
        }
        for Goal { position, keep_first } in &node.captures {
            if let Some(capture) = self.captured.captures.get_mut(*position)
                && !(*keep_first && capture.found)
            {
                capture.found = true;
                capture.bytes.clear();
                capture.bytes.extend_from_slice(raw);
            }
        }
        if node.role != Role::None && raw.first() == Some(&b'{') {
            self.emit(feed, start.saturating_sub(self.base), raw, node.role);
        }
        self.unpin(start);
    }

    /// Hands out the record at `start` in the buffer.
    fn emit(&mut self, feed: &mut Feed<'_, '_>, start: usize, bytes: &[u8], role: Role) {
        let empty = bytes.get(1..).is_some_and(|rest| rest.trim_ascii_start() == b"}");
        if empty && role == Role::Records && !self.plan.records().has_wildcard() {
            return;
        }
        feed.fields.clear();
        feed.fields.extend(self.fields.iter().map(|field| {
            let (from, end) = (*field)?;
            feed.text.bytes.get(from.checked_sub(self.base)?..end.checked_sub(self.base)?)
        }));
        self.captured.records += 1;
        self.marks.nulls.iter_mut().for_each(|null| *null = null.saturating_sub(start));
        let Marks { whitespace, lone_surrogate, wide_integer, nulls } = &self.marks;
        let record = Record {
            bytes,
            fields: &feed.fields,
            whitespace: *whitespace,
            lone_surrogate: *lone_surrogate,
            wide_integer: *wide_integer,
            nulls,
            empty,
        };
        feed.broken = (feed.on_record)(record).is_break();
    }

    /// Turns to the value that the plan calls `target`.
    pub(super) fn enter(&mut self, target: NodeId) {
        let node = self.plan.node(target);
        for field in &node.stale_fields {
            if let Some(field) = self.fields.get_mut(*field) {
                *field = None;
            }
        }
        for capture in &node.stale_captures {
            if let Some(capture) = self.captured.captures.get_mut(*capture) {
                capture.found = false;
            }
        }
        self.node = target;
        self.expect = Expect::Value;
    }

    pub(super) fn unpin(&mut self, start: usize) {
        if self.pinned == Some(start) {
            self.pinned = None;
        }
    }
}
