//! What to read, as owned data: the narrow waist between the front ends and the engine.
//!
//! A definition and a configuration become a plan; the engine knows nothing else.
//! The traits here are also the public extension points: a type that implements one stands in an attribute
//! exactly where a built-in component stands.

pub mod auth;
pub mod backoff;
pub mod cursor;
#[cfg(feature = "manifest")]
pub(crate) mod decoder;
#[cfg(feature = "manifest")]
pub(crate) mod dpath;
pub mod error_handler;
#[cfg(feature = "manifest")]
pub(crate) mod extract;
#[cfg(feature = "manifest")]
pub(crate) mod normalize;
pub mod paginator;
pub mod partition;
pub mod record;
pub mod request;
pub mod slice;
pub(crate) mod template;
#[cfg(feature = "manifest")]
pub(crate) mod transform;

use std::sync::Arc;

// Types of other crates that the traits here use, so that a connector needs no further dependency.
pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use futures_util::future::LocalBoxFuture;
pub use serde_json::{Map, Value};
pub use url::Url;

pub use auth::Authenticator;
pub use backoff::{Backoff, FailedTry, Wait};
pub use error_handler::{Answer, ErrorHandler, Verdict};
pub use paginator::{Page, PageToken, Paginator};
pub use partition::PartitionRouter;
pub use record::{RecordFilter, RecordTransformation, Records};
pub use request::{RequestBody, RequestDraft};
pub use slice::{Interval, Partition, Slice};

use crate::config::Config;
use crate::json::JsonPath;
use cursor::Cursor;
use record::{ChangeRecord, KeepRecord, ReadSlice};
use request::RequestPlan;

/// Everything that a source can read with one configuration.
pub(crate) struct Plan {
    pub(crate) streams: Vec<Arc<StreamPlan>>,
    /// Indexes into `streams` whose first record `check` asks for.
    pub(crate) check: Vec<usize>,
    /// The most requests in flight at one time.
    pub(crate) concurrency: usize,
    pub(crate) config: Arc<Config>,
}

/// One stream: what it is called, and how it is read.
pub(crate) struct StreamPlan {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) schema: fn() -> serde_json::Value,
    pub(crate) primary_key: Vec<Vec<String>>,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) partitions: PartitionPlan,
    pub(crate) retriever: Retriever,
    pub(crate) hooks: Hooks,
}

/// How the records of a slice are fetched.
pub(crate) enum Retriever {
    /// Page after page over HTTP.
    Http(Box<HttpRetriever>),
    /// A function of the connector.
    Function(&'static dyn ReadSlice),
}

/// A stream over HTTP.
pub(crate) struct HttpRetriever {
    pub(crate) request: RequestPlan,
    pub(crate) auth: Arc<dyn Authenticator>,
    pub(crate) paginator: Arc<dyn Paginator>,
    pub(crate) records: JsonPath,
    pub(crate) errors: ErrorPolicy,
    /// Hosts besides the base URL's that may receive the credentials, in lower case.
    pub(crate) allow_hosts: Vec<String>,
}

/// What an answer means, and how long to wait before the next try.
pub(crate) struct ErrorPolicy {
    pub(crate) handlers: Vec<Arc<dyn ErrorHandler>>,
    pub(crate) backoff: Vec<Arc<dyn Backoff>>,
    pub(crate) max_retries: u32,
}

/// The parts that a stream is read in: every combination of `routers`, for every record of `parents`.
pub(crate) struct PartitionPlan {
    pub(crate) routers: Vec<Arc<dyn PartitionRouter>>,
    pub(crate) parents: Vec<ParentPlan>,
}

/// A parent stream, and what of its records names a partition.
pub(crate) struct ParentPlan {
    /// Index into [`Plan::streams`].
    pub(crate) stream: usize,
    pub(crate) keys: Vec<ParentKey>,
}

/// One value that a child takes from its parent.
#[derive(Clone)]
pub(crate) struct ParentKey {
    /// The name in `{parent.…}`.
    pub(crate) name: String,
    /// The key in the child's partition, and in its state.
    pub(crate) partition_key: String,
    /// Where the value is in the parent's record; `None` if it is a key of the parent's own partition.
    pub(crate) path: Option<JsonPath>,
}

/// The connector's own functions on records.
#[derive(Clone, Copy, Default)]
pub(crate) struct Hooks {
    pub(crate) filter: Option<&'static dyn KeepRecord>,
    pub(crate) transform: Option<&'static dyn ChangeRecord>,
}

impl Hooks {
    /// Whether records may travel as bytes.
    pub(crate) fn is_empty(self) -> bool {
        self.filter.is_none() && self.transform.is_none()
    }
}

impl StreamPlan {
    /// Whether two streams are the same in a catalog; an absent namespace is not an empty one.
    pub(crate) fn is(&self, name: &str, namespace: Option<&str>) -> bool {
        self.name == name && self.namespace.as_deref() == namespace
    }

    /// The JSON schema of a record, made on demand: only `discover` needs it.
    pub(crate) fn json_schema(&self) -> Value {
        (self.schema)()
    }

    /// Whether the stream has more than one partition, so that its state is kept per partition.
    pub(crate) fn is_partitioned(&self) -> bool {
        !self.partitions.routers.is_empty() || !self.partitions.parents.is_empty()
    }
}
