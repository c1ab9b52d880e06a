//! Reads with a connector and keeps what it says, in order.

use std::collections::BTreeMap;
use std::time::Duration;

use airbyte_runtime::define::Source;
use airbyte_runtime::{Batch, Connector, Error};
use serde_json::{Value, json};

/// After so long a read hangs: every read of these tests takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(180);

/// Everything that a read said.
pub(crate) struct Reading {
    pub(crate) said: Vec<Said>,
    /// How it ended; `None` also when it was stopped.
    pub(crate) error: Option<Error>,
}

/// One message.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Record { stream: String, data: Value, line: String },
    State { stream: String, blob: Value, count: f64 },
    Status { stream: String, status: String },
    Failure { stream: Option<String>, kind: String, message: String, detail: String },
}

/// Reads streams to their end.
pub(crate) fn read<S: Source>(connector: &Connector<S>, streams: &[&str]) -> Reading {
    let reading = read_until(connector, streams, usize::MAX);
    reading.require_lawful_lives(streams);
    reading
}

/// Reads what a configured catalog of one's own says.
pub(crate) fn read_catalog<S: Source>(connector: &Connector<S>, catalog: Value) -> Reading {
    listen(connector, catalog, |_| false)
}

/// Reads streams and stops listening after so many states.
pub(crate) fn read_until<S: Source>(connector: &Connector<S>, streams: &[&str], states: usize) -> Reading {
    read_enough(connector, streams, |reading| reading.states().count() >= states)
}

/// Reads streams and goes away as soon as it has heard enough.
pub(crate) fn read_enough<S: Source>(
    connector: &Connector<S>,
    streams: &[&str],
    is_enough: impl Fn(&Reading) -> bool,
) -> Reading {
    listen(connector, catalog(streams), is_enough)
}

fn listen<S: Source>(connector: &Connector<S>, catalog: Value, is_enough: impl Fn(&Reading) -> bool) -> Reading {
    let mut reading = Reading { said: Vec::new(), error: None };
    let mut messages = connector.read(catalog);
    let listen = async {
        while let Some(batch) = messages.next().await {
            match batch {
                Ok(Batch::Records(lines)) => reading.hear(&lines),
                Ok(Batch::Message(message)) => reading.hear(message.to_string().as_bytes()),
                Err(error) => reading.error = Some(error),
            }
            if is_enough(&reading) {
                break;
            }
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, listen).await.is_ok() });
    assert!(ended, "the read hangs; it said {:#?}", reading.said);
    reading
}

/// A configured catalog with these streams, incrementally.
pub(crate) fn catalog(streams: &[&str]) -> Value {
    let configured = |name: &&str| json!({"stream": {"name": name, "json_schema": {}}, "sync_mode": "incremental"});
    json!({"streams": streams.iter().map(configured).collect::<Vec<_>>()})
}

/// A `--state` file that holds one state.
pub(crate) fn state_of(stream: &str, blob: &Value) -> Value {
    json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": blob}}])
}

impl Reading {
    /// What lines of stdout say.
    pub(crate) fn of_lines(lines: &str) -> Self {
        let mut reading = Self { said: Vec::new(), error: None };
        reading.hear(lines.as_bytes());
        reading
    }

    fn hear(&mut self, lines: &[u8]) {
        let lines = std::str::from_utf8(lines).expect("messages are UTF-8");
        for line in lines.lines() {
            let message: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
            self.said.extend(Said::of(&message, line));
        }
    }

    /// The records of a stream, in order.
    pub(crate) fn records<'r>(&'r self, wanted: &'r str) -> impl Iterator<Item = &'r Value> {
        self.said.iter().filter_map(move |said| match said {
            Said::Record { stream, data, .. } if stream == wanted => Some(data),
            _ => None,
        })
    }

    /// The `id` of each record of a stream, sorted.
    pub(crate) fn ids(&self, stream: &str) -> Vec<u64> {
        let mut ids: Vec<u64> = self.records(stream).map(|record| record["id"].as_u64().expect("an id")).collect();
        ids.sort_unstable();
        ids
    }

    /// Stream and blob of every state, in order.
    pub(crate) fn states(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.said.iter().filter_map(|said| match said {
            Said::State { stream, blob, .. } => Some((stream.as_str(), blob)),
            _ => None,
        })
    }

    /// The last state of a stream.
    pub(crate) fn last_state(&self, wanted: &str) -> Option<&Value> {
        self.states().filter(|(stream, _)| *stream == wanted).last().map(|(_, blob)| blob)
    }

    /// A `--state` file of the last states.
    pub(crate) fn state_file(&self) -> Value {
        let last: BTreeMap<&str, &Value> = self.states().collect();
        last.iter().flat_map(|(stream, blob)| state_of(stream, blob).as_array().cloned().unwrap_or_default()).collect()
    }

    /// The statuses of a stream, in order.
    pub(crate) fn statuses(&self, wanted: &str) -> Vec<&str> {
        let statuses = self.said.iter().filter_map(|said| match said {
            Said::Status { stream, status } if stream == wanted => Some(status.as_str()),
            _ => None,
        });
        statuses.collect()
    }

    /// Kind, message and detail of each failure that names a stream.
    pub(crate) fn failures(&self, wanted: &str) -> Vec<(&str, &str, &str)> {
        let failures = self.said.iter().filter_map(|said| match said {
            Said::Failure { stream: Some(stream), kind, message, detail } if stream == wanted => {
                Some((kind.as_str(), message.as_str(), detail.as_str()))
            }
            _ => None,
        });
        failures.collect()
    }

    /// Each stream starts, runs once it has records, says its last state, and ends exactly once; the counts in the
    /// states are those of the records between them.
    pub(crate) fn require_lawful_lives(&self, streams: &[&str]) {
        for stream in streams {
            let statuses = self.statuses(stream);
            let (Some(first), Some(last)) = (statuses.first(), statuses.last()) else {
                panic!("`{stream}` has no status")
            };
            assert_eq!(*first, "STARTED", "{stream}: {statuses:?}");
            assert!(matches!(*last, "COMPLETE" | "INCOMPLETE"), "{stream}: {statuses:?}");
            let middle = &statuses[1..statuses.len() - 1];
            assert!(middle.iter().all(|status| *status == "RUNNING"), "{stream}: {statuses:?}");
            self.require_order(stream);
            assert_eq!(self.failures(stream).is_empty(), *last == "COMPLETE", "{stream}: {statuses:?}");
        }
    }

    fn require_order(&self, wanted: &str) {
        let (mut running, mut ended, mut state, mut since_state) = (false, false, false, 0.0);
        for said in &self.said {
            match said {
                Said::Status { stream, status } if stream == wanted => {
                    assert!(!ended, "{wanted}: {status} after the end");
                    running |= status == "RUNNING";
                    ended = matches!(status.as_str(), "COMPLETE" | "INCOMPLETE");
                }
                Said::Record { stream, .. } if stream == wanted => {
                    assert!(running && !ended, "{wanted}: a record while the stream is not running");
                    since_state += 1.0;
                }
                Said::State { stream, count, .. } if stream == wanted => {
                    assert!(!ended, "{wanted}: a state after the end");
                    assert!(
                        *count == since_state,
                        "{wanted}: the state counts {count} records, there were {since_state}"
                    );
                    state = true;
                    since_state = 0.0;
                }
                _ => {}
            }
        }
        assert!(state && since_state == 0.0, "{wanted}: {since_state} records after the last state");
    }
}

impl Said {
    fn of(message: &Value, line: &str) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = |descriptor: &Value| text(&descriptor["name"]);
        match message["type"].as_str()? {
            "RECORD" => {
                let record = &message["record"];
                Some(Self::Record {
                    stream: text(&record["stream"]),
                    data: record["data"].clone(),
                    line: line.to_owned(),
                })
            }
            "STATE" => {
                let state = &message["state"];
                Some(Self::State {
                    stream: name(&state["stream"]["stream_descriptor"]),
                    blob: state["stream"]["stream_state"].clone(),
                    count: state["sourceStats"]["recordCount"].as_f64()?,
                })
            }
            "TRACE" => {
                let trace = &message["trace"];
                if let Some(error) = trace.get("error") {
                    return Some(Self::Failure {
                        stream: error.get("stream_descriptor").map(name),
                        kind: text(&error["failure_type"]),
                        message: text(&error["message"]),
                        detail: text(&error["internal_message"]),
                    });
                }
                let status = &trace["stream_status"];
                Some(Self::Status { stream: name(&status["stream_descriptor"]), status: text(&status["status"]) })
            }
            _ => None,
        }
    }
}
