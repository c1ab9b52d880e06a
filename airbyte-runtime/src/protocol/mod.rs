//! The Airbyte protocol: the messages that go out, the catalog and the state that come in.
//!
//! A connector writes one JSON object per line to standard output.
//! [`Message`] is every kind of line but one; records, of which there are millions, are framed by [`RecordEnvelope`]
//! so that their bytes are copied once and never parsed here.
//! [`ConfiguredCatalog`] and [`StateInput`] read the two files that `read` is given, with the leniency that the
//! platform, the CDK's tests and PyAirbyte each need.
//!
//! A line whose types are slightly off is an error nowhere: every consumer turns it into a log line and loses it.
//! That is why output goes through these types only.

mod catalog;
mod line;
mod message;
mod record;
mod state;

pub use catalog::{AirbyteStream, ConfiguredCatalog, ConfiguredStream, SyncMode};
pub use message::{
    ConnectionStatus, ErrorTrace, Estimate, EstimateType, Log, LogLevel, Message, Spec, StreamDescriptor, StreamState,
    StreamStatus,
};
pub use record::{FileReference, RecordEnvelope};
pub use state::{
    FULL_REFRESH_COMPLETE, NO_CURSOR_SENTINEL, StateInput, is_full_refresh_complete, no_cursor_state, without_sentinels,
};
