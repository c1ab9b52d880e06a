//! Every message but RECORD, as typed values that serialise to one line each.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{AirbyteStream, line};
use crate::{Error, ErrorKind};

/// One message of the protocol.
///
/// Absent fields are omitted, and the keys stand in the order of the Python CDK, so that two outputs can be compared
/// byte by byte.
///
/// ```
/// use airbyte_runtime::protocol::{Log, LogLevel, Message};
///
/// let message = Message::Log(Log { level: LogLevel::Info, message: "syncing users".into(), stack_trace: None });
/// assert_eq!(message.to_line(0), "{\"type\":\"LOG\",\"log\":{\"level\":\"INFO\",\"message\":\"syncing users\"}}\n");
/// ```
#[derive(Clone)]
pub enum Message<'a> {
    /// A line of the sync's log.
    Log(Log<'a>),
    /// A checkpoint of one stream.
    State(StreamState<'a>),
    /// What the user configures: the answer to `spec`.
    Spec(Spec<'a>),
    /// The answer to `check`.
    ConnectionStatus(ConnectionStatus<'a>),
    /// The streams that can be read: the answer to `discover`.
    Catalog(&'a [AirbyteStream]),
    /// A failure. It alone fails nothing: the process must also exit with a code other than 0.
    Error(ErrorTrace<'a>),
    /// Where a stream is in its life.
    StreamStatus {
        /// The stream, as the configured catalog names it.
        stream: StreamDescriptor<'a>,
        /// Its new status.
        status: StreamStatus,
    },
    /// How much is still to come, for the progress display.
    Estimate(Estimate<'a>),
    /// An event for the platform's own statistics.
    Analytics {
        /// The static name of the event.
        event: &'a str,
        /// Its value; the protocol allows text only.
        value: &'a str,
    },
    /// A changed configuration to be stored: the **whole** object, because the platform overwrites the old one with it.
    ConnectorConfig(&'a Map<String, Value>),
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(log) => f.debug_tuple("Log").field(log).finish(),
            Self::State(state) => f.debug_tuple("State").field(state).finish(),
            Self::Spec(spec) => f.debug_tuple("Spec").field(spec).finish(),
            Self::ConnectionStatus(status) => f.debug_tuple("ConnectionStatus").field(status).finish(),
            Self::Catalog(streams) => f.debug_tuple("Catalog").field(streams).finish(),
            Self::Error(error) => f.debug_tuple("Error").field(error).finish(),
            Self::StreamStatus { stream, status } => {
                f.debug_struct("StreamStatus").field("stream", stream).field("status", status).finish()
            }
            Self::Estimate(estimate) => f.debug_tuple("Estimate").field(estimate).finish(),
            Self::Analytics { event, value } => {
                f.debug_struct("Analytics").field("event", event).field("value", value).finish()
            }
            // A configuration holds secrets.
            Self::ConnectorConfig(config) => {
                f.debug_tuple("ConnectorConfig").field(&config.keys().collect::<Vec<_>>()).finish()
            }
        }
    }
}

impl Message<'_> {
    /// The message as one line that ends in `\n`.
    ///
    /// `emitted_at_ms`, in milliseconds since the epoch, goes into traces and controls, which carry a time.
    pub fn to_line(&self, emitted_at_ms: u64) -> String {
        let mut line = line::rendered(self, emitted_at_ms);
        line.push('\n');
        line
    }

    /// Replaces the free text of logs, errors and check results by what `mask` returns for it; `None` keeps a text.
    ///
    /// This is where secrets are masked: in the values, before they are serialised. Masking the finished line would
    /// change keys and structure when a secret is short.
    pub fn mask_texts(&mut self, mut mask: impl FnMut(&str) -> Option<String>) {
        let texts = match self {
            Self::Log(log) => [Some(&mut log.message), log.stack_trace.as_mut(), None],
            Self::ConnectionStatus(ConnectionStatus::Failed(message)) => [Some(message), None, None],
            Self::Error(error) => {
                [Some(&mut error.message), error.internal_message.as_mut(), error.stack_trace.as_mut()]
            }
            _ => return,
        };
        for text in texts.into_iter().flatten() {
            if let Some(masked) = mask(text) {
                *text = Cow::Owned(masked);
            }
        }
    }
}

/// A line of the log. It may hold line breaks.
#[derive(Clone, Debug, Serialize)]
pub struct Log<'a> {
    /// How serious it is.
    pub level: LogLevel,
    /// What happened.
    pub message: Cow<'a, str>,
    /// Where it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Cow<'a, str>>,
}

/// The protocol's log levels, the most serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LogLevel {
    /// The process ends because of it.
    Fatal,
    /// Something failed.
    Error,
    /// Something is odd, and the sync goes on.
    Warn,
    /// Progress.
    Info,
    /// For the connector's developer; the platform hides it as a rule.
    Debug,
    /// Finer than debug.
    Trace,
}

/// A stream's name within a sync. No namespace and an empty one are different streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct StreamDescriptor<'a> {
    /// The stream's name.
    pub name: &'a str,
    /// The stream's namespace; API sources have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<&'a str>,
}

/// A checkpoint: it promises that every record it covers was written before it.
#[derive(Clone, Copy, Debug)]
pub struct StreamState<'a> {
    /// The stream.
    pub stream: StreamDescriptor<'a>,
    /// What the next sync starts from, a JSON object. `null` would reset the stream.
    pub blob: &'a Value,
    /// The records of this stream since its previous state message, not since the start.
    pub record_count: u64,
}

/// The answer to `spec`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spec<'a> {
    /// The JSON schema (draft 7) of the configuration.
    #[serde(rename = "connectionSpecification")]
    pub connection_specification: &'a Value,
    /// An absolute URL; PyAirbyte discards the whole message when it is not one.
    #[serde(rename = "documentationUrl", skip_serializing_if = "Option::is_none")]
    pub documentation_url: Option<&'a str>,
    /// An absolute URL.
    #[serde(rename = "changelogUrl", skip_serializing_if = "Option::is_none")]
    pub changelog_url: Option<&'a str>,
    /// The description of an OAuth flow, in the protocol's own form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advanced_auth: Option<&'a Value>,
    /// Whether dbt may run on the result; only the Python CDK still says that it may not.
    #[serde(rename = "supportsDBT", skip_serializing_if = "Option::is_none")]
    pub supports_dbt: Option<bool>,
    /// Whether the platform may normalise the result; only the Python CDK still says that it may not.
    #[serde(rename = "supportsNormalization", skip_serializing_if = "Option::is_none")]
    pub supports_normalization: Option<bool>,
    /// The protocol's version; the platform assumes `0.2.0` when it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_version: Option<&'a str>,
}

/// Whether the configuration works.
#[derive(Clone, Debug)]
pub enum ConnectionStatus<'a> {
    /// It does.
    Succeeded,
    /// It does not; the text, shown to the user as it is, says what to change.
    Failed(Cow<'a, str>),
}

/// A failure, for the user and for the connector's owner.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorTrace<'a> {
    /// One sentence for the user.
    pub message: Cow<'a, str>,
    /// The technical part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_message: Option<Cow<'a, str>>,
    /// Where it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Cow<'a, str>>,
    /// Who can do something about it. The first failure of a sync decides whether it is tried again; without a kind the
    /// platform takes it for a system error.
    #[serde(rename = "failure_type", serialize_with = "failure_type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ErrorKind>,
    /// The stream that failed, if it was one.
    #[serde(rename = "stream_descriptor", skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamDescriptor<'a>>,
}

impl<'a> ErrorTrace<'a> {
    /// The trace of an error, with its detail as the internal message.
    pub fn new(error: &'a Error, stream: Option<StreamDescriptor<'a>>) -> Self {
        Self {
            message: error.message().into(),
            internal_message: error.detail().map(Cow::Owned),
            stack_trace: None,
            kind: (!error.is_unmade()).then(|| error.kind()),
            stream,
        }
    }
}

/// Where a stream is in its life: STARTED, RUNNING from its first record, then COMPLETE or INCOMPLETE once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamStatus {
    /// Work on the stream has begun.
    Started,
    /// The first record is about to be written.
    Running,
    /// The API has asked to wait; shown as RUNNING with a reason. The next record ends it.
    RateLimited {
        /// When the quota is restored, in milliseconds since the epoch, if the API tells.
        quota_reset_ms: Option<u64>,
    },
    /// All records and the final state were written.
    Complete,
    /// The stream ended early.
    Incomplete,
}

/// How much is still to come. One sync uses estimates of one type only.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Estimate<'a> {
    /// The stream's name.
    pub name: &'a str,
    /// What the numbers are about.
    #[serde(rename = "type")]
    pub of: EstimateType,
    /// The stream's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<&'a str>,
    /// Records in all.
    pub row_estimate: u64,
    /// Bytes in all.
    pub byte_estimate: u64,
}

/// What an estimate is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EstimateType {
    /// The named stream.
    Stream,
    /// The whole sync.
    Sync,
}

fn failure_type<S: Serializer>(kind: &Option<ErrorKind>, serializer: S) -> Result<S::Ok, S::Error> {
    kind.map(ErrorKind::failure_type).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT: u64 = 1_795_244_953_334;
    const USERS: StreamDescriptor<'_> = StreamDescriptor { name: "users", namespace: None };

    /// The messages of the CDK transcripts in the reference, and one of every other kind.
    #[test]
    fn every_line_is_the_protocols_line() {
        let blob = json!({"updated_at": "2024-01-03T00:00:00Z"});
        let state = |record_count| Message::State(StreamState { stream: USERS, blob: &blob, record_count });
        let status = |status| Message::StreamStatus { stream: USERS, status };
        let table = [
            (
                Message::ConnectionStatus(ConnectionStatus::Failed(
                    "Config validation error: 'api_key' is a required property".into(),
                )),
                r#"{"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"Config validation error: 'api_key' is a required property"}}"#,
            ),
            (
                Message::ConnectionStatus(ConnectionStatus::Succeeded),
                r#"{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}"#,
            ),
            (
                status(StreamStatus::Started),
                r#"{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1795244953334,"stream_status":{"stream_descriptor":{"name":"users"},"status":"STARTED"}}}"#,
            ),
            (
                status(StreamStatus::Running),
                r#"{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1795244953334,"stream_status":{"stream_descriptor":{"name":"users"},"status":"RUNNING"}}}"#,
            ),
            (
                status(StreamStatus::RateLimited { quota_reset_ms: Some(1_795_244_960_000) }),
                r#"{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1795244953334,"stream_status":{"stream_descriptor":{"name":"users"},"status":"RUNNING","reasons":[{"type":"RATE_LIMITED","rate_limited":{"quota_reset":1795244960000}}]}}}"#,
            ),
            (
                status(StreamStatus::RateLimited { quota_reset_ms: None }),
                r#"{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1795244953334,"stream_status":{"stream_descriptor":{"name":"users"},"status":"RUNNING","reasons":[{"type":"RATE_LIMITED"}]}}}"#,
            ),
            (
                status(StreamStatus::Complete),
                r#"{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1795244953334,"stream_status":{"stream_descriptor":{"name":"users"},"status":"COMPLETE"}}}"#,
            ),
            (
                Message::StreamStatus {
                    stream: StreamDescriptor { name: "users", namespace: Some("public") },
                    status: StreamStatus::Incomplete,
                },
                r#"{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1795244953334,"stream_status":{"stream_descriptor":{"name":"users","namespace":"public"},"status":"INCOMPLETE"}}}"#,
            ),
            (
                state(2),
                r#"{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"updated_at":"2024-01-03T00:00:00Z"}},"sourceStats":{"recordCount":2.0}}}"#,
            ),
            (
                state(0),
                r#"{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"updated_at":"2024-01-03T00:00:00Z"}},"sourceStats":{"recordCount":0.0}}}"#,
            ),
            (
                Message::Log(Log { level: LogLevel::Warn, message: "two\nlines".into(), stack_trace: None }),
                r#"{"type":"LOG","log":{"level":"WARN","message":"two\nlines"}}"#,
            ),
            (
                Message::Log(Log { level: LogLevel::Fatal, message: "boom".into(), stack_trace: Some("at x".into()) }),
                r#"{"type":"LOG","log":{"level":"FATAL","message":"boom","stack_trace":"at x"}}"#,
            ),
            (
                Message::Analytics { event: "pages", value: "12" },
                r#"{"type":"TRACE","trace":{"type":"ANALYTICS","emitted_at":1795244953334,"analytics":{"type":"pages","value":"12"}}}"#,
            ),
            (
                Message::Estimate(Estimate {
                    name: "users",
                    of: EstimateType::Stream,
                    namespace: None,
                    row_estimate: 10,
                    byte_estimate: 2048,
                }),
                r#"{"type":"TRACE","trace":{"type":"ESTIMATE","emitted_at":1795244953334,"estimate":{"name":"users","type":"STREAM","row_estimate":10,"byte_estimate":2048}}}"#,
            ),
        ];
        for (message, expected) in table {
            assert_eq!(message.to_line(AT), format!("{expected}\n"));
            serde_json::from_str::<Value>(expected).unwrap();
        }
    }

    #[test]
    fn spec_catalog_and_control_carry_their_documents() {
        let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {}});
        let spec = Spec {
            connection_specification: &schema,
            documentation_url: Some("https://example.com/docs"),
            changelog_url: None,
            advanced_auth: None,
            supports_dbt: None,
            supports_normalization: None,
            protocol_version: Some("0.2.0"),
        };
        assert_eq!(
            Message::Spec(spec).to_line(AT),
            concat!(
                r##"{"type":"SPEC","spec":{"connectionSpecification":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{}},"##,
                r#""documentationUrl":"https://example.com/docs","protocol_version":"0.2.0"}}"#,
                "\n"
            )
        );
        let mut users = AirbyteStream::new("users", json!({"type": "object"}));
        users.source_defined_primary_key = vec![vec!["id".into()]];
        let mut posts = AirbyteStream::new("posts", json!({"type": "object"}));
        posts.supports_incremental = true;
        posts.source_defined_cursor = Some(true);
        posts.default_cursor_field = vec!["updated_at".into()];
        posts.is_resumable = true;
        assert_eq!(
            Message::Catalog(&[users, posts]).to_line(AT),
            concat!(
                r#"{"type":"CATALOG","catalog":{"streams":["#,
                r#"{"name":"users","json_schema":{"type":"object"},"supported_sync_modes":["full_refresh"],"source_defined_primary_key":[["id"]],"is_resumable":false,"is_file_based":false},"#,
                r#"{"name":"posts","json_schema":{"type":"object"},"supported_sync_modes":["full_refresh","incremental"],"source_defined_cursor":true,"default_cursor_field":["updated_at"],"is_resumable":true,"is_file_based":false}"#,
                "]}}\n"
            )
        );
        let config = Map::from_iter([("refresh_token".to_owned(), json!("new")), ("n".to_owned(), json!(1))]);
        assert_eq!(
            Message::ConnectorConfig(&config).to_line(AT),
            concat!(
                r#"{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","emitted_at":1795244953334,"#,
                r#""connectorConfig":{"config":{"refresh_token":"new","n":1}}}}"#,
                "\n"
            )
        );
    }

    #[test]
    fn an_error_becomes_a_trace_with_its_failure_type() {
        for (kind, failure_type) in [
            (ErrorKind::Config, "config_error"),
            (ErrorKind::Transient, "transient_error"),
            (ErrorKind::System, "system_error"),
        ] {
            let error = Error::new(kind, "HTTP Status Code: 401. Error: Unauthorized.").with_detail("GET /users");
            let expected = format!(
                concat!(
                    r#"{{"type":"TRACE","trace":{{"type":"ERROR","emitted_at":1795244953334,"error":{{"#,
                    r#""message":"HTTP Status Code: 401. Error: Unauthorized.","internal_message":"GET /users","#,
                    r#""failure_type":"{}","stream_descriptor":{{"name":"users"}}}}}}}}"#,
                    "\n"
                ),
                failure_type
            );
            assert_eq!(Message::Error(ErrorTrace::new(&error, Some(USERS))).to_line(AT), expected);
        }
        let bare = Message::Error(ErrorTrace::new(&Error::system("boom"), None)).to_line(AT);
        assert!(bare.ends_with("\"error\":{\"message\":\"boom\",\"failure_type\":\"system_error\"}}}\n"), "{bare}");
    }

    #[test]
    fn masking_touches_free_text_only() {
        let mask = |text: &str| text.contains('k').then(|| text.replace('k', "****"));
        let cause = Error::config("key k1");
        let mut error = ErrorTrace::new(&cause, Some(USERS));
        error.stack_trace = Some("stack".into());
        let mut message = Message::Error(error);
        message.mask_texts(mask);
        let line = message.to_line(AT);
        assert!(
            line.contains(r#""message":"****ey ****1","stack_trace":"stac****","failure_type":"config_error""#),
            "{line}"
        );
        let blob = json!({"k": "k"});
        let mut state = Message::State(StreamState { stream: USERS, blob: &blob, record_count: 0 });
        state.mask_texts(mask);
        assert!(state.to_line(AT).contains(r#""stream_state":{"k":"k"}"#));
    }
}
