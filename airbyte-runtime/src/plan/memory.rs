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

/// Bytes of an entry in a state.
const WIDTH: usize = 16;
/// Entries in a state, which are two megabytes.
const MAX_ENTRIES: usize = (2 << 20) / WIDTH;

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
///
/// A partition is known by 128 bits of SHA-256, since one that has the hash of another would never be read: nobody can
/// make two such names, and that two meet by chance is likely among 10^19 of them.
///
/// A record is known by 64 bits, and so is its content. Two records of one key lose nothing: each looks like a change of
/// the other, and comes again. A change is lost if the new content has the hash of the old one, one of 2^64 changes; who
/// searches for two such contents may find them, but has to be the one who writes the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    key: u128,
    content: u64,
}

impl RecordHash {
    /// The entry of a record; `None` if it has no key.
    pub(crate) fn entry(&self, partition: &str, record: &[u8]) -> Option<Entry> {
        let key = u128::from(hash([partition.as_bytes(), b"\0", self.key.get(record)?]));
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
    Entry { key: short_name(id), content: 0 }
}

/// A number in place of a text of any length. It is long enough that no two texts ever have the same, since whatever
/// had would be taken for what was read.
pub(crate) fn short_name(text: &str) -> u128 {
    digest([text.as_bytes()])
}

/// The first 64 bits of SHA-256: what stands in states is as short as can be. See [`Entry`].
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
    known: HashMap<u128, u64>,
    /// From this one: no more than twice what fits into a state, of which the lowest will be in it.
    seen: HashMap<u128, u64>,
}

/// Hashes that are more than this are too many for any state.
const MAX_SEEN: usize = 2 * MAX_ENTRIES;

impl MemoryPlan {
    /// The key of the hashes in the state.
    fn key(&self) -> &'static str {
        match self {
            Self::Records(_) => "content_hashes",
            Self::Partitions => "seen_partitions",
        }
    }

    /// An entry as a state has it: the hash of a partition, or those of a record and of its content.
    fn number(&self, (key, content): (u128, u64)) -> u128 {
        match self {
            Self::Records(_) => key << 64 | u128::from(content),
            Self::Partitions => key,
        }
    }

    fn entry(&self, number: u128) -> (u128, u64) {
        match self {
            Self::Records(_) => (number >> 64, number as u64),
            Self::Partitions => (number, 0),
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
        let known = bytes.as_chunks::<WIDTH>().0.iter().map(|entry| self.entry(u128::from_be_bytes(*entry))).collect();
        Ok(Memory { known, seen: HashMap::new() })
    }

    /// The state. Once everything was read, what did not come again is forgotten.
    pub(crate) fn state(&self, memory: &Memory, complete: bool) -> Value {
        let older = memory.known.iter().filter(|(key, _)| !complete && !memory.seen.contains_key(key));
        let mut entries: Vec<(u128, u64)> =
            memory.seen.iter().chain(older).map(|(key, content)| (*key, *content)).collect();
        entries.sort_unstable();
        if entries.len() > MAX_ENTRIES {
            tracing::warn!(
                "there is more to remember than a state may hold: {MAX_ENTRIES} entries are, the others are read again"
            );
            entries.truncate(MAX_ENTRIES);
        }
        let bytes: Vec<u8> = entries.into_iter().flat_map(|entry| self.number(entry).to_be_bytes()).collect();
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
        let mut keys: Vec<u128> = self.seen.keys().copied().collect();
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
        let most = MAX_ENTRIES;
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
        assert_eq!(hash([&b"a"[..], b"bc"]), 0xba78_16bf_8f01_cfea);
    }

    /// Two names whose hashes begin alike: a state that kept the beginning only would lose the second for ever.
    #[test]
    fn all_of_a_partitions_hash_is_remembered() {
        let plan = MemoryPlan::Partitions;
        let key = short_name("project 1");
        let mut memory = Memory::default();
        memory.remember(Entry { key, content: 0 });
        let memory = plan.resume(Some(&plan.state(&memory, true))).unwrap();
        assert!(memory.knows(partition_entry("project 1")));
        for bit in 0..128 {
            assert!(!memory.knows(Entry { key: key ^ 1 << bit, content: 0 }), "bit {bit}");
        }
    }

    /// Records whose keys have one hash come again and again, and no change of theirs is left out.
    #[test]
    fn two_records_of_one_hash_lose_nothing() {
        let plan = records(&[]);
        let mut memory = plan.resume(None).unwrap();
        for content in [1, 2, 1, 3] {
            for entry in [Entry { key: 7, content }, Entry { key: 7, content: 10 + content }] {
                assert!(!memory.knows(entry));
                memory.remember(entry);
            }
            memory = plan.resume(Some(&plan.state(&memory, true))).unwrap();
        }
    }

    #[test]
    fn hashes_that_nobody_wrote_are_refused() {
        let error = MemoryPlan::Partitions.resume(Some(&json!({"seen_partitions": "?"}))).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Config);
        assert!(MemoryPlan::Partitions.resume(Some(&json!({"updated_at": "2024"}))).is_ok());
    }
}
