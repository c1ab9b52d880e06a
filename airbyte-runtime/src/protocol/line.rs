//! The wire form of the messages: which key holds what, in the order of the Python CDK.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    AirbyteStream, ConnectionStatus, ErrorTrace, Estimate, Log, Message, Spec, StreamDescriptor, StreamState,
    StreamStatus,
};

/// The message as JSON on one line, without the line's end; `emitted_at` in milliseconds goes into traces and controls.
pub(super) fn rendered(message: &Message<'_>, emitted_at: u64) -> String {
    // Text, numbers and JSON values always serialise. Were that ever untrue, an empty line, which readers skip,
    // is the one answer that neither panics nor breaks the output.
    serde_json::to_string(&Line::new(message, emitted_at)).unwrap_or_default()
}

/// The wire form: `type` first, then the payload under the key that belongs to it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
enum Line<'a> {
    Log {
        log: &'a Log<'a>,
    },
    State {
        state: StateLine<'a>,
    },
    Spec {
        spec: &'a Spec<'a>,
    },
    ConnectionStatus {
        #[serde(rename = "connectionStatus")]
        status: ConnectionStatusLine<'a>,
    },
    Catalog {
        catalog: CatalogLine<'a>,
    },
    Trace {
        trace: TraceLine<'a>,
    },
    Control {
        control: ControlLine<'a>,
    },
}

impl<'a> Line<'a> {
    fn new(message: &'a Message<'a>, emitted_at: u64) -> Self {
        match message {
            Message::Log(log) => Self::Log { log },
            Message::State(state) => Self::State { state: StateLine::new(state) },
            Message::Spec(spec) => Self::Spec { spec },
            Message::ConnectionStatus(status) => Self::ConnectionStatus { status: ConnectionStatusLine::new(status) },
            Message::Catalog(streams) => Self::Catalog { catalog: CatalogLine { streams } },
            Message::Error(error) => Self::Trace { trace: TraceLine::Error { emitted_at, error } },
            Message::StreamStatus { stream, status } => {
                let stream_status = StreamStatusLine::new(*stream, *status);
                Self::Trace { trace: TraceLine::StreamStatus { emitted_at, stream_status } }
            }
            Message::Estimate(estimate) => Self::Trace { trace: TraceLine::Estimate { emitted_at, estimate } },
            Message::Analytics { event, value } => {
                let analytics = AnalyticsLine { event, value };
                Self::Trace { trace: TraceLine::Analytics { emitted_at, analytics } }
            }
            Message::ConnectorConfig(config) => {
                Self::Control { control: ControlLine { emitted_at, connector_config: ConnectorConfig { config } } }
            }
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "STREAM")]
struct StateLine<'a> {
    stream: StateOfStream<'a>,
    #[serde(rename = "sourceStats")]
    source_stats: SourceStats,
}

#[derive(Serialize)]
struct StateOfStream<'a> {
    stream_descriptor: StreamDescriptor<'a>,
    stream_state: &'a Value,
}

#[derive(Serialize)]
struct SourceStats {
    // A number with a decimal point, as the platform's own components write it.
    #[serde(rename = "recordCount")]
    record_count: f64,
}

#[derive(Serialize)]
struct ConnectionStatusLine<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct CatalogLine<'a> {
    streams: &'a [AirbyteStream],
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
enum TraceLine<'a> {
    Error { emitted_at: u64, error: &'a ErrorTrace<'a> },
    StreamStatus { emitted_at: u64, stream_status: StreamStatusLine<'a> },
    Estimate { emitted_at: u64, estimate: &'a Estimate<'a> },
    Analytics { emitted_at: u64, analytics: AnalyticsLine<'a> },
}

#[derive(Serialize)]
struct StreamStatusLine<'a> {
    stream_descriptor: StreamDescriptor<'a>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<[RateLimited; 1]>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "RATE_LIMITED")]
struct RateLimited {
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limited: Option<QuotaReset>,
}

#[derive(Serialize)]
struct QuotaReset {
    quota_reset: u64,
}

#[derive(Serialize)]
struct AnalyticsLine<'a> {
    #[serde(rename = "type")]
    event: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "CONNECTOR_CONFIG")]
struct ControlLine<'a> {
    emitted_at: u64,
    #[serde(rename = "connectorConfig")]
    connector_config: ConnectorConfig<'a>,
}

#[derive(Serialize)]
struct ConnectorConfig<'a> {
    config: &'a Map<String, Value>,
}

impl<'a> StateLine<'a> {
    fn new(state: &StreamState<'a>) -> Self {
        Self {
            stream: StateOfStream { stream_descriptor: state.stream, stream_state: state.blob },
            source_stats: SourceStats { record_count: state.record_count as f64 },
        }
    }
}

impl<'a> ConnectionStatusLine<'a> {
    fn new(status: &'a ConnectionStatus<'a>) -> Self {
        match status {
            ConnectionStatus::Succeeded => Self { status: "SUCCEEDED", message: None },
            ConnectionStatus::Failed(message) => Self { status: "FAILED", message: Some(message) },
        }
    }
}

impl<'a> StreamStatusLine<'a> {
    fn new(stream_descriptor: StreamDescriptor<'a>, status: StreamStatus) -> Self {
        let (status, reasons) = match status {
            StreamStatus::Started => ("STARTED", None),
            StreamStatus::Running => ("RUNNING", None),
            StreamStatus::RateLimited { quota_reset_ms } => {
                let rate_limited = quota_reset_ms.map(|quota_reset| QuotaReset { quota_reset });
                ("RUNNING", Some([RateLimited { rate_limited }]))
            }
            StreamStatus::Complete => ("COMPLETE", None),
            StreamStatus::Incomplete => ("INCOMPLETE", None),
        };
        Self { stream_descriptor, status, reasons }
    }
}
