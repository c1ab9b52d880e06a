//! From definitions and a configuration to a plan.

mod delegate;
mod described;
mod divide;
mod files;
mod job;
mod properties;
mod streams;

use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;

use http::{HeaderValue, Method};

use self::divide::require_different_names;
use self::streams::Streams;
use super::auth::{AuthContext, Services};
use super::cursor::{CursorDef, CursorKind, Datetime, Relative, Sorted, Unit, relative};
use super::error_handler::Action;
use super::inject::{length, whole};
use super::pagination_reset::PaginationReset;
use super::partition::Scope;
use super::source::SourceDef;
use super::state::{Migrate, MigrationDef, StateShape};
use super::stream::{BodyDef, RecordsDef, StreamDef};
use super::value::{Map, Value as DefValue};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Connections;
use crate::json::JsonPath;
use crate::output::Output;
use crate::plan::budget::Budget;
use crate::plan::combined::CombinedSelector;
use crate::plan::cursor::{Clamping, Cursor, Order, RecordRange, Scale, TimeScale};
use crate::plan::extract::CombineMode;
use crate::plan::memory::{MemoryPlan, RecordHash};
use crate::plan::pages::PagePolicy;
use crate::plan::request::{BodyPlan, Inject, Node, RequestPlan};
use crate::plan::template::{Escape, Filled, Template};
use crate::plan::wording::Wording;
use crate::plan::{
    Authenticator, Concurrency, Conduct, ErrorPolicy, Hooks, HttpRetriever, MigrateState, ParentKey, ParentPlan,
    PartitionPlan, Plan, RecordSelector, Retriever, SchemaPlan, StreamPlan, Take, Truth, auth, backoff,
};
use crate::run::Purpose;
use crate::time::{DateFormat, Duration, FormatKind, Moment, check_format};

/// Tries after the first one, where the attribute does not say so.
pub(super) const DEFAULT_MAX_RETRIES: u32 = 5;

/// The plan of a source with one configuration.
///
/// # Errors
/// Values that the configuration lacks, or that are not what the API needs, are config errors; and whatever kept the API
/// from naming the streams that only it knows.
pub(crate) async fn plan(
    source: &SourceDef,
    config: Arc<Config>,
    services: &Services,
    output: &Output,
    purpose: Purpose<'_>,
) -> Result<Plan> {
    let streams = Streams::new(source, config, services, output, purpose)?;
    let (plan, divisions) = streams.plan()?;
    let plan = match purpose {
        // The whole of a stream that is divided stands for its parts: the first record of the one is that of the first other.
        Purpose::Check => plan,
        Purpose::Discover | Purpose::Read(..) => streams.divide(plan, divisions).await?,
    };
    require_different_names(&plan)?;
    Ok(plan)
}

fn concurrency(source: &SourceDef, config: &Config) -> Result<Concurrency> {
    let configured = source.concurrency_from.map(|template| whole(template, config)).transpose()?.flatten();
    let requests = configured.or(source.concurrency);
    Ok(requests
        .map_or(Concurrency::DEFAULT, |requests| Concurrency::of(usize::try_from(requests).unwrap_or(usize::MAX))))
}

/// Definitions are compared by name: the address of a const is not its identity.
fn position(defs: &[&'static StreamDef], wanted: &StreamDef) -> Option<usize> {
    defs.iter().position(|def| def.name == wanted.name && def.namespace == wanted.namespace)
}

/// The authenticators of a source. Whoever shares one shares its tokens.
#[derive(Default)]
struct Authenticators {
    /// That of the source, once one of the streams needs it.
    source: Option<Arc<dyn Authenticator>>,
    /// Those of streams with one of their own, one for all parts of a divided stream. Two definitions at one address are
    /// equal.
    own: HashMap<*const StreamDef, Arc<dyn Authenticator>>,
}

impl Authenticators {
    /// The authenticator of a stream.
    fn of(
        &mut self,
        source: &SourceDef,
        def: &'static StreamDef,
        config: &Config,
        services: &Services,
    ) -> Result<Arc<dyn Authenticator>> {
        let context = |base_url| AuthContext { config, services, base_url };
        let known = match def.auth {
            Some(_) => self.own.get(&ptr::from_ref(def)),
            None => self.source.as_ref(),
        };
        match (def.auth, source.auth, known) {
            _ if def.read.is_some() => Ok(Arc::new(auth::NoAuth)),
            (_, _, Some(planned)) => Ok(Arc::clone(planned)),
            (Some(auth), _, None) => {
                let planned = auth.plan(&context(def.base_url.or(source.base_url)))?;
                self.own.insert(def, Arc::clone(&planned));
                Ok(planned)
            }
            (None, Some(auth), None) => {
                let planned = auth.plan(&context(source.base_url.or(def.base_url)))?;
                Ok(Arc::clone(self.source.insert(planned)))
            }
            (None, None, None) => Ok(Arc::new(auth::NoAuth)),
        }
    }
}

fn plan_stream(
    source: &SourceDef,
    def: &'static StreamDef,
    defs: &[&'static StreamDef],
    auth: Arc<dyn Authenticator>,
    budget: Option<&Arc<Budget>>,
    config: &Config,
) -> Result<StreamPlan> {
    let mut cursor = def.cursor.as_ref().and_then(|cursor| plan_cursor(cursor, config).transpose()).transpose()?;
    let mut scope = Scope { config, parents: parents(def, defs)?, options: Vec::new() };
    let options =
        def.parents.iter().filter_map(|parent| Some((parent.keys.first()?.1.to_owned(), parent.option?.into())));
    scope.options.extend(options);
    let partitions = partitions(def, &mut scope)?;
    if let (Some(cursor), PartitionPlan::Group { .. }) = (&mut cursor, &partitions) {
        // Groups are no partitions that would come again.
        cursor.global_only = true;
    }
    let retriever = match def.read {
        Some(read) => Retriever::Function(Arc::new(read)),
        None => {
            let request = plan_request(source, def, cursor.as_ref(), scope.options, config)?;
            if cursor.as_ref().is_some_and(Cursor::has_windows) && !request.bounds_end() {
                tracing::info!(
                    "stream `{}` is read in one window: its requests have no place for a window's end, so `step` has no effect",
                    def.name
                );
                cursor = cursor.map(Cursor::without_windows);
            }
            match &def.job {
                Some(job) => {
                    Retriever::Jobs(Box::new(job::plan_job(source, def, job, request, &auth, budget, config)?))
                }
                None => {
                    Retriever::Http(Box::new(http_retriever(source, def, request, Arc::clone(&auth), budget, config)?))
                }
            }
        }
    };
    require_actions(def, &retriever, cursor.as_ref())?;
    let files = def.files.as_ref().map(|download| files::plan(download, source, def, &auth, budget, config));
    let after = def.after.iter().map(|earlier| {
        position(defs, (earlier.stream)())
            .ok_or_else(|| Error::system(format!("stream `{}` is not among the source's streams", earlier.name)))
    });
    Ok(StreamPlan {
        namespace: def.namespace.map(str::to_owned),
        truth: Truth { undeclared: def.undeclared, declared: Some(def.declared) },
        primary_key: def.primary_key.iter().map(|path| path.iter().map(|key| (*key).to_owned()).collect()).collect(),
        cursor,
        memory: memory(def),
        files: files.transpose()?,
        partitions,
        hooks: Hooks {
            expand: def.expand.map(|expand| expand.plan()).transpose()?.map(Arc::new),
            filter: def.filter,
            transform: def.transform.iter().map(|step| step.plan(def, config)).collect::<Result<_>>()?,
        },
        tolerance: def.failure_tolerance.map(|tolerance| tolerance.0),
        group: def.group.map(str::to_owned),
        after: after.collect::<Result<_>>()?,
        migrate_state: def.migrate_state.map(|migration| migrate(def, migration)),
        ..StreamPlan::new(def.name.to_owned(), SchemaPlan::Type(def.schema), retriever, Conduct::STRUCTS)
    })
}

/// Requests with what they all have in common: credentials, pages, records, errors.
fn http_retriever(
    source: &SourceDef,
    def: &'static StreamDef,
    request: RequestPlan,
    auth: Arc<dyn Authenticator>,
    budget: Option<&Arc<Budget>>,
    config: &Config,
) -> Result<HttpRetriever> {
    let properties =
        def.properties.as_ref().map(|of| properties::plan(of, source, def, &auth, budget, config)).transpose()?;
    let mut retriever = HttpRetriever {
        pages: page_policy(def),
        partial_errors: match def.body {
            BodyDef::Graphql { .. } => Some(JsonPath::from_segments(["errors"])),
            _ => None,
        },
        records: RecordSelector {
            path: match def.records {
                RecordsDef::At(path) => Some(JsonPath::from_segments(path.iter().copied())),
                RecordsDef::Union(_) | RecordsDef::FirstMatch(_) => None,
            },
            parsed: match def.records {
                RecordsDef::At(_) => None,
                RecordsDef::Union(paths) => Some(Arc::new(CombinedSelector::new(paths, CombineMode::Union)?)),
                RecordsDef::FirstMatch(paths) => Some(Arc::new(CombinedSelector::new(paths, CombineMode::FirstMatch)?)),
            },
            decoder: def.decoder.map(|decoder| decoder.plan().0.for_columns(def.schema).into()),
        },
        properties: properties.map(Arc::new),
        budget: budget.cloned(),
        connections: connections(source, def),
        allow_hosts: source.allow_hosts.iter().chain(def.allow_hosts).map(|host| host.to_ascii_lowercase()).collect(),
        ..HttpRetriever::new(Box::new(request), auth, plan_errors(source, def)?)
    };
    if let Some(paginator) = def.paginator {
        retriever.paginator = paginator.plan();
    }
    Ok(retriever)
}

/// The streams whose records are partitions, and what is taken from these.
fn parents(def: &StreamDef, defs: &[&'static StreamDef]) -> Result<Vec<ParentPlan>> {
    let parents = def.parents.iter().map(|parent| {
        let parent_def = (parent.stream)();
        let stream = position(defs, parent_def).ok_or_else(|| {
            Error::system(format!("parent stream `{}` is not among the source's streams", parent_def.name))
        })?;
        let named = parent.keys.iter().map(|(name, key)| (*name, Some(*key)));
        let keys = named.chain(parent.extra.iter().map(|name| (*name, None))).map(|(name, partition_key)| {
            let field = parent_def.fields.iter().find(|field| field.name == name);
            ParentKey {
                name: name.to_owned(),
                partition_key: partition_key.map(str::to_owned),
                path: field.map(|field| JsonPath::from_segments([field.key])),
            }
        });
        Ok(ParentPlan { stream, take: Take::Keys(keys.collect()), incremental: parent.incremental })
    });
    parents.collect()
}

/// Every combination of the routers' values, for every record of the parents.
fn partitions(def: &StreamDef, scope: &mut Scope<'_>) -> Result<PartitionPlan> {
    let mut members =
        def.partition.iter().map(|router| router.plan(scope).map(|plan| plan.0)).collect::<Result<Vec<_>>>()?;
    if !scope.parents.is_empty() {
        members.push(PartitionPlan::Parents(std::mem::take(&mut scope.parents)));
    }
    Ok(match members.len() {
        0 => PartitionPlan::Whole,
        1 => members.remove(0),
        _ => PartitionPlan::Product(members),
    })
}

/// The migration of older states to the form that this stream gives them.
fn migrate(def: &StreamDef, migration: &'static dyn MigrationDef) -> Arc<dyn MigrateState> {
    let of_parent = def.parents.iter().find_map(|parent| parent.keys.first().map(|(_, key)| *key));
    let partition_key = of_parent.or_else(|| def.partition_keys.first().copied()).unwrap_or_default().to_owned();
    let cursor_key = def.cursor.as_ref().map_or("", |cursor| cursor.field().key).to_owned();
    Arc::new(Migrate { migration, shape: StateShape { partition_key, cursor_key } })
}

/// What the stream remembers in place of a cursor.
fn memory(def: &StreamDef) -> Option<MemoryPlan> {
    if def.parents.iter().any(|parent| parent.new_only) {
        return Some(MemoryPlan::Partitions);
    }
    let Some(CursorDef::ContentHash(cursor)) = &def.cursor else { return None };
    Some(MemoryPlan::Records(RecordHash {
        key: JsonPath::from_segments([cursor.field.key]),
        ignored: cursor.ignore.iter().map(|key| (*key).to_owned()).collect(),
    }))
}

fn plan_request(
    source: &SourceDef,
    def: &StreamDef,
    cursor: Option<&Cursor>,
    partition: Vec<(String, Inject)>,
    config: &Config,
) -> Result<RequestPlan> {
    let parts = match def.job.as_ref().and_then(|job| job.create.as_ref()) {
        Some(create) => job::parts(create, def),
        None => Parts {
            method: def.method.into(),
            path: def.path,
            next_path: def.paginator.and_then(|paginator| paginator.next_path()),
            query: def.query,
            headers: def.headers.to_vec(),
            body: def.body,
            base_url: None,
        },
    };
    Ok(RequestPlan {
        start: cursor.and_then(|cursor| cursor.start_option.clone()),
        end: cursor.and_then(|cursor| cursor.end_option.clone()),
        partition,
        ..request_plan(source, def, &parts, config)?
    })
}

/// What one request says.
struct Parts {
    method: Method,
    path: &'static str,
    /// The path of all pages but the first.
    next_path: Option<&'static str>,
    query: Map,
    headers: Vec<(&'static str, DefValue)>,
    body: BodyDef,
    /// The base URL, where it is not that of the stream.
    base_url: Option<&'static str>,
}

fn request_plan(source: &SourceDef, def: &StreamDef, parts: &Parts, config: &Config) -> Result<RequestPlan> {
    let base_url = parts
        .base_url
        .or(def.base_url)
        .or(source.base_url)
        .ok_or_else(|| Error::system("neither the stream nor the source has a `base_url`"))?;
    Ok(RequestPlan {
        method: parts.method.clone(),
        base_url: Template::fill_required(base_url, config, Escape::Nothing)?,
        path: Template::fill_required(parts.path, config, Escape::Path)?,
        next_path: parts.next_path.map(|path| Template::fill_required(path, config, Escape::Path)).transpose()?,
        query: entries(&with_defaults(parts.query, source.query, |a, b| a == b), config)?,
        headers: entries(&with_defaults(&parts.headers, source.headers, |a, b| a.eq_ignore_ascii_case(b)), config)?,
        body: match parts.body {
            BodyDef::Empty => BodyPlan::Empty,
            BodyDef::Json(map) => BodyPlan::Json(Node::Map(entries(map, config)?)),
            BodyDef::Form(map) => BodyPlan::Form(entries(map, config)?),
            BodyDef::Text(text) => BodyPlan::Text(Template::fill_required(text, config, Escape::Nothing)?),
            BodyDef::Xml { text, content_type } => BodyPlan::Xml {
                text: Template::fill_required(text, config, Escape::Xml)?,
                content_type: HeaderValue::from_static(content_type),
            },
            BodyDef::Graphql { query, operation_name, variables } => {
                let operation = operation_name.map(|name| ("operationName".to_owned(), Node::Literal(name.into())));
                let mut body = vec![("query".to_owned(), Node::Literal(query.into()))];
                body.extend(operation);
                body.push(("variables".to_owned(), Node::Map(entries(variables, config)?)));
                BodyPlan::Json(Node::Map(body))
            }
        },
        start: None,
        end: None,
        partition: Vec::new(),
    })
}

/// The stream's entries, and those of the source's that it has none of the same name for.
fn with_defaults(
    own: &[(&'static str, DefValue)],
    shared: Map,
    same: fn(&str, &str) -> bool,
) -> Vec<(&'static str, DefValue)> {
    let inherited = shared.iter().filter(|(name, _)| !own.iter().any(|(own, _)| same(own, name)));
    inherited.chain(own).copied().collect()
}

/// The entries whose config fields are set; an optional field that is not set leaves its entry out.
pub(super) fn entries(map: &[(&'static str, DefValue)], config: &Config) -> Result<Vec<(String, Node)>> {
    let mut nodes = Vec::with_capacity(map.len());
    for (key, value) in map {
        if let Some(node) = node(*value, config)? {
            nodes.push(((*key).to_owned(), node));
        }
    }
    Ok(nodes)
}

fn node(value: DefValue, config: &Config) -> Result<Option<Node>> {
    Ok(Some(match value {
        DefValue::Template(text) => match Template::fill(text, config, Escape::Nothing)? {
            Filled::Template(template) => Node::Template(template),
            Filled::Absent(_) => return Ok(None),
        },
        DefValue::List(items) => {
            Node::List(items.iter().filter_map(|item| node(*item, config).transpose()).collect::<Result<_>>()?)
        }
        DefValue::Joined(items, separator) => match node(*items, config)? {
            Some(items) => Node::Joined(Box::new(items), separator.to_owned()),
            None => return Ok(None),
        },
        DefValue::Map(map) => Node::Map(entries(map, config)?),
        other => Node::Literal(other.to_json()),
    }))
}

fn plan_errors(source: &SourceDef, def: &StreamDef) -> Result<ErrorPolicy> {
    let strategies = if def.backoff.is_empty() { source.backoff } else { def.backoff };
    let mut backoff = strategies.iter().map(|strategy| strategy.plan()).collect::<Result<Vec<_>>>()?;
    match backoff.is_empty() {
        true => backoff = default_backoff(),
        false => backoff.push(exponential()),
    }
    Ok(ErrorPolicy {
        handlers: def.error_handler.into_iter().chain(source.error_handler).map(|handler| handler.plan()).collect(),
        backoff,
        max_retries: def.max_retries.or(source.max_retries).unwrap_or(DEFAULT_MAX_RETRIES),
        unreachable: ErrorKind::Transient,
        wording: Wording::Own,
    })
}

/// How long to wait where nobody says so.
pub(super) fn default_backoff() -> Vec<Arc<dyn backoff::Backoff>> {
    vec![Arc::new(backoff::WaitFromHeader::retry_after()), exponential()]
}

fn exponential() -> Arc<dyn backoff::Backoff> {
    let (base, max) = (std::time::Duration::from_secs(1), std::time::Duration::from_secs(60));
    Arc::new(backoff::Exponential { base, max, jitter: None })
}

/// What a stream asks of its connections, or else the source.
fn connections(source: &SourceDef, def: &StreamDef) -> Connections {
    Connections {
        connect_timeout: def.connect_timeout.or(source.connect_timeout).map(length),
        read_timeout: def.read_timeout.or(source.read_timeout).map(length),
        request_timeout: def.request_timeout.or(source.request_timeout).map(length),
        keepalive: def.tcp_keepalive.or(source.tcp_keepalive).unwrap_or(false),
        ..Connections::default()
    }
}

/// What is done where pages cannot be read as the paginator asks for them; rules work without further settings.
fn page_policy(def: &StreamDef) -> PagePolicy {
    PagePolicy {
        reduction: Some(def.page_size_reduction.map_or_else(Default::default, |reduction| reduction.plan())),
        splitting: Some(def.request_window_splitting.map_or_else(Default::default, |splitting| splitting.plan())),
        reset: def.pagination_reset.map_or_else(Default::default, PaginationReset::plan),
    }
}

/// Refuses rules that ask for what the stream does not have.
fn require_actions(def: &'static StreamDef, retriever: &Retriever, cursor: Option<&Cursor>) -> Result<()> {
    let has = |action| def.error_handler.is_some_and(|handler| handler.has_action(action));
    let Retriever::Http(http) = retriever else { return Ok(()) };
    let needs_size = has(Action::ReducePageSize) || def.page_size_reduction.is_some();
    if needs_size && http.paginator.page_size().is_none() {
        return Err(Error::system("pages can become smaller only if requests say how large they are")
            .with_detail("`offset_increment`, `cursor_token` and `relay` do, with `page_size` and a place for it such as `page_size_param`"));
    }
    let is_time = cursor.is_some_and(|cursor| matches!(cursor.scale, Scale::Time(_)));
    if has(Action::SplitRequestWindow) && !is_time {
        return Err(Error::system("windows can be split only if the stream has a `datetime` cursor"));
    }
    Ok(())
}

fn plan_cursor(def: &CursorDef, config: &Config) -> Result<Option<Cursor>> {
    let key = def.field().key.to_owned();
    let path = JsonPath::from_segments([key.as_str()]);
    let (scale, start_option, end_option, client_side, sorted, is_catalog_defined, global_only) = match def {
        CursorDef::Integer(cursor) => {
            let scale = Scale::Count { start: cursor.start };
            (scale, cursor.start_option, None, cursor.client_side, cursor.sorted, cursor.catalog_defined, false)
        }
        CursorDef::Datetime(cursor) => {
            let scale = Scale::Time(time_scale(cursor, config)?);
            let (client_side, sorted, global) = (cursor.client_side, cursor.sorted, cursor.global);
            (scale, cursor.start_option, cursor.end_option, client_side, sorted, cursor.catalog_defined, global)
        }
        CursorDef::ContentHash(_) => return Ok(None),
    };
    Ok(Some(Cursor {
        key,
        path,
        scale,
        start_option: start_option.map(Inject::from),
        end_option: end_option.map(Inject::from),
        record_range: match (sorted, client_side) {
            (Some(Sorted::Descending), _) => RecordRange::Feed,
            (_, true) => RecordRange::Window,
            (_, false) => RecordRange::Any,
        },
        order: match sorted {
            None => Order::Unknown,
            Some(Sorted::Ascending) => Order::Ascending,
            Some(Sorted::Descending) => Order::Descending,
        },
        is_catalog_defined,
        interval_keys: ("start".to_owned(), "end".to_owned()),
        trusts_newer: false,
        compares_text: false,
        global_only,
        added_values_start_fresh: true,
    }))
}

fn time_scale(cursor: &Datetime, config: &Config) -> Result<TimeScale> {
    let now = Moment::now();
    let parse_format = |text: &str| {
        DateFormat::new(text).map_err(|problem| Error::system(format!("cursor format `{text}`: {problem}")))
    };
    let format = match (cursor.format, cursor.field.kind) {
        (Some(format), _) => parse_format(format)?,
        (None, CursorKind::Date) => parse_format("%Y-%m-%d")?,
        (None, _) => DateFormat::iso8601(),
    };
    let mut formats = cursor.formats.iter().map(|format| parse_format(format)).collect::<Result<Vec<_>>>()?;
    formats.push(format.clone());
    // Bounds come from people and other systems, who write ISO 8601 whatever the API's format is.
    let bound_formats = [formats.as_slice(), &[DateFormat::iso8601()]].concat();
    let bound = |template: Option<&str>, what: &str| -> Result<_> {
        let Some(template) = template else { return Ok(None) };
        if let Some(Relative::Before(duration)) = relative(template) {
            return Ok(duration.subtract_from(now).or(Some(now)));
        }
        let Some(text) = config.render_optional(template)? else { return Ok(None) };
        let moment = bound_formats.iter().find_map(|format| format.parse(&text));
        moment.map(Some).ok_or_else(|| {
            Error::config(format!(
                "the {what} date `{text}` cannot be understood; write it as 2024-01-31 or 2024-01-31T00:00:00Z"
            ))
        })
    };
    let within = |bound: Option<Moment>, least: Option<Moment>, most: Option<Moment>| {
        let bound = least.map_or(bound, |least| bound.map(|bound| bound.max(least)));
        most.map_or(bound, |most| bound.map(|bound| bound.min(most)))
    };
    let limits = &cursor.limits;
    let start =
        within(bound(cursor.start, "start")?, bound(limits.start_min, "earliest")?, bound(limits.start_max, "latest")?);
    let latest_end = bound(limits.end_max, "latest")?;
    let end = bound(cursor.end, "end")?.or_else(|| latest_end.map(|latest| now.min(latest)));
    let end = within(end, bound(limits.end_min, "earliest")?, latest_end);
    let granularity = cursor.granularity.unwrap_or_else(|| default_granularity(cursor, &format));
    Ok(TimeScale {
        start,
        end,
        step: cursor.step,
        tolerance: granularity.approximate_nanos(),
        granularity,
        rereads_end: true,
        clamping: cursor.clamping.map(|unit| match unit {
            Unit::Day => Clamping::Day,
            Unit::Week => Clamping::Week(cursor.week_start.map_or(0, |day| day.0)),
            Unit::Month => Clamping::Month,
            Unit::Year => Clamping::Year,
        }),
        lookback: cursor.lookback,
        sortable: cursor.format.is_none() && cursor.formats.is_empty(),
        formats,
        format,
    })
}

/// The smallest difference between two values of the format. ISO 8601 has none: its windows share their bounds, so a
/// record on a bound may come twice, and none is lost between two windows however fine the API's clock is.
fn default_granularity(cursor: &Datetime, compiled: &DateFormat) -> Duration {
    let (seconds, millisecond) = (Duration::from_seconds, Duration::parse("PT0.001S"));
    match (cursor.format, cursor.field.kind) {
        (None, CursorKind::Date) => seconds(86_400),
        (None, _) => seconds(0),
        (Some("%ms"), _) => millisecond.unwrap_or(seconds(0)),
        (Some("%epoch_microseconds" | "%s_as_float"), _) => seconds(0),
        (Some(format), _) if format.contains("%f") || format.contains("%_ms") => seconds(0),
        (Some(format), _) if matches!(check_format(format), Ok(FormatKind::DateOnly)) => unit(compiled),
        (Some(_), _) => seconds(1),
    }
}

/// What a format of dates tells apart: days, or else months, or years alone.
fn unit(format: &DateFormat) -> Duration {
    let written = |date: &str| DateFormat::iso8601().parse(date).map(|moment| format.format(moment));
    let tells_apart = |date: &str| written("2001-02-03") != written(date);
    let unit = match (tells_apart("2001-02-10"), tells_apart("2001-03-03")) {
        (true, _) => "P1D",
        (false, true) => "P1M",
        (false, false) => "P1Y",
    };
    Duration::parse(unit).unwrap_or(Duration::from_seconds(86_400))
}
