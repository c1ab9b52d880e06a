//! What must be true of every read, whatever the weather.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// What a destination knows after some lines.
#[derive(Clone, Default)]
pub(super) struct Received {
    /// The records of each stream.
    pub(super) records: BTreeMap<String, BTreeMap<u64, Value>>,
    /// The last state of each stream.
    pub(super) states: BTreeMap<String, Value>,
    /// Streams that ended COMPLETE.
    pub(super) complete: BTreeSet<String>,
    pub(super) incomplete: BTreeSet<String>,
    /// The last configuration to be stored.
    pub(super) config: Option<Value>,
    phases: BTreeMap<String, Phase>,
    /// Records of each stream since its last state.
    uncounted: BTreeMap<String, u64>,
    pub(super) violations: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Started,
    Running,
    Ended,
}

impl Received {
    /// What a destination knows that had all this before.
    pub(super) fn after(earlier: &Self) -> Self {
        let (records, states) = (earlier.records.clone(), earlier.states.clone());
        Self { records, states, config: earlier.config.clone(), ..Self::default() }
    }

    /// The states to go on from.
    pub(super) fn state_input(&self) -> Value {
        let states = self.states.iter().map(|(name, blob)| {
            json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": blob}})
        });
        states.collect()
    }

    pub(super) fn take_lines(&mut self, lines: &[&[u8]]) {
        for line in lines {
            match serde_json::from_slice(line) {
                Ok(message) => self.take(&message),
                Err(error) => self.complain(format!("a line is not JSON: {error}")),
            }
        }
    }

    fn complain(&mut self, what: String) {
        self.violations.push(what);
    }

    fn take(&mut self, message: &Value) {
        match message["type"].as_str() {
            Some("RECORD") => self.take_record(&message["record"]),
            Some("STATE") => self.take_state(&message["state"]),
            Some("TRACE") => match message["trace"]["type"].as_str() {
                Some("STREAM_STATUS") => self.take_status(&message["trace"]["stream_status"]),
                Some("ERROR") => {
                    let said = message["trace"]["error"].to_string();
                    if said.contains("has a defect") {
                        self.complain(format!("a panic: {said}"));
                    }
                }
                _ => {}
            },
            Some("LOG") => {}
            Some("CONTROL") => self.config = Some(message["control"]["connectorConfig"]["config"].clone()),
            other => self.complain(format!("a message of the type {other:?}")),
        }
    }

    fn take_record(&mut self, record: &Value) {
        let stream = record["stream"].as_str().unwrap_or_default().to_owned();
        match self.phases.get(&stream) {
            Some(Phase::Running) => {}
            other => self.complain(format!("a record of `{stream}` while it is {other:?}")),
        }
        *self.uncounted.entry(stream.clone()).or_default() += 1;
        let id = record["data"]["id"].as_u64().unwrap_or(u64::MAX);
        self.records.entry(stream).or_default().insert(id, record["data"].clone());
    }

    fn take_state(&mut self, state: &Value) {
        let stream = state["stream"]["stream_descriptor"]["name"].as_str().unwrap_or_default().to_owned();
        let counted = state["sourceStats"]["recordCount"].as_f64().unwrap_or(-1.0);
        let uncounted = self.uncounted.insert(stream.clone(), 0).unwrap_or(0);
        if counted != uncounted as f64 {
            self.complain(format!("a state of `{stream}` counts {counted} records, not {uncounted}"));
        }
        if !self.phases.contains_key(&stream) {
            self.complain(format!("a state of `{stream}` before it started"));
        }
        self.states.insert(stream, state["stream"]["stream_state"].clone());
    }

    fn take_status(&mut self, status: &Value) {
        let stream = status["stream_descriptor"]["name"].as_str().unwrap_or_default().to_owned();
        let phase = self.phases.get(&stream).copied();
        let next = match (phase, status["status"].as_str()) {
            (None, Some("STARTED")) => Phase::Started,
            (Some(Phase::Started | Phase::Running), Some("RUNNING")) if status["reasons"].is_null() => Phase::Running,
            // Until the next record says otherwise.
            (Some(Phase::Started | Phase::Running), Some("RUNNING")) => Phase::Started,
            (Some(Phase::Started | Phase::Running), Some("COMPLETE")) => {
                self.complete.insert(stream.clone());
                Phase::Ended
            }
            (Some(Phase::Started | Phase::Running), Some("INCOMPLETE")) => {
                self.incomplete.insert(stream.clone());
                Phase::Ended
            }
            (phase, status) => return self.complain(format!("`{stream}` is {status:?} after {phase:?}")),
        };
        self.phases.insert(stream, next);
    }

    /// Complains about streams that began and did not end.
    pub(super) fn expect_ends(&mut self, selected: &BTreeSet<String>) {
        for stream in selected {
            if self.phases.get(stream) != Some(&Phase::Ended) {
                self.complain(format!("`{stream}` has not ended: {:?}", self.phases.get(stream)));
            }
        }
    }

    /// Complains about records that are missing or that are not as the API has them.
    pub(super) fn expect_records(&mut self, stream: &str, truth: &BTreeMap<u64, Value>) {
        let found = self.records.get(stream);
        let missing: Vec<u64> =
            truth.keys().filter(|id| found.is_none_or(|found| !found.contains_key(id))).copied().collect();
        if !missing.is_empty() {
            self.complain(format!("`{stream}` lost {} of {} records: {missing:?}", missing.len(), truth.len()));
        }
    }

    /// Complains about records that the API does not have.
    pub(super) fn expect_no_others(&mut self, stream: &str, truth: &BTreeMap<u64, Value>) {
        let found = self.records.get(stream).into_iter().flatten();
        let wrong: Vec<u64> = found.filter(|(id, data)| truth.get(id) != Some(*data)).map(|(id, _)| *id).collect();
        if !wrong.is_empty() {
            self.complain(format!("`{stream}` has records that the API does not have: {wrong:?}"));
        }
    }
}
