//! Records on their way out: what one pass over a page, or a function, finds becomes RECORD lines, moves the cursor,
//! and feeds the children.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::checkpoint::{Checkpoint, OpenSlice};
use super::files::Pending;
use super::partitions::part_of_keys;
use super::slice::Newest;
use super::watch::Watch;
use crate::error::{Error, Result};
use crate::json::{JsonPath, Record, ScanPlan, compact_into, narrow_into, nulls, repair_into, without_nulls_into};
use crate::output::now_millis;
use crate::plan::cursor::{Cursor, Greatest, Order, RecordRange};
use crate::plan::extract::Extraction;
use crate::plan::files::FilePlan;
use crate::plan::memory::{Entry, MemoryPlan, RecordHash};
use crate::plan::record::RecordCell;
use crate::plan::slice::Part;
use crate::plan::{Conduct, Hooks, StreamPlan, Take};
use crate::protocol::RecordEnvelope;

/// Writes the records of one stream as lines.
pub(super) struct RecordWriter<'a> {
    envelope: RecordEnvelope,
    hooks: Hooks,
    conduct: Conduct,
    cursor: Option<&'a Cursor>,
    /// What each child takes from a record.
    takes: Vec<Take>,
    /// Whether anybody reads the lines.
    emits: bool,
    /// What holds the records against the schema.
    watch: Option<&'a Watch>,
    /// How records are remembered, and by whom; only where somebody reads the lines.
    memory: Option<(&'a RecordHash, Rc<RefCell<Checkpoint>>)>,
    /// What finds the files of records, if they are brought along.
    files: Option<&'a FilePlan>,
}

/// What a page, or a batch of records, held.
#[derive(Default)]
pub(super) struct Scanned {
    /// Whole RECORD lines.
    pub(super) lines: Vec<u8>,
    pub(super) count: u64,
    /// The files of the lines, one for each, if files are brought along.
    pub(super) files: Vec<Pending>,
    /// Records that are as an earlier sync wrote them.
    pub(super) unchanged: u64,
    /// What is to be remembered of the lines once they are queued.
    pub(super) entries: Vec<Entry>,
    pub(super) newest: Newest,
    /// Records of the page that were kept, those included that have left before its end.
    pub(super) kept: u64,
    /// Records in the body, before any filter.
    pub(super) raw_records: u64,
    /// What tells the body from others: its length and its last record.
    pub(super) content: u64,
    /// The same, with the token of the next page.
    pub(super) fingerprint: u64,
    /// For each child, its parts.
    pub(super) fed: Vec<Vec<Part>>,
    /// Why the rest of the page could not be read.
    pub(super) failure: Option<Error>,
}

impl<'a> RecordWriter<'a> {
    pub(super) fn new(stream: &'a StreamPlan, takes: Vec<Take>, emits: bool, watch: Option<&'a Watch>) -> Self {
        Self {
            envelope: RecordEnvelope::new(&stream.name, stream.namespace.as_deref()),
            hooks: stream.hooks.clone(),
            conduct: stream.conduct,
            cursor: stream.cursor.as_ref(),
            takes,
            emits,
            watch,
            memory: None,
            files: None,
        }
    }

    /// Writes only the records that the checkpoint does not know, if the stream remembers them.
    pub(super) fn remembering(mut self, stream: &'a StreamPlan, checkpoint: &Rc<RefCell<Checkpoint>>) -> Self {
        if let (Some(MemoryPlan::Records(hash)), true) = (&stream.memory, self.emits) {
            self.memory = Some((hash, Rc::clone(checkpoint)));
        }
        self
    }

    /// Notes which files come along with the records.
    pub(super) fn bringing_files(self, files: Option<&'a FilePlan>) -> Self {
        Self { files, ..self }
    }

    /// What the scan has to find in each record: the cursor first, then the children's keys.
    fn fields(&self) -> Vec<JsonPath> {
        let cursor = self.cursor.map(|cursor| cursor.path.clone());
        let keys = self.takes.iter().flat_map(|take| match take {
            Take::Keys(keys) => keys.iter().filter_map(|key| key.path.clone()).collect::<Vec<_>>(),
            #[cfg(feature = "manifest")]
            Take::Record(_) => Vec::new(),
        });
        cursor.into_iter().chain(keys).collect()
    }

    /// The plan of a scan for what has to be known of each record.
    pub(super) fn scan(&self, records: JsonPath, captures: Vec<JsonPath>) -> ScanPlan {
        let notes_nulls = self.emits && self.conduct.drop_nulls && self.hooks.is_empty();
        ScanPlan::new(records, self.fields(), captures).noting_nulls(notes_nulls)
    }

    /// A batch for about `bytes` of records.
    pub(super) fn batch(&self, bytes: usize) -> Batch<'_> {
        let capacity = if self.emits { bytes + bytes / 4 } else { 0 };
        Batch {
            writer: self,
            suffix: RecordEnvelope::suffix(now_millis()),
            scanned: Scanned {
                lines: Vec::with_capacity(capacity),
                fed: self.takes.iter().map(|_| Vec::new()).collect(),
                ..Scanned::default()
            },
            greatest: Greatest::default(),
            tidy: Vec::new(),
            shortened: Vec::new(),
            declared: Vec::new(),
            narrowed: Vec::new(),
        }
    }
}

/// Lines in the making.
pub(super) struct Batch<'w> {
    writer: &'w RecordWriter<'w>,
    suffix: Vec<u8>,
    scanned: Scanned,
    /// The greatest cursor value so far.
    greatest: Greatest,
    /// Room for a record that is rewritten, kept from one to the next.
    tidy: Vec<u8>,
    /// Room for a record without its nulls.
    shortened: Vec<u8>,
    /// Room for a record without what is not declared.
    declared: Vec<u8>,
    /// Room for a record whose wide integers are numbers that fit.
    narrowed: Vec<u8>,
}

/// What copying a record takes.
#[derive(Clone, Copy, Default)]
struct Rewrites<'r> {
    whitespace: bool,
    lone_surrogate: bool,
    wide_integer: bool,
    /// Where members are `null`, if that is known.
    nulls: Option<&'r [usize]>,
}

impl<'r> Rewrites<'r> {
    fn of(record: &Record<'r>) -> Self {
        let Record { whitespace, lone_surrogate, wide_integer, nulls, .. } = *record;
        Self { whitespace, lone_surrogate, wide_integer, nulls: Some(nulls) }
    }
}

impl Batch<'_> {
    /// Takes one record as it stands in a body. Returns whether it was kept.
    ///
    /// # Errors
    /// A record that a hook cannot take.
    pub(super) fn push(&mut self, record: &Record<'_>, slice: &OpenSlice) -> Result<bool> {
        if record.empty && !self.writer.conduct.keep_empty_records {
            // The platform drops empty records without counting them.
            return Ok(false);
        }
        if self.writer.hooks.expand.is_some() {
            return self.push_items(record, slice);
        }
        if self.is_outside(self.cursor_of(record), slice) {
            return Ok(false);
        }
        if self.writer.hooks.is_empty() {
            self.observe(self.cursor_of(record));
            let first_key = usize::from(self.writer.cursor.is_some());
            self.feed(record.bytes, slice, |at, _| record.fields.get(first_key + at).copied().flatten())?;
            self.unless_unchanged(record.bytes, slice, |batch| batch.write(record.bytes, Rewrites::of(record), slice))?;
            return Ok(true);
        }
        self.push_through_hooks(record, slice)
    }

    fn push_through_hooks(&mut self, record: &Record<'_>, slice: &OpenSlice) -> Result<bool> {
        // A hook gets text that can be read; what cannot be told from it is repaired before, not after.
        let mut repaired = Vec::new();
        if record.lone_surrogate {
            repair_into(record.bytes, &mut repaired);
        }
        let bytes = if record.lone_surrogate { &repaired } else { record.bytes };
        let rewrites = Rewrites { lone_surrogate: false, nulls: None, ..Rewrites::of(record) };
        self.push_text(bytes, self.cursor_of(record), rewrites, slice)
    }

    /// Takes one record as text that the hooks may change.
    fn push_text(
        &mut self,
        record: &[u8],
        cursor: Option<&[u8]>,
        rewrites: Rewrites<'_>,
        slice: &OpenSlice,
    ) -> Result<bool> {
        let mut cell = RecordCell::new(record);
        if let Some(filter) = self.writer.hooks.filter
            && !filter.keep(&mut cell)?
        {
            return Ok(false);
        }
        // The cursor is the API's value: a transformation may change what is written, not what was read.
        self.observe(cursor);
        for step in self.writer.hooks.transform.iter() {
            step.transform(&mut cell, &slice.slice)?;
        }
        let bytes = cell.bytes();
        self.feed(bytes, slice, |_, path| path.get(bytes))?;
        self.unless_unchanged(bytes, slice, |batch| batch.write(bytes, rewrites, slice))?;
        Ok(true)
    }

    /// Takes the items of a list in a record. Returns whether one of them was kept.
    fn push_items(&mut self, record: &Record<'_>, slice: &OpenSlice) -> Result<bool> {
        let mut repaired = Vec::new();
        if record.lone_surrogate {
            repair_into(record.bytes, &mut repaired);
        }
        let bytes = if record.lone_surrogate { &repaired } else { record.bytes };
        let parsed: Map<String, Value> = serde_json::from_slice(bytes)
            .map_err(|error| Error::system("a record cannot be read").with_detail(error.to_string()))?;
        self.push_expanded(parsed, slice)
    }

    /// Takes one record that was parsed, or the items of a list in it. Returns whether it was kept.
    ///
    /// # Errors
    /// A record whose values for a child are ambiguous, or that a hook cannot take.
    pub(super) fn push_parsed(&mut self, record: &Map<String, Value>, slice: &OpenSlice) -> Result<bool> {
        match self.writer.hooks.expand {
            None => self.push_object(record, slice),
            // Whoever lends a record may need it as it was, for the paginator.
            Some(_) => self.push_expanded(record.clone(), slice),
        }
    }

    fn push_expanded(&mut self, record: Map<String, Value>, slice: &OpenSlice) -> Result<bool> {
        let Some(expander) = &self.writer.hooks.expand else { return self.push_object(&record, slice) };
        let mut extraction = Extraction::default();
        expander.expand(Value::Object(record), &mut extraction)?;
        let mut kept = false;
        for item in extraction.records {
            match item.into_record()? {
                Value::Object(item) => kept |= self.push_object(&item, slice)?,
                _ => return Err(Error::system("an item of the list that `expand` names is not an object")),
            }
        }
        Ok(kept)
    }

    fn push_object(&mut self, record: &Map<String, Value>, slice: &OpenSlice) -> Result<bool> {
        if record.is_empty() && !self.writer.conduct.keep_empty_records {
            return Ok(false);
        }
        let cursor = self.writer.cursor.and_then(|cursor| record.get(&cursor.key)).map(Value::to_string);
        let cursor = cursor.as_ref().map(String::as_bytes);
        if self.is_outside(cursor, slice) {
            return Ok(false);
        }
        let mut bytes = std::mem::take(&mut self.tidy);
        bytes.clear();
        write_object(record, self.writer.conduct.drop_nulls, &mut bytes)?;
        if !self.writer.hooks.is_empty() {
            let kept = self.push_text(&bytes, cursor, Rewrites::default(), slice);
            self.tidy = bytes;
            return kept;
        }
        self.observe(cursor);
        self.feed(&bytes, slice, |_, path| path.get(&bytes))?;
        self.unless_unchanged(&bytes, slice, |batch| batch.write_line(&bytes, slice))?;
        self.tidy = bytes;
        Ok(true)
    }

    fn cursor_of<'r>(&self, record: &Record<'r>) -> Option<&'r [u8]> {
        self.writer.cursor.and_then(|_| record.fields.first().copied().flatten())
    }

    /// Whether a record lies outside the range that was asked for; a record without a readable cursor is kept.
    fn is_outside(&self, raw: Option<&[u8]>, slice: &OpenSlice) -> bool {
        let (Some(cursor), Some(raw)) = (self.writer.cursor, raw) else { return false };
        if cursor.record_range == RecordRange::Any && cursor.order == Order::Unknown && !slice.is_past {
            return false;
        }
        let Some(order) = cursor.order_of(raw) else { return false };
        slice.watch.observe(cursor.order, order);
        slice.excludes(cursor, order)
    }

    /// Follows the cursor.
    fn observe(&mut self, raw: Option<&[u8]>) {
        if let (Some(cursor), Some(raw)) = (self.writer.cursor, raw) {
            self.greatest.observe(cursor, raw);
        }
    }

    /// Writes a record unless an earlier sync wrote it as it is; one without a key counts as new. A record that the
    /// schema rejects is not remembered: nobody has read it.
    fn unless_unchanged(
        &mut self,
        record: &[u8],
        slice: &OpenSlice,
        write: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let memory = self.writer.memory.as_ref();
        let entry = memory.and_then(|(hash, checkpoint)| {
            let entry = hash.entry(&slice.slice.partition.id, record)?;
            Some((entry, checkpoint.borrow().knows(entry)))
        });
        if entry.is_some_and(|(_, is_known)| is_known) {
            self.scanned.unchanged += 1;
        } else {
            write(self)?;
        }
        self.scanned.entries.extend(entry.map(|(entry, _)| entry));
        Ok(())
    }

    /// Makes the parts of the children; `find` gets a running number over all keys that are fields of the record.
    fn feed<'r>(
        &mut self,
        record: &[u8],
        slice: &OpenSlice,
        find: impl Fn(usize, &JsonPath) -> Option<&'r [u8]>,
    ) -> Result<()> {
        let parent = &slice.slice.partition;
        let mut at = 0;
        for (take, parts) in self.writer.takes.iter().zip(&mut self.scanned.fed) {
            let part = match take {
                Take::Keys(keys) => {
                    let values: Vec<Option<Value>> = keys
                        .iter()
                        .map(|key| {
                            let path = key.path.as_ref()?;
                            at += 1;
                            find(at - 1, path).and_then(json)
                        })
                        .collect();
                    part_of_keys(keys, &values, parent)
                }
                #[cfg(feature = "manifest")]
                Take::Record(take) => match json(record) {
                    Some(record) => take.take(&record, parent)?,
                    None => None,
                },
            };
            parts.extend(part);
        }
        #[cfg(not(feature = "manifest"))]
        let _ = record;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], rewrites: Rewrites<'_>, slice: &OpenSlice) -> Result<()> {
        let Rewrites { whitespace, lone_surrogate, wide_integer, nulls: known } = rewrites;
        let conduct = self.writer.conduct;
        let found: Vec<usize>;
        let absent = match known {
            _ if !self.writer.emits || !conduct.drop_nulls => &[],
            Some(known) => known,
            None => {
                found = nulls(bytes).collect();
                &*found
            }
        };
        let is_wide = wide_integer && !conduct.exact_numbers;
        if !self.writer.emits || !whitespace && !lone_surrogate && !is_wide && absent.is_empty() {
            return self.write_line(bytes, slice);
        }
        let (mut tidy, mut shortened) = (std::mem::take(&mut self.tidy), std::mem::take(&mut self.shortened));
        let mut line = bytes;
        if !absent.is_empty() {
            shortened.clear();
            without_nulls_into(line, absent, &mut shortened);
            line = &shortened;
        }
        tidy.clear();
        if lone_surrogate {
            repair_into(line, &mut tidy);
            line = &tidy;
        } else if whitespace {
            compact_into(line, &mut tidy);
            line = &tidy;
        }
        let mut narrowed = std::mem::take(&mut self.narrowed);
        if is_wide {
            narrowed.clear();
            narrow_into(line, &mut narrowed);
            line = &narrowed;
        }
        let written = self.write_line(line, slice);
        self.narrowed = narrowed;
        (self.tidy, self.shortened) = (tidy, shortened);
        written
    }

    /// Writes a record that is as it shall be, but for what is not declared.
    fn write_line(&mut self, record: &[u8], slice: &OpenSlice) -> Result<()> {
        if !self.writer.emits {
            self.scanned.count += 1;
            return Ok(());
        }
        let mut line = record;
        if let Some(watch) = self.writer.watch {
            watch.look(record, slice)?;
            if watch.drops() {
                self.declared.clear();
                watch.copy_declared(record, &mut self.declared);
                line = &self.declared;
            }
        }
        self.writer.envelope.write(line, &self.suffix, &mut self.scanned.lines);
        self.scanned.count += 1;
        if let Some(files) = self.writer.files {
            // A record without a sound place of its file fails when those before it have left.
            let source = files.find(record, &slice.slice);
            self.scanned.files.push(Pending { end: self.scanned.lines.len(), source });
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Scanned {
        self.scanned.kept = self.scanned.count + self.scanned.unchanged;
        self.scanned.newest = self.writer.cursor.and_then(|cursor| self.greatest.position(cursor));
        self.scanned
    }

    /// Bytes of lines so far.
    pub(super) fn len(&self) -> usize {
        self.scanned.lines.len()
    }
}

pub(super) fn json(raw: &[u8]) -> Option<Value> {
    serde_json::from_slice(raw).ok()
}

fn write_object(object: &Map<String, Value>, drop_nulls: bool, out: &mut Vec<u8>) -> Result<()> {
    let failed = |error| Error::system("a record cannot be written as JSON").with_source(error);
    out.push(b'{');
    let mut first = true;
    for (key, value) in object.iter().filter(|(_, value)| !(drop_nulls && value.is_null())) {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, key).map_err(failed)?;
        out.push(b':');
        serde_json::to_writer(&mut *out, value).map_err(failed)?;
    }
    out.push(b'}');
    Ok(())
}
