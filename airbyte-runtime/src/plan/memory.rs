//! What a stream remembers of earlier syncs where its API gives no cursor: hashes of its records, or of the partitions
//! that were read, without I/O.
//!
//! What is remembered has a bound, so the state has one. Beyond it the entries with the lowest hashes are kept, which
//! are the same in every sync; what is not remembered counts as new, so it comes again and nothing is lost.

use std::collections::HashMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{Context, SHA256};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::json::{JsonPath, members};
use crate::plan::cursor::STATE_ADVICE;

/// Bytes of hashes in a state: 131,072 records, or 262,144 partitions.
const MAX_BYTES: usize = 2 << 20;

/// What a stream remembers.
#[derive(Debug)]
pub(crate) enum MemoryPlan {
    /// Its records: only those that are new or have changed are written.
    Records(RecordHash),
    /// Its partitions: only those that were never read to their end are read.
    Partitions,
}

/// How a record is told from others, and from what it was before.
#[derive(Debug)]
pub(crate) struct RecordHash {
    /// The field that names the record within its partition.
    pub(crate) key: JsonPath,
    /// Fields whose changes do not count.
    pub(crate) ignored: Vec<String>,
}

/// A record or a partition, and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    key: u64,
    content: u64,
}

impl RecordHash {
    /// The entry of a record; `None` if it has no key.
    pub(crate) fn entry(&self, partition: &str, record: &[u8]) -> Option<Entry> {
        let key = hash([partition.as_bytes(), b"\0", self.key.get(record)?]);
        if self.ignored.is_empty() {
            return Some(Entry { key, content: hash([record]) });
        }
        let counts = |key: &[u8]| {
            let key = key.get(1..key.len().saturating_sub(1)).unwrap_or_default();
            !self.ignored.iter().any(|ignored| ignored.as_bytes() == key)
        };
        let parts = members(record).filter(|(key, _)| counts(key)).flat_map(|(key, value)| [key, b":", value, b","]);
        Some(Entry { key, content: hash(parts) })
    }
}

/// The entry of a partition.
pub(crate) fn partition_entry(id: &str) -> Entry {
    Entry { key: hash([id.as_bytes()]), content: 0 }
}

/// A number in place of a text of any length. It is long enough that no two texts ever have the same, since whatever
/// had would be taken for what was read.
pub(crate) fn short_name(text: &str) -> u128 {
    digest([text.as_bytes()])
}

/// The first 64 bits of SHA-256: what stands in states is as short as can be.
fn hash<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> u64 {
    (digest(parts) >> 64) as u64
}

/// The first 128 bits of SHA-256, which are the same on every machine and in every version.
fn digest<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> u128 {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let digest = context.finish();
    digest.as_ref().first_chunk().copied().map_or(0, u128::from_be_bytes)
}

/// What is remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// From earlier syncs.
    known: HashMap<u64, u64>,
    /// From this one: no more than twice what fits into a state, of which the lowest will be in it.
    seen: HashMap<u64, u64>,
}

/// Hashes that are more than this are too many for any state.
const MAX_SEEN: usize = 2 * MAX_BYTES / 8;

impl MemoryPlan {
    /// The key of the hashes in the state.
    fn key(&self) -> &'static str {
        match self {
            Self::Records(_) => "content_hashes",
            Self::Partitions => "seen_partitions",
        }
    }

    /// What a state remembers.
    ///
    /// # Errors
    /// Hashes that cannot be read are a config error.
    pub(crate) fn resume(&self, state: Option<&Value>) -> Result<Memory> {
        let Some(text) = state.and_then(|state| state.get(self.key())) else { return Ok(Memory::default()) };
        let bytes = text.as_str().and_then(|text| BASE64_STANDARD.decode(text).ok()).ok_or_else(|| {
            Error::config(format!("the state's `{}` is not what this stream wrote", self.key()))
                .with_detail(STATE_ADVICE)
        })?;
        let number = |bytes: &[u8]| bytes.first_chunk().copied().map_or(0, u64::from_be_bytes);
        let known = match self {
            Self::Records(_) => bytes.chunks_exact(16).map(|entry| (number(entry), number(&entry[8..]))).collect(),
            Self::Partitions => bytes.chunks_exact(8).map(|entry| (number(entry), 0)).collect(),
        };
        Ok(Memory { known, seen: HashMap::new() })
    }

    /// The state. Once everything was read, what did not come again is forgotten.
    pub(crate) fn state(&self, memory: &Memory, complete: bool) -> Value {
        let older = memory.known.iter().filter(|(key, _)| !complete && !memory.seen.contains_key(key));
        let mut entries: Vec<(u64, u64)> =
            memory.seen.iter().chain(older).map(|(key, content)| (*key, *content)).collect();
        entries.sort_unstable();
        let width = if matches!(self, Self::Records(_)) { 16 } else { 8 };
        if entries.len() > MAX_BYTES / width {
            tracing::warn!(
                "there is more to remember than a state may hold: {} entries are, the others are read again",
                MAX_BYTES / width
            );
            entries.truncate(MAX_BYTES / width);
        }
        let mut bytes = Vec::with_capacity(entries.len() * width);
        for (key, content) in entries {
            bytes.extend_from_slice(&key.to_be_bytes());
            if width == 16 {
                bytes.extend_from_slice(&content.to_be_bytes());
            }
        }
        Value::Object(Map::from_iter([(self.key().to_owned(), json!(BASE64_STANDARD.encode(bytes)))]))
    }
}

impl Memory {
    /// Whether the entry is as it was when it was remembered.
    pub(crate) fn knows(&self, entry: Entry) -> bool {
        let last = self.seen.get(&entry.key).or_else(|| self.known.get(&entry.key));
        last == Some(&entry.content)
    }

    /// Remembers an entry whose records are written.
    pub(crate) fn remember(&mut self, entry: Entry) {
        self.seen.insert(entry.key, entry.content);
        if self.seen.len() > MAX_SEEN {
            self.forget_highest();
        }
    }

    /// Forgets what no state will hold. What it was before is forgotten as well: it has changed since.
    fn forget_highest(&mut self) {
        let mut keys: Vec<u64> = self.seen.keys().copied().collect();
        let highest = *keys.select_nth_unstable(MAX_SEEN / 2 - 1).1;
        let known = &mut self.known;
        self.seen.retain(|key, _| {
            let stays = *key <= highest;
            if !stays {
                known.remove(key);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(ignored: &[&str]) -> MemoryPlan {
        let ignored = ignored.iter().map(|key| (*key).to_owned()).collect();
        MemoryPlan::Records(RecordHash { key: JsonPath::parse("id"), ignored })
    }

    fn entry(plan: &MemoryPlan, partition: &str, record: &str) -> Entry {
        let MemoryPlan::Records(hash) = plan else { panic!("records") };
        hash.entry(partition, record.as_bytes()).expect("a key")
    }

    #[test]
    fn only_what_changed_is_new() {
        let plan = records(&["views"]);
        let mut memory = plan.resume(None).unwrap();
        let first = entry(&plan, "{}", r#"{"id":1,"name":"a","views":7}"#);
        assert!(!memory.knows(first));
        memory.remember(first);
        let memory = plan.resume(Some(&plan.state(&memory, true))).unwrap();
        for (partition, record, known) in [
            ("{}", r#"{"id":1,"name":"a","views":7}"#, true),
            ("{}", r#"{"id":1,"name":"a","views":8}"#, true),
            ("{}", r#"{"id":1,"name":"b","views":7}"#, false),
            ("{}", r#"{"id":2,"name":"a","views":7}"#, false),
            (r#"{"a":1}"#, r#"{"id":1,"name":"a","views":7}"#, false),
        ] {
            assert_eq!(memory.knows(entry(&plan, partition, record)), known, "{partition} {record}");
        }
    }

    /// A → B, a stop, B → A: the second A is a change.
    #[test]
    fn a_stopped_sync_forgets_what_a_record_was_before() {
        let plan = records(&[]);
        let (a, b) = (entry(&plan, "", r#"{"id":1,"n":"a"}"#), entry(&plan, "", r#"{"id":1,"n":"b"}"#));
        let mut memory = plan.resume(None).unwrap();
        memory.remember(a);
        let mut memory = plan.resume(Some(&plan.state(&memory, true))).unwrap();
        memory.remember(b);
        let memory = plan.resume(Some(&plan.state(&memory, false))).unwrap();
        assert!(!memory.knows(a) && memory.knows(b));
    }

    #[test]
    fn what_is_gone_is_forgotten_by_a_whole_sync_only() {
        let plan = MemoryPlan::Partitions;
        let (old, new) = (partition_entry("old"), partition_entry("new"));
        let mut memory = plan.resume(None).unwrap();
        memory.remember(old);
        let mut memory = plan.resume(Some(&plan.state(&memory, true))).unwrap();
        memory.remember(new);
        for (complete, knows_old) in [(false, true), (true, false)] {
            let memory = plan.resume(Some(&plan.state(&memory, complete))).unwrap();
            assert_eq!((memory.knows(old), memory.knows(new)), (knows_old, true));
        }
    }

    #[test]
    fn a_state_has_a_bound_and_keeps_the_same_entries_each_time() {
        let plan = MemoryPlan::Partitions;
        let most = MAX_BYTES / 8;
        let mut memory = Memory::default();
        for number in 0..most + 10 {
            memory.remember(partition_entry(&number.to_string()));
        }
        let state = plan.state(&memory, true);
        assert_eq!(state, plan.state(&memory, true));
        assert_eq!(plan.resume(Some(&state)).unwrap().known.len(), most);
    }

    /// The state is that of a memory without a bound.
    #[test]
    fn a_memory_has_a_bound() {
        let plan = MemoryPlan::Partitions;
        let mut memory = Memory::default();
        let entries: Vec<Entry> = (0..MAX_SEEN + 1000).map(|number| partition_entry(&number.to_string())).collect();
        for entry in &entries {
            memory.remember(*entry);
            assert!(memory.knows(*entry) || memory.seen.len() <= MAX_SEEN / 2);
        }
        assert!(memory.seen.len() <= MAX_SEEN);
        let unbounded = Memory { seen: entries.iter().map(|entry| (entry.key, 0)).collect(), ..Memory::default() };
        assert_eq!(plan.state(&memory, true), plan.state(&unbounded, true));
    }

    #[test]
    fn names_are_the_beginning_of_sha_256() {
        // As `printf abc | sha256sum` says it.
        assert_eq!(short_name("abc"), 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223);
        assert_eq!(partition_entry("abc").key, 0xba78_16bf_8f01_cfea);
    }

    #[test]
    fn hashes_that_nobody_wrote_are_refused() {
        let error = MemoryPlan::Partitions.resume(Some(&json!({"seen_partitions": "?"}))).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Config);
        assert!(MemoryPlan::Partitions.resume(Some(&json!({"updated_at": "2024"}))).is_ok());
    }
}
