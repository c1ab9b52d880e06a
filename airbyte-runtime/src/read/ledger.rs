//! The jobs that a stream's state remembers, so that a read which goes on from it asks for them and begins no others.
//!
//! They stand in the state beside the cursor, under a key that no other reader of the state looks at.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::plan::slice::{Interval, Part};
use crate::plan::{Partition, Slice};

/// The key in the state.
const KEY: &str = "__async_jobs";

/// The jobs whose records have not been read to their end.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
    /// Whether it says something else than the last state did.
    has_news: bool,
}

#[derive(Debug)]
struct Entry {
    partition: Arc<Partition>,
    interval: Option<Interval>,
    job: Map<String, Value>,
}

impl Entry {
    fn is_of(&self, slice: &Slice) -> bool {
        self.partition.id == slice.partition.id && self.interval == slice.interval
    }

    fn parse(entry: &Value) -> Option<Self> {
        let keys = entry.get("partition").and_then(Value::as_object).cloned().unwrap_or_default();
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            partition: Arc::new(Partition::new(Part { keys, extra: Map::new() })),
            interval: text("start").zip(text("end")).map(|(start, end)| Interval { start, end }),
            job: entry.get("job")?.as_object()?.clone(),
        })
    }

    fn write(&self) -> Value {
        let mut entry = Map::new();
        if !self.partition.keys.is_empty() {
            entry.insert("partition".to_owned(), self.partition.keys.clone().into());
        }
        if let Some(interval) = &self.interval {
            entry.insert("start".to_owned(), interval.start.as_str().into());
            entry.insert("end".to_owned(), interval.end.as_str().into());
        }
        entry.insert("job".to_owned(), self.job.clone().into());
        entry.into()
    }
}

impl Ledger {
    /// Takes the jobs out of a state; what is left of it is as if there had never been any.
    pub(super) fn take(state: &Value) -> (Option<Cow<'_, Value>>, Self) {
        let Some(jobs) = state.get(KEY) else { return (Some(Cow::Borrowed(state)), Self::default()) };
        let entries = jobs.as_array().into_iter().flatten().filter_map(Entry::parse).collect();
        let mut rest = state.clone();
        if let Some(rest) = rest.as_object_mut() {
            rest.remove(KEY);
        }
        let is_empty = rest.as_object().is_some_and(Map::is_empty);
        ((!is_empty).then_some(Cow::Owned(rest)), Self { entries, has_news: false })
    }

    /// The jobs of a partition, each with the range that it covers.
    pub(super) fn of(&self, partition: &Partition) -> Vec<(Option<Interval>, Map<String, Value>)> {
        let own = self.entries.iter().filter(|entry| entry.partition.id == partition.id);
        own.map(|entry| (entry.interval.clone(), entry.job.clone())).collect()
    }

    /// Remembers the job of a slice, in place of the one before.
    pub(super) fn remember(&mut self, slice: &Slice, job: Map<String, Value>) {
        self.forget(slice);
        self.has_news = true;
        let (partition, interval) = (Arc::clone(&slice.partition), slice.interval.clone());
        self.entries.push(Entry { partition, interval, job });
    }

    /// Forgets the job of a slice.
    pub(super) fn forget(&mut self, slice: &Slice) {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.is_of(slice));
        self.has_news |= self.entries.len() != before;
    }

    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    /// Adds the jobs to a state that is about to be written.
    pub(super) fn write(&mut self, state: &mut Value) {
        self.has_news = false;
        if let (Some(state), false) = (state.as_object_mut(), self.entries.is_empty()) {
            state.insert(KEY.to_owned(), json!(self.entries.iter().map(Entry::write).collect::<Vec<_>>()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(region: &str, start: &str) -> Slice {
        let keys = Map::from_iter([("region".to_owned(), region.into())]);
        let extra = Map::from_iter([("name".to_owned(), "Europe".into())]);
        Slice {
            partition: Arc::new(Partition::new(Part { keys, extra })),
            interval: Some(Interval { start: start.to_owned(), end: "9".to_owned() }),
            job: None,
            record: None,
        }
    }

    fn job(id: u64) -> Map<String, Value> {
        Map::from_iter([("id".to_owned(), id.into())])
    }

    #[test]
    fn jobs_come_back_from_a_state_and_leave_nothing_in_it() {
        let mut ledger = Ledger::default();
        ledger.remember(&slice("eu", "1"), job(7));
        ledger.remember(&slice("us", "1"), job(8));
        ledger.remember(&slice("eu", "1"), job(9));
        assert!(ledger.has_news());
        let mut state = json!({"updated_at": "1"});
        ledger.write(&mut state);
        assert!(!ledger.has_news());
        assert_eq!(
            state["__async_jobs"],
            json!([
                {"partition": {"region": "us"}, "start": "1", "end": "9", "job": {"id": 8}},
                {"partition": {"region": "eu"}, "start": "1", "end": "9", "job": {"id": 9}},
            ])
        );
        let (rest, mut again) = Ledger::take(&state);
        assert_eq!(rest.as_deref(), Some(&json!({"updated_at": "1"})));
        let interval = slice("eu", "1").interval;
        assert_eq!(again.of(&slice("eu", "").partition), [(interval.clone(), job(9))]);
        assert_eq!(again.of(&slice("us", "").partition), [(interval, job(8))]);
        assert_eq!(again.of(&slice("ap", "").partition), []);
        again.forget(&slice("eu", "1"));
        again.forget(&slice("us", "1"));
        let mut state = json!({});
        again.write(&mut state);
        assert_eq!(state, json!({}));
    }

    #[test]
    fn a_state_with_nothing_but_jobs_is_none() {
        let state = json!({"__async_jobs": [{"job": {"id": 1}}, {"job": 3}, 4]});
        let (rest, ledger) = Ledger::take(&state);
        assert!(rest.is_none());
        assert_eq!(ledger.entries.len(), 1);
        assert!(Ledger::take(&json!({"a": 1})).0.is_some());
    }
}
