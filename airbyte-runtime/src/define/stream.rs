//! A stream as const data: what `#[stream(…)]` says about an annotated struct.

use super::auth::AuthDef;
use super::backoff::BackoffDef;
use super::cursor::CursorDef;
use super::decoder::DecoderDef;
use super::error_handler::ErrorHandlerDef;
use super::expand::Expand;
use super::files::Download;
use super::full_refresh::FullRefreshDef;
use super::inject::{require_header_names, require_timeout};
use super::job::AsyncJob;
use super::page_size_reduction::PageSizeReduction;
use super::pagination_reset::PaginationReset;
use super::paginator::PaginatorDef;
use super::partition::{ParentDef, PartitionDef};
use super::properties::Properties;
use super::request_window_splitting::RequestWindowSplitting;
use super::schema::SchemaDef;
use super::source::Source;
use super::state::MigrationDef;
use super::tolerance::Tolerance;
use super::transform::TransformDef;
use super::value::{Map, Value};
use super::when::WhenDef;
pub use crate::plan::Undeclared;
use crate::plan::record::{KeepRecord, ReadSlice};
use crate::time::Duration;

/// A stream: the struct is the schema of its records, the definition says how they are read.
///
/// Implemented by [`#[stream]`](macro@crate::stream); there is no reason to implement it by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stream",
    label = "not a stream",
    note = "a stream is a struct annotated with `#[stream(source = …, path = …)]`"
)]
pub trait Stream: Sized + 'static {
    /// The source that the stream belongs to.
    type Source: Source;
    /// The stream's name in the catalog.
    const NAME: &'static str;
    /// The stream's namespace in the catalog, if it has one.
    const NAMESPACE: Option<&'static str>;
    /// The top-level fields of a record.
    const FIELDS: &'static [Field];
    /// The keys of a partition, as `{partition.…}` knows them.
    const PARTITION: &'static [&'static str];
    /// The streams whose records are this stream's partitions.
    const PARENTS: &'static [ParentDef];
    /// The group whose streams are not read at the same time.
    const GROUP: Option<&'static str> = None;
    /// The streams that have to be complete before this one begins.
    const AFTER: &'static [EarlierDef] = &[];
    /// Whether `{interval.…}` has a value: whether the stream has a cursor.
    const INTERVAL: bool;
    /// The names of a job's values, as `{job.…}` knows them.
    const JOB: &'static [&'static str] = &[];
    /// Whether the path needs the base URL of the source: whether the stream makes requests and has no `base_url`.
    const RELATIVE: bool;

    /// How the stream is read.
    fn definition() -> &'static StreamDef;
}

/// A stream that comes before another one.
#[derive(Clone, Copy, Debug)]
pub struct EarlierDef {
    pub(crate) stream: fn() -> &'static StreamDef,
    pub(crate) name: &'static str,
}

impl EarlierDef {
    /// Stream `T`.
    #[must_use]
    pub const fn of<T: Stream>() -> Self {
        Self { stream: T::definition, name: T::NAME }
    }
}

/// A stream of source `S`; the list `streams = […]` takes only these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a stream of `{S}`",
    label = "belongs to another source, or is not a stream",
    note = "write `source = {S}` in the `#[stream(…)]` of `{Self}`, or take it out of `streams`"
)]
pub trait StreamOf<S>: Stream<Source = S> {}

/// A field of a record or of a configuration: its Rust name and its JSON key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in the struct, without `r#`.
    pub name: &'static str,
    /// The key in JSON, after serde's `rename` and `rename_all`.
    pub key: &'static str,
}

/// A field by its Rust name and JSON key.
#[must_use]
pub const fn field(name: &'static str, key: &'static str) -> Field {
    Field { name, key }
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`, the default.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
        }
    }
}

/// Where a page holds its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordsDef {
    /// At one path: `records = "data.items"`.
    At(&'static [&'static str]),
    /// At each of several paths: `records = union("open", "closed")`.
    Union(&'static [&'static [&'static str]]),
    /// At the first of several paths that has some: `records = first_match("data.items", "data")`.
    FirstMatch(&'static [&'static [&'static str]]),
}

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BodyDef {
    /// Nothing.
    Empty,
    /// JSON: `body = { status = "open" }`.
    Json(Map),
    /// A form: `form = { status = "open" }`.
    Form(Map),
    /// Text, a template: `body = text("<Request>{config.account}</Request>")`.
    Text(&'static str),
    /// A GraphQL query and its variables: `graphql(QUERY, variables = { first = 100 })`.
    Graphql {
        /// The query, sent as it stands.
        query: &'static str,
        /// Which of the operations in it is meant.
        operation_name: Option<&'static str>,
        /// The variables.
        variables: Map,
    },
    /// XML as text: `xml("<Envelope>…</Envelope>")`.
    Xml {
        /// The text, a template whose values are escaped.
        text: &'static str,
        /// What it is sent as.
        content_type: &'static str,
    },
}

/// XML as a body; refuses what is not one element.
#[must_use]
#[track_caller]
pub const fn xml(text: &'static str, content_type: Option<&'static str>) -> BodyDef {
    crate::rules::xml::require_xml(text);
    BodyDef::Xml {
        text,
        content_type: match content_type {
            Some(content_type) => content_type,
            None => "text/xml; charset=utf-8",
        },
    }
}

/// What XML is sent as; refuses what is not a content type.
#[must_use]
#[track_caller]
pub const fn content_type(content_type: &'static str) -> &'static str {
    let bytes = content_type.as_bytes();
    let (mut at, mut slashes) = (0, 0);
    while at < bytes.len() && matches!(bytes[at], b' '..=b'~') {
        slashes += if bytes[at] == b'/' { 1 } else { 0 };
        at += 1;
    }
    assert!(
        at == bytes.len() && slashes == 1,
        "this is not a content type\nhelp: write one such as \"application/soap+xml; charset=utf-8\""
    );
    content_type
}

/// How a stream is read; built by the [`stream`] chain in an expansion.
#[derive(Clone, Copy)]
pub struct StreamDef {
    pub(crate) name: &'static str,
    pub(crate) namespace: Option<&'static str>,
    pub(crate) fields: &'static [Field],
    pub(crate) schema: fn() -> serde_json::Value,
    pub(crate) declared: fn() -> serde_json::Value,
    pub(crate) described: Option<&'static dyn SchemaDef>,
    pub(crate) undeclared: Undeclared,
    pub(crate) base_url: Option<&'static str>,
    pub(crate) path: &'static str,
    pub(crate) method: Method,
    pub(crate) query: Map,
    pub(crate) headers: Map,
    pub(crate) body: BodyDef,
    pub(crate) records: RecordsDef,
    pub(crate) decoder: Option<&'static dyn DecoderDef>,
    pub(crate) job: Option<AsyncJob>,
    pub(crate) files: Option<Download>,
    pub(crate) auth: Option<&'static dyn AuthDef>,
    pub(crate) paginator: Option<&'static dyn PaginatorDef>,
    pub(crate) page_size_reduction: Option<PageSizeReduction>,
    pub(crate) pagination_reset: Option<PaginationReset>,
    pub(crate) cursor: Option<CursorDef>,
    pub(crate) request_window_splitting: Option<RequestWindowSplitting>,
    pub(crate) primary_key: &'static [&'static [&'static str]],
    pub(crate) partition: &'static [&'static dyn PartitionDef],
    pub(crate) partition_keys: &'static [&'static str],
    pub(crate) parents: &'static [ParentDef],
    pub(crate) failure_tolerance: Option<Tolerance>,
    pub(crate) group: Option<&'static str>,
    pub(crate) after: &'static [EarlierDef],
    pub(crate) error_handler: Option<&'static dyn ErrorHandlerDef>,
    pub(crate) backoff: &'static [&'static dyn BackoffDef],
    pub(crate) max_retries: Option<u32>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) request_timeout: Option<Duration>,
    pub(crate) tcp_keepalive: Option<bool>,
    pub(crate) filter: Option<&'static dyn KeepRecord>,
    pub(crate) transform: &'static [&'static dyn TransformDef],
    pub(crate) expand: Option<Expand>,
    pub(crate) properties: Option<Properties>,
    pub(crate) read: Option<&'static dyn ReadSlice>,
    pub(crate) allow_hosts: &'static [&'static str],
    pub(crate) migrate_state: Option<&'static dyn MigrationDef>,
    pub(crate) when: Option<&'static dyn WhenDef>,
    pub(crate) full_refresh: Option<FullRefreshDef>,
}

/// Begins the definition of stream `T`.
#[must_use]
pub const fn stream<T: Stream + schemars::JsonSchema>() -> StreamDef {
    StreamDef {
        name: T::NAME,
        namespace: T::NAMESPACE,
        fields: T::FIELDS,
        schema: crate::schema::stream_schema::<T>,
        declared: crate::schema::declared_schema::<T>,
        described: None,
        undeclared: Undeclared::Keep,
        base_url: None,
        path: "",
        method: Method::Get,
        query: &[],
        headers: &[],
        body: BodyDef::Empty,
        records: RecordsDef::At(&[]),
        decoder: None,
        job: None,
        files: None,
        auth: None,
        paginator: None,
        page_size_reduction: None,
        pagination_reset: None,
        cursor: None,
        request_window_splitting: None,
        primary_key: &[],
        partition: &[],
        partition_keys: T::PARTITION,
        parents: T::PARENTS,
        failure_tolerance: None,
        group: T::GROUP,
        after: T::AFTER,
        error_handler: None,
        backoff: &[],
        max_retries: None,
        connect_timeout: None,
        read_timeout: None,
        request_timeout: None,
        tcp_keepalive: None,
        filter: None,
        transform: &[],
        expand: None,
        properties: None,
        read: None,
        allow_hosts: &[],
        migrate_state: None,
        when: None,
        full_refresh: None,
    }
}

impl std::fmt::Debug for StreamDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamDef").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}

setters! { StreamDef
    /// The URL that the path is appended to, in place of the source's.
    base_url: &'static str => Some;
    /// The path below the base URL, a template.
    path: &'static str;
    /// The HTTP method.
    method: Method;
    /// Query parameters.
    query: Map;
    /// What the request carries.
    body: BodyDef;
    /// Where the records are in a page: keys, or `*` for any.
    records: RecordsDef;
    /// What the body of an answer is, where it is not JSON.
    decoder: &'static dyn DecoderDef => Some;
    /// The job that makes the records ready.
    job: AsyncJob => Some;
    /// The files that come along with the records.
    files: Download => Some;
    /// Authentication, in place of the source's.
    auth: &'static dyn AuthDef => Some;
    /// How the next page is asked for.
    paginator: &'static dyn PaginatorDef => Some;
    /// The field that orders records, and how a range of it is asked for.
    cursor: CursorDef => Some;
    /// The paths of the fields that identify a record.
    primary_key: &'static [&'static [&'static str]];
    /// The parts that the stream is read in.
    partition: &'static [&'static dyn PartitionDef];
    /// What an answer means.
    error_handler: &'static dyn ErrorHandlerDef => Some;
    /// How long to wait before a request is tried again.
    backoff: &'static [&'static dyn BackoffDef];
    /// How often a request is tried again.
    max_retries: u32 => Some;
    /// The columns that are known only when the source runs.
    described: &'static dyn SchemaDef => Some;
    /// What becomes of fields that the struct does not declare.
    undeclared: Undeclared;
    /// Whether idle connections are asked now and then whether they are still there.
    tcp_keepalive: bool => Some;
    /// How many partitions may fail before the stream does.
    failure_tolerance: Tolerance => Some;
    /// Which records are kept.
    filter: &'static dyn KeepRecord => Some;
    /// What is changed in a record.
    transform: &'static [&'static dyn TransformDef];
    /// The list in a record whose items are the stream's records.
    expand: Expand => Some;
    /// The properties that requests name.
    properties: Properties => Some;
    /// What brings an older state up to date.
    migrate_state: &'static dyn MigrationDef => Some;
    /// Whether the stream is there, by the configuration.
    when: &'static dyn WhenDef => Some;
    /// The function that reads a stream that is not HTTP.
    read: &'static dyn ReadSlice => Some;
    /// Further hosts that may receive the credentials when a page or a redirect leads there.
    allow_hosts: &'static [&'static str];
    /// Headers; each name is checked while compiling.
    headers: Map [require_header_names];
}

impl StreamDef {
    /// The longest that a connection may take.
    #[must_use]
    #[track_caller]
    pub const fn connect_timeout(mut self, duration: &'static str) -> Self {
        self.connect_timeout = Some(require_timeout("`connect_timeout`", duration));
        self
    }

    /// The longest that an answer may be silent.
    #[must_use]
    #[track_caller]
    pub const fn read_timeout(mut self, duration: &'static str) -> Self {
        self.read_timeout = Some(require_timeout("`read_timeout`", duration));
        self
    }

    /// The longest that all of an answer may take.
    #[must_use]
    #[track_caller]
    pub const fn request_timeout(mut self, duration: &'static str) -> Self {
        self.request_timeout = Some(require_timeout("`request_timeout`", duration));
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    /// How pages become smaller.
    #[must_use]
    pub const fn page_size_reduction(mut self, reduction: PageSizeReduction) -> Self {
        self.page_size_reduction = Some(reduction);
        self
    }

    /// When and where the pages begin anew; needs the cursor if that is behind the newest record.
    #[must_use]
    #[track_caller]
    pub const fn pagination_reset(mut self, reset: PaginationReset) -> Self {
        assert!(
            !reset.by_cursor || !matches!(self.cursor, None | Some(CursorDef::ContentHash(_))),
            "`split_using_cursor` without a cursor: nothing says which record is the newest\nhelp: add `cursor = datetime(…)`, or write `pagination_reset = reset`"
        );
        self.pagination_reset = Some(reset);
        self
    }

    /// How windows become shorter; needs a cursor of dates whose windows the API is asked for.
    #[must_use]
    #[track_caller]
    pub const fn request_window_splitting(mut self, splitting: RequestWindowSplitting) -> Self {
        match &self.cursor {
            Some(CursorDef::Datetime(cursor)) => assert!(
                !cursor.client_side,
                "`request_window_splitting` with `client_side`: the API is not asked for windows\nhelp: remove one of them"
            ),
            Some(CursorDef::Integer(_)) => {
                panic!(
                    "`request_window_splitting` with an `integer` cursor: it has no windows\nhelp: windows are those of `cursor = datetime(…)`"
                )
            }
            Some(CursorDef::ContentHash(_)) => {
                panic!(
                    "`request_window_splitting` with a `content_hash` cursor: it has no windows\nhelp: windows are those of `cursor = datetime(…)`"
                )
            }
            None => {}
        }
        self.request_window_splitting = Some(splitting);
        self
    }

    /// The stream that is read as long as there is no state; needs a cursor, whose value is the state.
    #[must_use]
    #[track_caller]
    pub const fn full_refresh(mut self, other: FullRefreshDef) -> Self {
        match &self.cursor {
            Some(CursorDef::Datetime(_)) => {}
            Some(CursorDef::Integer(_)) => assert!(
                other.api_retention_period.is_none(),
                "`api_retention_period` with an `integer` cursor: nothing says how old a state is\nhelp: remove it, or go by a date with `cursor = datetime(…)`"
            ),
            Some(CursorDef::ContentHash(_)) | None => panic!(
                "`full_refresh` without a cursor that is a field: there would be no state to go on from\nhelp: add `cursor = datetime(…)` or `cursor = integer(…)`"
            ),
        }
        self.full_refresh = Some(other);
        self
    }
}

/// A text literal in an expansion.
#[must_use]
pub const fn template(text: &'static str) -> Value {
    Value::Template(text)
}
