//! The law of partitions on random cases: whatever order slices end in, whichever fail and wherever the read stops, no
//! state of any partition, nor that of the whole stream, passes what was not read.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Partitioned;
use crate::plan::Partition;
use crate::plan::cursor::laws::dice::{Dice, for_all};
use crate::plan::cursor::laws::scene::{Record, Scene};
use crate::plan::cursor::{Position, Window};
use crate::plan::slice::Part;
use crate::time::Moment;

const USUAL: u64 = 500;

/// A scene whose records belong to partitions.
struct Many {
    scene: Scene,
    /// The records of each partition.
    parts: Vec<Vec<Record>>,
    has_parents: bool,
}

fn partition(number: usize) -> Arc<Partition> {
    let keys = Map::from_iter([("part".to_owned(), json!(number)), ("parent_slice".to_owned(), json!({}))]);
    Arc::new(Partition::new(Part { keys, extra: Map::new() }))
}

impl Many {
    fn new(dice: &mut Dice) -> Self {
        let mut scene = Scene::new(dice);
        scene.cursor.global_only = dice.one_in(4);
        let mut many = Self { scene, parts: vec![Vec::new()], has_parents: dice.one_in(2) };
        many.deal(dice);
        many
    }

    /// Gives new records to partitions, of which some are new as well.
    fn deal(&mut self, dice: &mut Dice) {
        for record in std::mem::take(&mut self.scene.records) {
            let part = dice.below(self.parts.len() as u64 + 1) as usize;
            if part == self.parts.len() {
                self.parts.push(Vec::new());
            }
            self.parts[part].push(record);
        }
    }

    fn resume(&self, state: &Value) -> Partitioned {
        Partitioned::resume(&self.scene.cursor, Some(state), self.has_parents)
            .unwrap_or_else(|error| panic!("{state}: {error}"))
    }

    fn open(&self, read: &mut Partitioned, part: usize) -> Vec<Window> {
        let mut windows = read.open(&self.scene.cursor, &partition(part), self.scene.now, &[]);
        std::iter::from_fn(|| self.scene.cursor.next_window(&mut windows)).collect()
    }

    fn require_all_unread(&self, state: &Value) {
        let mut read = self.resume(state);
        for (part, records) in self.parts.iter().enumerate() {
            let windows = self.open(&mut read, part);
            let sent: Vec<_> = windows.iter().map(|window| self.scene.sent(window)).collect();
            for record in records.iter().filter(|record| !record.is_read) {
                let is_asked_for = Scene::is_sent(&sent, record);
                assert!(is_asked_for, "the state {state} passes {record:?} of partition {part}: {windows:?}");
            }
        }
    }

    /// Reads a window to its end; the greatest value that came.
    fn take(&mut self, part: usize, window: &Window) -> Option<Position> {
        let mut newest: Option<Position> = None;
        let sent = self.scene.sent(window);
        for record in self.parts[part].iter_mut().filter(|record| sent.contains(&record.key)) {
            record.is_read = true;
            let shown = record.shown.as_ref().and_then(|raw| self.scene.cursor.position(raw.as_bytes()));
            newest = [newest, shown].into_iter().flatten().max_by_key(|position| position.order);
        }
        newest
    }

    /// One read, which may be stopped; every state that it may say.
    fn read(&mut self, dice: &mut Dice, state: &Value) -> Vec<Value> {
        let mut read = self.resume(state);
        let mut said = vec![state.clone()];
        let mut waiting: Vec<usize> = (0..self.parts.len()).collect();
        dice.shuffle(&mut waiting);
        let mut open: Vec<(usize, Window)> = Vec::new();
        while !(waiting.is_empty() && open.is_empty()) {
            if dice.one_in(25) {
                return said;
            }
            if open.is_empty() || (!waiting.is_empty() && dice.one_in(2)) {
                let part = waiting.pop().unwrap_or_default();
                open.extend(self.open(&mut read, part).into_iter().map(|window| (part, window)));
                continue;
            }
            let (part, window) = open.swap_remove(dice.below(open.len() as u64) as usize);
            let id = partition(part).id.clone();
            if dice.one_in(12) {
                read.abandon(&id);
            } else {
                let newest = self.take(part, &window);
                read.close(&self.scene.cursor, &id, &window, newest);
            }
            self.say(&read, false, &mut said);
        }
        // The engine calls a read whole if no slice failed.
        let is_whole = !read.failed;
        if is_whole {
            read.finish(&self.scene.cursor);
        }
        self.say(&read, is_whole, &mut said);
        said
    }

    fn say(&self, read: &Partitioned, is_whole: bool, said: &mut Vec<Value>) {
        let state = read.state(&self.scene.cursor, &Map::new(), is_whole);
        let state = serde_json::from_str(&state.to_string()).expect("JSON");
        self.require_all_unread(&state);
        said.push(state);
    }
}

#[test]
fn no_state_of_partitions_passes_what_was_not_read() {
    for_all("no_state_of_partitions_passes_what_was_not_read", USUAL, |dice| {
        let mut many = Many::new(dice);
        let mut state = json!({});
        for _ in 0..1 + dice.below(4) {
            let mut said = many.read(dice, &state);
            let at = if dice.one_in(2) { dice.below(said.len() as u64) as usize } else { said.len() - 1 };
            state = said.swap_remove(at);
            many.scene.grow(dice);
            many.deal(dice);
            many.require_all_unread(&state);
        }
    });
}

/// A state of the Python CDK: values of partitions and of the whole stream in any of the cursor's formats, with and
/// without what newer versions add, or one value for all.
#[test]
fn states_of_the_python_cdk_with_partitions_go_on() {
    for_all("states_of_the_python_cdk_with_partitions_go_on", USUAL, |dice| {
        let mut many = Many::new(dice);
        many.scene.grow(dice);
        many.deal(dice);
        let from = many.scene.from.epoch_nanos();
        let mut keys: Vec<i128> = many.parts.iter().flatten().map(|record| record.key).chain([from]).collect();
        keys.sort_unstable();
        let write = |dice: &mut Dice, key: i128| -> Value {
            let moment = Moment::from_epoch_nanos(key).expect("a moment");
            serde_json::from_str(&many.scene.write(dice, moment, moment)).expect("JSON")
        };
        let whole = dice.one_in(2).then(|| dice.pick(&keys));
        let is_global = whole.is_some() && dice.one_in(3);
        let named: Vec<Option<i128>> =
            many.parts.iter().map(|_| (!is_global && dice.one_in(2)).then(|| dice.pick(&keys))).collect();
        let state = if named.iter().all(Option::is_none) && whole.is_some() && dice.one_in(2) {
            // Of a stream that had no partitions.
            json!({"u": write(dice, whole.unwrap_or(from))})
        } else {
            let entries: Vec<Value> = named
                .iter()
                .enumerate()
                .filter_map(|(part, key)| Some((part, (*key)?)))
                .map(|(part, key)| json!({"partition": partition(part).keys, "cursor": {"u": write(dice, key)}}))
                .collect();
            // The oldest versions write this and nothing else.
            let mut state = json!({"states": entries});
            if let Some(whole) = whole {
                state["state"] = json!({"u": write(dice, whole)});
                state["lookback_window"] = json!(dice.below(3));
                state["use_global_cursor"] = json!(is_global);
            }
            state
        };
        let has_states = named.iter().any(Option::is_some);
        let is_added = many.scene.cursor.added_values_start_fresh && !many.has_parents && has_states && !is_global;
        for (records, key) in many.parts.iter_mut().zip(&named) {
            let reached = match key {
                Some(key) => Some(*key),
                _ if is_added => None,
                _ => whole,
            };
            for record in records {
                record.is_read = reached.is_some_and(|reached| record.key < reached);
            }
        }
        many.require_all_unread(&state);
    });
}
