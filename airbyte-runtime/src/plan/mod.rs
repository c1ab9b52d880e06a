//! What to read, as owned data: the narrow waist between the front ends and the engine.
//!
//! A definition and a configuration become a plan; the engine knows nothing else.
//! The traits here are also the public extension points: a type that implements one stands in an attribute
//! exactly where a built-in component stands.

pub mod auth;
pub mod backoff;
pub(crate) mod budget;
pub(crate) mod column;
pub(crate) mod combined;
pub mod cursor;
pub(crate) mod decoder;
#[cfg_attr(not(feature = "manifest"), allow(dead_code))] // Manifests use more of it.
pub(crate) mod dpath;
pub mod error_handler;
#[cfg_attr(not(feature = "manifest"), allow(dead_code))] // Manifests use more of it.
pub(crate) mod extract;
pub(crate) mod files;
pub(crate) mod job;
pub(crate) mod memory;
pub(crate) mod migration;
#[cfg_attr(not(feature = "manifest"), allow(dead_code))] // Manifests use more of it.
pub(crate) mod normalize;
pub(crate) mod pages;
pub mod paginator;
pub mod partition;
pub(crate) mod properties;
pub mod record;
pub mod request;
pub(crate) mod request_matcher;
pub(crate) mod reset;
pub mod slice;
pub(crate) mod template;
pub(crate) mod tolerance;
#[cfg_attr(not(feature = "manifest"), allow(dead_code))] // Manifests use more of it.
pub(crate) mod transform;
pub(crate) mod truth;
pub(crate) mod wording;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

// Types of other crates that the traits here use, so that a connector needs no further dependency.
pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use futures_util::future::LocalBoxFuture;
pub use serde_json::{Map, Value};
pub use url::Url;

pub use auth::Authenticator;
pub use backoff::{Backoff, FailedTry, Wait};
pub use decoder::StreamDecoder;
pub use error_handler::{Answer, ErrorHandler, Verdict};
pub use paginator::{Page, PageToken, Paginator};
pub use partition::PartitionRouter;
pub use record::{RecordFilter, RecordTransformation, Records};
pub use request::{RequestBody, RequestDraft, Requester};
pub use slice::{Interval, Partition, Slice};

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Connections;
use crate::http::cookies::CookieJar;
use crate::json::JsonPath;
use crate::protocol::ConfiguredCatalog;
use crate::schema::Expected;
use budget::Budget;
use cursor::Cursor;
use decoder::Decoder;
use extract::RecordExpander;
use files::FilePlan;
use job::JobRetriever;
use memory::MemoryPlan;
use pages::PagePolicy;
use properties::QueryProperties;
use record::{ChangeRecord, KeepRecord, ReadSlice, SelectRecords};
use slice::Part;
use tolerance::Tolerance;
pub(crate) use truth::Truth;
pub use truth::Undeclared;
use wording::Wording;

/// Everything that a source can read with one configuration.
pub(crate) struct Plan {
    pub(crate) streams: Vec<Arc<StreamPlan>>,
    /// Indexes into `streams` whose first record `check` asks for.
    pub(crate) check: Vec<usize>,
    pub(crate) concurrency: Concurrency,
    pub(crate) config: Arc<Config>,
    /// Streams that the source has and that cannot run here, by name, each with the reason.
    pub(crate) left_out: Vec<(String, Error)>,
}

/// How many requests may be in flight to one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Concurrency {
    /// As long as the API's answers have not taught more.
    pub(crate) start: usize,
    /// In all; so many pages may be in memory.
    pub(crate) most: usize,
}

impl Concurrency {
    /// Where nobody says how many: what an API bears is found out.
    pub(crate) const DEFAULT: Self = Self { start: 10, most: 64 };

    /// So many from the beginning, since somebody knows that the API bears them, and fewer where it refuses them.
    pub(crate) const fn of(requests: usize) -> Self {
        Self { start: requests, most: requests }
    }
}

impl Plan {
    /// Follows the cursors that a configured catalog names, in the streams that leave it the choice.
    ///
    /// # Errors
    /// A cursor inside of another field is a config error.
    pub(crate) fn follow(&mut self, catalog: &ConfiguredCatalog) -> Result<()> {
        for configured in &catalog.streams {
            let is_it = |stream: &&mut Arc<StreamPlan>| stream.is(&configured.name, configured.namespace.as_deref());
            let stream = self.streams.iter_mut().find(is_it).and_then(Arc::get_mut);
            let cursor = stream.and_then(|stream| stream.cursor.as_mut()).filter(|cursor| cursor.is_catalog_defined);
            match (cursor, configured.cursor_field.as_slice()) {
                (None, _) | (_, []) => {}
                (Some(_), [key]) if key.is_empty() => {}
                (Some(cursor), [key]) => cursor.follow(key),
                (Some(_), path) => {
                    return Err(Error::config(format!(
                        "the catalog names `{}` as the cursor of stream `{}`, but a cursor is a field of the record itself",
                        path.join("."),
                        configured.name
                    )));
                }
            }
        }
        Ok(())
    }
}

/// One stream: what it is called, and how it is read.
pub(crate) struct StreamPlan {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    /// Whether it is only the parent of others, and in no catalog.
    pub(crate) hidden: bool,
    pub(crate) schema: SchemaPlan,
    pub(crate) truth: Truth,
    pub(crate) primary_key: Vec<Vec<String>>,
    pub(crate) cursor: Option<Cursor>,
    /// What it remembers of earlier syncs in place of a cursor.
    pub(crate) memory: Option<MemoryPlan>,
    pub(crate) partitions: PartitionPlan,
    pub(crate) retriever: Retriever,
    pub(crate) hooks: Hooks,
    pub(crate) conduct: Conduct,
    /// Why it cannot be read with this configuration, although the catalog lists it.
    pub(crate) unsound: Option<Error>,
    /// The files that come along with its records.
    pub(crate) files: Option<FilePlan>,
    /// Whether an old state counts as none, because the API no longer has what came after it.
    pub(crate) forgets_state: bool,
    /// How many partitions may fail before the stream does.
    pub(crate) tolerance: Option<Tolerance>,
    /// The streams of a group are not read at the same time.
    pub(crate) group: Option<String>,
    /// Indexes into [`Plan::streams`]: if one of these is read as well, it has to be complete before this one begins.
    pub(crate) after: Vec<usize>,
    /// Brings a state of an older version of the connector up to date.
    pub(crate) migrate_state: Option<Arc<dyn MigrateState>>,
}

/// Brings states of an older version of a connector up to date.
pub trait MigrateState: Send + Sync + 'static {
    /// The stream's state in today's form; `None` if it has that form already.
    fn migrate(&self, state: &Value) -> Option<Value>;
}

/// Where a stream's schema comes from; it is made on demand, since only `discover` needs it.
pub(crate) enum SchemaPlan {
    /// The struct of its records.
    Type(fn() -> Value),
    /// The document that describes the stream.
    #[cfg(feature = "manifest")]
    Document(Arc<Value>),
    /// The API itself.
    Loaded(Arc<dyn LoadSchema>),
}

/// Makes a schema of what an API says about its records.
pub trait LoadSchema: Send + Sync + 'static {
    /// The JSON schema of a record.
    ///
    /// # Errors
    /// Whatever kept the API from saying it.
    fn load(&self) -> LocalBoxFuture<'_, Result<Value>>;
}

/// Where the two front ends promise different things.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conduct {
    /// Failed partitions in a row after which the rest is not asked for: at first, and after the first record.
    pub(crate) patience: Option<(u64, u64)>,
    /// Records without any field are written, too.
    pub(crate) keep_empty_records: bool,
    /// Fields of a record that are `null` are left out, as the Python CDK's serialiser does it.
    pub(crate) drop_nulls: bool,
    /// Integers beyond 64 bits keep their digits.
    pub(crate) exact_numbers: bool,
    /// A page that repeats the one before it ends the stream with an error.
    pub(crate) notice_repeats: bool,
    /// A page that holds an error in place of records counts as an empty one.
    pub(crate) tolerates_error_pages: bool,
    /// `check` looks at one more parent than it needs.
    pub(crate) looks_ahead: bool,
    /// A stream without any partition cannot be checked.
    pub(crate) needs_a_partition: bool,
    /// The state of a product of partitions has no place for that of the parents.
    pub(crate) forgets_parents_of_products: bool,
    /// States are treated as the Python CDK does it: one is written after each slice and behind the last status, whether
    /// or not it says something new; a given one without a value where a value belongs is refused, and what stands in
    /// it besides is kept.
    pub(crate) mirrors_states: bool,
    /// The sentences in which its failures are told.
    pub(crate) wording: Wording,
    /// The kind of the error that sums up the failed streams; that of the first one if it is not set.
    pub(crate) summary: Option<ErrorKind>,
}

impl Conduct {
    /// For streams that are Rust structs.
    pub(crate) const STRUCTS: Self = Self {
        patience: Some((3, 20)),
        keep_empty_records: false,
        drop_nulls: false,
        exact_numbers: true,
        notice_repeats: true,
        tolerates_error_pages: false,
        looks_ahead: false,
        needs_a_partition: false,
        forgets_parents_of_products: false,
        mirrors_states: false,
        wording: Wording::Own,
        summary: None,
    };
    /// For streams of a manifest, which do what the Python CDK does.
    #[cfg(feature = "manifest")]
    pub(crate) const MANIFEST: Self = Self {
        patience: None,
        keep_empty_records: true,
        drop_nulls: true,
        exact_numbers: false,
        notice_repeats: false,
        tolerates_error_pages: true,
        looks_ahead: true,
        needs_a_partition: true,
        forgets_parents_of_products: true,
        mirrors_states: true,
        wording: Wording::Airbyte,
        summary: Some(ErrorKind::Config),
    };
}

/// How the records of a slice are fetched.
pub(crate) enum Retriever {
    /// Page after page over HTTP.
    Http(Box<HttpRetriever>),
    /// A job of the API for each slice.
    Jobs(Box<JobRetriever>),
    /// A function of the connector.
    Function(Arc<dyn ReadSlice + Send>),
}

impl Retriever {
    /// What asks for pages of records, unless the connector reads by itself.
    pub(crate) fn pages(&self) -> Option<&HttpRetriever> {
        match self {
            Self::Http(retriever) => Some(retriever),
            Self::Jobs(jobs) => Some(&jobs.download),
            Self::Function(_) => None,
        }
    }

    /// The jobs, if there are any.
    pub(crate) fn jobs(&self) -> Option<&JobRetriever> {
        match self {
            Self::Jobs(jobs) => Some(jobs),
            Self::Http(_) | Self::Function(_) => None,
        }
    }
}

/// A stream over HTTP.
pub(crate) struct HttpRetriever {
    pub(crate) requester: Box<dyn Requester>,
    pub(crate) auth: Arc<dyn Authenticator>,
    pub(crate) paginator: Arc<dyn Paginator>,
    /// What is done where pages cannot be read as the paginator asks for them.
    pub(crate) pages: PagePolicy,
    pub(crate) records: RecordSelector,
    /// The properties that requests name, if they name any.
    pub(crate) properties: Option<Arc<QueryProperties>>,
    /// The name under which the partition's extra values hold the first page, if the parent's records bring it along.
    pub(crate) first_page: Option<String>,
    /// Where an answer with records may hold errors besides, as those of GraphQL do.
    pub(crate) partial_errors: Option<JsonPath>,
    pub(crate) errors: ErrorPolicy,
    /// How often the API may be asked, by all streams together.
    pub(crate) budget: Option<Arc<Budget>>,
    /// How long its connections may take, where that is not the client's own matter.
    pub(crate) connections: Connections,
    /// The cookies that the API sets, if they are sent back.
    pub(crate) cookies: Option<CookieJar>,
    /// Hosts besides the base URL's that may receive the credentials, in lower case.
    pub(crate) allow_hosts: Vec<String>,
    /// Other hosts that the API led to, each of which a warning names once.
    pub(crate) distrusted: Mutex<BTreeSet<String>>,
}

impl HttpRetriever {
    /// One page for each request; whoever has more to say replaces the fields in question.
    pub(crate) fn new(requester: Box<dyn Requester>, auth: Arc<dyn Authenticator>, errors: ErrorPolicy) -> Self {
        Self {
            requester,
            auth,
            paginator: Arc::new(paginator::NoPagination),
            pages: PagePolicy::default(),
            records: RecordSelector { path: None, parsed: None, decoder: None },
            properties: None,
            first_page: None,
            partial_errors: None,
            errors,
            budget: None,
            connections: Connections::default(),
            cookies: None,
            allow_hosts: Vec::new(),
            distrusted: Mutex::default(),
        }
    }
}

/// How the records are found in an answer.
pub(crate) struct RecordSelector {
    /// Where they stand in a JSON body, if they may leave as the bytes that they came in.
    pub(crate) path: Option<JsonPath>,
    /// How they are made of a body that has to be parsed: always, or where its bytes are not what the path expects.
    pub(crate) parsed: Option<Arc<dyn SelectRecords>>,
    /// What makes JSON of a body that is something else, before the path is followed.
    pub(crate) decoder: Option<Arc<Decoder>>,
}

/// What an answer means, and how long to wait before the next try.
pub(crate) struct ErrorPolicy {
    pub(crate) handlers: Vec<Arc<dyn ErrorHandler>>,
    pub(crate) backoff: Vec<Arc<dyn Backoff>>,
    pub(crate) max_retries: u32,
    /// Who can do something about an API that gives no answer.
    pub(crate) unreachable: ErrorKind,
    /// The sentences in which it is told that no try succeeded.
    pub(crate) wording: Wording,
}

/// The parts that a stream is read in.
pub(crate) enum PartitionPlan {
    /// One part: the whole stream.
    Whole,
    /// The parts that a router knows.
    Routed(Arc<dyn PartitionRouter>),
    /// These parts, which were known before the stream was.
    Known(Vec<Part>),
    /// A part for each record of one of these streams.
    Parents(Vec<ParentPlan>),
    /// Every combination of the parts.
    Product(Vec<PartitionPlan>),
    /// All of the parts, each value of `field` once; the other keys are no part of a partition's identity.
    Union { field: String, members: Vec<PartitionPlan> },
    /// `size` parts at a time, each key with the list of their values.
    Group { size: usize, deduplicate: bool, member: Box<PartitionPlan> },
}

/// A parent stream, and what of its records names a partition.
pub(crate) struct ParentPlan {
    /// Index into [`Plan::streams`].
    pub(crate) stream: usize,
    pub(crate) take: Take,
    /// Whether the parent goes on from where it was when the child was last read, so that only the children of changed
    /// parents are asked for.
    pub(crate) incremental: bool,
}

/// How a parent's record becomes a part of its child.
#[derive(Clone)]
pub(crate) enum Take {
    /// Values at plain paths, which are found without parsing the record.
    Keys(Arc<[ParentKey]>),
    /// Whatever the function makes of the parsed record.
    #[cfg(feature = "manifest")]
    Record(Arc<dyn TakePart>),
}

/// Makes a part of a child from a parent's record.
#[cfg(feature = "manifest")]
pub(crate) trait TakePart: Send + Sync {
    /// The part; `None` if the record has none.
    ///
    /// # Errors
    /// A record whose values cannot be found unambiguously.
    fn take(&self, record: &Value, parent: &Partition) -> Result<Option<Part>>;
}

/// One value that a child takes from its parent.
pub(crate) struct ParentKey {
    /// The name in `{parent.…}`.
    pub(crate) name: String,
    /// The key in the child's partition, and in its state; `None` for a value that is only for templates.
    pub(crate) partition_key: Option<String>,
    /// Where the value is in the parent's record; `None` if it is a key of the parent's own partition.
    pub(crate) path: Option<JsonPath>,
}

impl PartitionPlan {
    /// Gives the parents other numbers.
    #[cfg(feature = "manifest")]
    pub(crate) fn renumber(&mut self, number: &dyn Fn(usize) -> usize) {
        match self {
            Self::Whole | Self::Routed(_) | Self::Known(_) => {}
            Self::Parents(parents) => parents.iter_mut().for_each(|parent| parent.stream = number(parent.stream)),
            Self::Product(members) | Self::Union { members, .. } => {
                members.iter_mut().for_each(|member| member.renumber(number));
            }
            Self::Group { member, .. } => member.renumber(number),
        }
    }

    /// The parents, in the order of the document.
    pub(crate) fn parents(&self) -> Vec<&ParentPlan> {
        match self {
            Self::Whole | Self::Routed(_) | Self::Known(_) => Vec::new(),
            Self::Parents(parents) => parents.iter().collect(),
            Self::Product(members) => members.iter().flat_map(Self::parents).collect(),
            Self::Union { members, .. } => members.iter().flat_map(Self::parents).collect(),
            Self::Group { member, .. } => member.parents(),
        }
    }
}

/// The connector's own functions on records.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    /// The list in a record whose items are the records.
    pub(crate) expand: Option<Arc<RecordExpander>>,
    pub(crate) filter: Option<&'static dyn KeepRecord>,
    pub(crate) transform: Arc<[Arc<dyn ChangeRecord>]>,
}

impl Hooks {
    /// Whether records may travel as bytes.
    pub(crate) fn is_empty(&self) -> bool {
        self.expand.is_none() && self.filter.is_none() && self.transform.is_empty()
    }
}

impl StreamPlan {
    /// A stream in one part without a state; whoever has more to say replaces the fields in question.
    pub(crate) fn new(name: String, schema: SchemaPlan, retriever: Retriever, conduct: Conduct) -> Self {
        Self {
            name,
            namespace: None,
            hidden: false,
            schema,
            truth: Truth::default(),
            primary_key: Vec::new(),
            cursor: None,
            memory: None,
            partitions: PartitionPlan::Whole,
            retriever,
            hooks: Hooks::default(),
            conduct,
            unsound: None,
            files: None,
            forgets_state: false,
            tolerance: None,
            group: None,
            after: Vec::new(),
            migrate_state: None,
        }
    }

    /// Whether two streams are the same in a catalog; an absent namespace is not an empty one.
    pub(crate) fn is(&self, name: &str, namespace: Option<&str>) -> bool {
        self.name == name && self.namespace.as_deref() == namespace
    }

    /// Whether the stream can be read at all.
    ///
    /// # Errors
    /// What is wrong with the configuration, as far as this stream is concerned.
    pub(crate) fn require_sound(&self) -> Result<()> {
        match &self.unsound {
            Some(error) => {
                let same = Error::new(error.kind(), error.message());
                Err(match error.detail() {
                    Some(detail) => same.with_detail(detail),
                    None => same,
                })
            }
            None => Ok(()),
        }
    }

    /// The JSON schema of a record.
    ///
    /// # Errors
    /// An API that does not say what its records look like.
    pub(crate) async fn json_schema(&self) -> Result<Value> {
        match &self.schema {
            SchemaPlan::Type(schema) => Ok(schema()),
            #[cfg(feature = "manifest")]
            SchemaPlan::Document(schema) => Ok(Value::clone(schema)),
            SchemaPlan::Loaded(schema) => schema.load().await,
        }
    }

    /// What records are held against.
    ///
    /// # Errors
    /// An API that does not say what its records look like.
    pub(crate) async fn expected(&self) -> Result<Expected> {
        match self.truth.declared {
            Some(schema) => Ok(Expected::of_schema(&schema(), true)),
            None => Ok(Expected::of_schema(&self.json_schema().await?, false)),
        }
    }

    /// Whether the state has a place for that of the parents: not in a product of partitions of a manifest, where the
    /// Python CDK has none.
    pub(crate) fn keeps_parent_state(&self) -> bool {
        let is_product = matches!(self.partitions, PartitionPlan::Product(_));
        let is_kept = !(is_product && self.conduct.forgets_parents_of_products);
        is_kept && !self.partitions.parents().is_empty()
    }

    /// Whether a sync goes on from where the last one ended.
    pub(crate) fn is_incremental(&self) -> bool {
        self.cursor.is_some() || self.memory.is_some()
    }

    /// Whether the stream may have to wait for others: those of its group, or those that come before it.
    pub(crate) fn may_wait(&self) -> bool {
        self.group.is_some() || !self.after.is_empty()
    }

    /// Whether the stream has more than one partition, so that its state is kept per partition.
    pub(crate) fn is_partitioned(&self) -> bool {
        !matches!(self.partitions, PartitionPlan::Whole)
    }
}
