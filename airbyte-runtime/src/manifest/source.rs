//! A whole manifest and a configuration become a plan.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use airbyte_manifest::Manifest;
use airbyte_manifest::model::{
    Check, CheckStream, ComponentsResolver, ConcurrencyLevel, DeclarativeStream, DynamicDeclarativeStream, IntOrText,
    StateDelegatingStream, StreamDefinition, StreamGroup, Text,
};

use super::dynamic::{Component, Included, choose, components_of_config, components_of_list, expand, included};
use super::lowering::Lowering;
use super::registry::{Registry, is_left_out, located};
use super::stream::Streams;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::http::HttpClient;
use crate::jinja::{self, Environment, Parameters, Scope};
use crate::output::Output;
use crate::plan::auth::oauth::ConfigStore;
use crate::plan::{Concurrency, Plan, StreamPlan};
use crate::python::PyValue;
use crate::run::Purpose;
use crate::time::Moment;

/// What a plan is made of.
pub(super) struct Making<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) config: &'a Value,
    pub(super) client: &'a HttpClient,
    pub(super) output: &'a Output,
    pub(super) registry: &'a Registry,
    pub(super) directory: Option<&'a Path>,
    pub(super) purpose: Purpose<'a>,
}

/// What a manifest adds to a plan.
pub(super) struct Lowered {
    /// Parents are numbered as in this list.
    pub(super) streams: Vec<StreamPlan>,
    /// The streams that a check reads, numbered as in this list.
    pub(super) check: Vec<usize>,
    /// The most requests in flight at one time.
    pub(super) concurrency: Concurrency,
    /// Streams that cannot run here, each with the reason.
    pub(super) left_out: Vec<(String, Error)>,
}

impl Lowered {
    /// The plan of a manifest that is all of a connector.
    pub(super) fn into_plan(self, config: Config) -> Plan {
        Plan {
            streams: self.streams.into_iter().map(Arc::new).collect(),
            check: self.check,
            concurrency: self.concurrency,
            config: Arc::new(config),
            left_out: self.left_out,
        }
    }
}

/// Lowers a manifest.
///
/// # Errors
/// A stream that cannot be lowered. One that only lacks a class is left out, if another is left.
pub(super) async fn lower(making: &Making<'_>) -> Result<Lowered> {
    let lowered = lowered(making).await;
    let is_dynamic = matches!(making.manifest.source.check, Check::CheckDynamicStream(_));
    lowered.map_err(|error| match error.kind() {
        // As the Python CDK has it: a check of named streams answers with what keeps them from being made, one of
        // whatever streams there are needs them to be made.
        ErrorKind::System if is_dynamic && !is_left_out(&error) => error.unanswerable(),
        _ => error,
    })
}

async fn lowered(making: &Making<'_>) -> Result<Lowered> {
    let (config, output) = (making.config, making.output);
    let environment = Environment::new(config);
    let job_limit = job_limit(making.manifest.source.max_concurrent_async_job_count.as_ref(), &environment);
    let mut lowering = Lowering {
        file: &making.manifest.report.file,
        environment,
        config,
        client: making.client.clone(),
        output: output.clone(),
        redactor: output.redactor().clone(),
        registry: making.registry,
        directory: making.directory,
        allowed_hosts: allowed_hosts(),
        now: Moment::now(),
        deferred: RefCell::default(),
        endpoints: RefCell::default(),
        store: Arc::new(ConfigStore::new(config.as_object().cloned().unwrap_or_default(), Some(output.clone()))),
        rotating: RefCell::default(),
        jobs: (Arc::new(Semaphore::new(job_limit)), job_limit),
        groups: groups(&making.manifest.source.stream_groups),
        budget: None,
    };
    let source = &making.manifest.source;
    let concurrency = concurrency(&lowering, source.concurrency_level.as_ref());
    let concurrency = concurrency.map_err(|error| error.unmade().unanswerable())?;
    lowering.budget = source.api_budget.as_ref().map(|budget| lowering.api_budget(budget)).transpose()?;
    let dynamic = match (&making.purpose, &source.check) {
        // A check that names no dynamic stream does not ask the API for them.
        (Purpose::Check, Check::CheckStream(check)) if check.dynamic_streams_check_configs.is_empty() => Vec::new(),
        _ => dynamic_streams(&lowering, &source.dynamic_streams).await?,
    };
    let listed = listed(&lowering, &source.streams, &dynamic, making.purpose)?;
    let check = match making.purpose {
        Purpose::Check => checked(&source.check, config, &listed, &source.dynamic_streams, &dynamic)?,
        Purpose::Discover | Purpose::Read(..) => Vec::new(),
    };
    let wanted = match making.purpose {
        // Another stream's mistake does not keep the connection from working.
        Purpose::Check => check.clone(),
        Purpose::Discover | Purpose::Read(..) => (0..listed.len()).collect(),
    };
    let mut streams = Streams::new(listed.iter().map(|listed| listed.stream).collect());
    let mut left_out = Vec::new();
    for number in wanted {
        match streams.lower(&lowering, number) {
            Ok(()) => {}
            Err(error) if is_left_out(&error) && !matches!(making.purpose, Purpose::Check) => {
                tracing::warn!("{}; the stream is left out", error.message());
                let name = listed.get(number).map_or("", |listed| listed.stream.name.text.as_str());
                left_out.push((name.to_owned(), error));
            }
            Err(error) => return Err(error),
        }
    }
    if left_out.len() == listed.len()
        && let Some((_, error)) = left_out.pop()
    {
        return Err(error);
    }
    let forgetful: Vec<usize> =
        listed.iter().enumerate().filter(|(_, listed)| listed.forgets_state).map(|(number, _)| number).collect();
    let (streams, check) = streams.finish_with(check, &forgetful);
    require_parents_elsewhere(&streams)?;
    Ok(Lowered { streams, check, concurrency, left_out })
}

/// The most jobs that may run at one time; one, where the manifest says nothing, or nothing that makes sense.
fn job_limit(count: Option<&IntOrText>, environment: &Arc<Environment>) -> usize {
    let given = match count {
        None => return 1,
        Some(IntOrText::Int(count, _)) => Some(*count),
        Some(IntOrText::Text(text)) => {
            let value = jinja::Template::lazy(environment, &text.text, &Parameters::default()).eval(&Scope::new());
            value.ok().and_then(|value| value.to_text().trim().parse().ok())
        }
    };
    let limit = given.and_then(|count: i64| usize::try_from(count).ok()).filter(|count| *count > 0);
    if limit.is_none() {
        tracing::warn!(
            "`max_concurrent_async_job_count` is not a whole number of at least 1, so one job runs at a time"
        );
    }
    limit.unwrap_or(1).min(Semaphore::MAX_PERMITS)
}

/// The group of each stream; one that is in several has the last one.
fn groups(groups: &[(String, StreamGroup)]) -> HashMap<String, String> {
    let members = groups.iter().flat_map(|(group, members)| members.streams.iter().map(move |stream| (group, stream)));
    members.map(|(group, stream)| (stream.name.text.clone(), group.clone())).collect()
}

/// A stream with a cursor for each partition is read while its parents are, so it cannot have their group. The Python
/// CDK sees no other children.
fn require_parents_elsewhere(streams: &[StreamPlan]) -> Result<()> {
    for stream in streams {
        let Some(group) = &stream.group else { continue };
        if let Some(ancestor) = ancestors(stream, streams).find(|ancestor| ancestor.group.as_ref() == Some(group)) {
            return Err(Error::system(format!(
                "the streams `{}` and `{}` are in one group, `{group}`, and one is a parent of the other: it is read while its parent is; take one of them out of the group",
                stream.name, ancestor.name
            )));
        }
    }
    Ok(())
}

fn ancestors<'p>(stream: &'p StreamPlan, streams: &'p [StreamPlan]) -> Box<dyn Iterator<Item = &'p StreamPlan> + 'p> {
    let has_cursors = stream.cursor.is_some() && stream.is_partitioned();
    let parents = stream.partitions.parents().into_iter().filter(move |_| has_cursors);
    let parents = parents.filter_map(|parent| streams.get(parent.stream));
    Box::new(parents.flat_map(|parent| std::iter::once(parent).chain(ancestors(parent, streams))))
}

/// The hosts of the environment's `AIRBYTE_ALLOWED_HOSTS`, divided by commas: a manifest has no key for them.
fn allowed_hosts() -> Vec<String> {
    let hosts = std::env::var("AIRBYTE_ALLOWED_HOSTS").unwrap_or_default();
    hosts.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty()).collect()
}

/// A stream of the catalog.
struct Listed<'m> {
    stream: &'m DeclarativeStream,
    /// Whether its state is too old to go on from.
    forgets_state: bool,
}

/// The streams of templates, template by template.
async fn dynamic_streams(
    lowering: &Lowering<'_>,
    definitions: &[DynamicDeclarativeStream],
) -> Result<Vec<Vec<StreamDefinition>>> {
    let mut streams = Vec::with_capacity(definitions.len());
    let mut names = HashSet::new();
    for definition in definitions {
        let made = streams_of(lowering, definition, &mut names).await;
        let made = made.map_err(|error| located(error, lowering.file));
        match made {
            Err(error) if is_left_out(&error) => {
                tracing::warn!("{}; the streams of this template are left out", error.message());
                streams.push(Vec::new());
            }
            made => streams.push(made?),
        }
    }
    Ok(streams)
}

/// The streams of one template.
async fn streams_of(
    lowering: &Lowering<'_>,
    definition: &DynamicDeclarativeStream,
    names: &mut HashSet<String>,
) -> Result<Vec<StreamDefinition>> {
    let components = match &definition.components_resolver {
        ComponentsResolver::ConfigComponentsResolver(resolver) => {
            components_of_config(resolver, &lowering.environment, lowering.config)?
        }
        ComponentsResolver::ParametrizedComponentsResolver(resolver) => components_of_list(resolver),
        ComponentsResolver::HttpComponentsResolver(resolver) => {
            let retriever = lowering.lone_retriever(&resolver.retriever, &definition.name.text)?;
            let records = retriever.read(None).await?;
            let component = |(value, keys): (Value, Map<String, Value>)| Component {
                value,
                slice: Some(jinja::stream_slice(&keys, &Map::new(), &Map::new())),
            };
            records.into_iter().map(component).collect()
        }
    };
    expand(definition, &components, &lowering.environment, names)
}

/// The streams that a catalog lists: those of the manifest, then those of its templates.
fn listed<'m>(
    lowering: &Lowering<'_>,
    streams: &'m [StreamDefinition],
    dynamic: &'m [Vec<StreamDefinition>],
    purpose: Purpose<'_>,
) -> Result<Vec<Listed<'m>>> {
    let mut listed = Vec::new();
    for definitions in std::iter::once(streams).chain(dynamic.iter().map(Vec::as_slice)) {
        for stream in included(definitions, &lowering.environment)? {
            listed.push(match stream {
                Included::Declarative(stream) => Listed { stream, forgets_state: false },
                Included::StateDelegating(stream) => delegated(lowering, stream, purpose)?,
            });
        }
    }
    Ok(listed)
}

fn delegated<'m>(
    lowering: &Lowering<'_>,
    definition: &'m StateDelegatingStream,
    purpose: Purpose<'_>,
) -> Result<Listed<'m>> {
    let state = match purpose {
        Purpose::Read(state) => state.get(&definition.name.text, None),
        Purpose::Check | Purpose::Discover => None,
    };
    let chosen = choose(definition, state, Some(lowering.now), &lowering.environment)?;
    Ok(Listed { stream: chosen.stream, forgets_state: chosen.clear_state })
}

/// The numbers of the streams that a check reads.
fn checked(
    check: &Check,
    config: &Value,
    listed: &[Listed<'_>],
    definitions: &[DynamicDeclarativeStream],
    dynamic: &[Vec<StreamDefinition>],
) -> Result<Vec<usize>> {
    match check {
        Check::CheckDynamicStream(check) => {
            if listed.is_empty() {
                return Err(Error::config("there is no stream to check: with this configuration the source has none"));
            }
            if !check.use_check_availability {
                return Ok(Vec::new());
            }
            let count = usize::try_from(check.stream_count).unwrap_or(0);
            Ok((0..listed.len().min(count)).collect())
        }
        Check::CheckStream(CheckStream { stream_names, dynamic_streams_check_configs, .. }) => {
            let find = |name: &str| {
                listed.iter().rposition(|listed| listed.stream.name.text == name).ok_or_else(|| {
                    let names: Vec<&str> = listed.iter().map(|listed| listed.stream.name.text.as_str()).collect();
                    let names = names.join(", ");
                    Error::system(format!("`check` names the stream `{name}`, but the manifest has {names}"))
                        .unanswerable()
                })
            };
            let own = stream_names.iter().map(|name| name.text.as_str());
            let names = configured_check(config)?.unwrap_or_else(|| own.collect());
            let mut numbers: Vec<usize> = names.into_iter().map(find).collect::<Result<_>>()?;
            for config in dynamic_streams_check_configs {
                let name = &config.dynamic_stream_name.text;
                let at = definitions.iter().enumerate().position(|(number, definition)| {
                    let own = &definition.name.text;
                    own == name || (own.is_empty() && *name == format!("dynamic_stream_{number}"))
                });
                let streams = at.and_then(|at| dynamic.get(at)).ok_or_else(|| {
                    Error::system(format!(
                        "`check` names the dynamic stream `{name}`, which the manifest does not have"
                    ))
                })?;
                let count = config.stream_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
                for stream in streams.iter().take(count) {
                    numbers.push(find(name_of(stream))?);
                }
            }
            Ok(numbers)
        }
    }
}

/// The key with which the platform, or a test, has a check try other streams than the manifest names.
const CHECK_STREAM_NAMES: &str = "__airbyte_check_stream_names";

/// The streams that the configuration has a check try; `None` if it leaves that to the manifest.
///
/// # Errors
/// Something else than a list of text.
fn configured_check(config: &Value) -> Result<Option<Vec<&str>>> {
    let names = match config.get(CHECK_STREAM_NAMES) {
        None => return Ok(None),
        Some(Value::Array(names)) => names.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        Some(_) => None,
    };
    let names = names.ok_or_else(|| {
        Error::system(format!("`{CHECK_STREAM_NAMES}` in the configuration must be a list of names of streams"))
            .unanswerable()
    })?;
    Ok((!names.is_empty()).then_some(names))
}

fn name_of(stream: &StreamDefinition) -> &str {
    match stream {
        StreamDefinition::DeclarativeStream(stream) => &stream.name.text,
        StreamDefinition::StateDelegatingStream(stream) => &stream.name.text,
        StreamDefinition::ConditionalStreams(_) => "",
    }
}

/// What the user names is a bound. What the manifest names is a beginning, since it was chosen for Python's threads, and
/// may grow up to `max_concurrency`; but one request at a time is meant.
fn concurrency(lowering: &Lowering<'_>, level: Option<&ConcurrencyLevel>) -> Result<Concurrency> {
    let Some(level) = level else { return Ok(Concurrency::DEFAULT) };
    // As the Python CDK has it: 0 is no limit, and a number that stands in the manifest has none.
    let max = level.max_concurrency.filter(|max| *max != 0);
    let (wanted, is_users) = match &level.default_concurrency {
        IntOrText::Int(wanted, _) => (*wanted, false),
        IntOrText::Text(text) if max.is_none() && text.text.contains("config") => {
            return Err(Error::system("a `default_concurrency` from the configuration needs a `max_concurrency`"));
        }
        IntOrText::Text(text) => {
            let wanted = match lowering.value(text, &Parameters::default())? {
                PyValue::Int(wanted) => i64::try_from(wanted).ok(),
                PyValue::Bool(wanted) => Some(i64::from(wanted)),
                _ => None,
            };
            let wanted = wanted.ok_or_else(|| {
                Error::system(format!("`default_concurrency` `{}` does not give a whole number", text.text))
            })?;
            (max.map_or(wanted, |max| wanted.min(max)), is_configured(lowering, text))
        }
    };
    let start = usize::try_from(wanted).ok().filter(|wanted| *wanted > 0).ok_or_else(|| {
        Error::system(format!("`concurrency_level` gives {wanted} requests at one time; there has to be one at least"))
    })?;
    if is_users || start == 1 {
        return Ok(Concurrency::of(start));
    }
    let most = max.and_then(|max| usize::try_from(max).ok()).unwrap_or(Concurrency::DEFAULT.most);
    Ok(Concurrency { start, most: most.max(start) })
}

/// Whether the configuration has something of what a template reads in it.
fn is_configured(lowering: &Lowering<'_>, text: &Text) -> bool {
    let template = lowering.template(text, &Parameters::default());
    let has = |path: Vec<String>| {
        let found = path.iter().try_fold(lowering.config, |value, key| value.get(key));
        found.is_some_and(|value| !value.is_null())
    };
    // What uses all of the configuration uses what the user has written.
    template.paths_of("config").is_none_or(|paths| paths.into_iter().any(has))
}

/// The plans without gaps, and what refers to them by number.
impl Streams<'_> {
    fn finish_with(self, check: Vec<usize>, forgetful: &[usize]) -> (Vec<StreamPlan>, Vec<usize>) {
        let plans = self.into_plans();
        let mut numbers = Vec::with_capacity(plans.len());
        let mut kept = Vec::with_capacity(plans.len());
        for (old, plan) in plans.into_iter().enumerate() {
            numbers.push(kept.len());
            if let Some(mut plan) = plan {
                plan.forgets_state = forgetful.contains(&old);
                kept.push(plan);
            }
        }
        let number = |old: usize| numbers.get(old).copied().unwrap_or(usize::MAX);
        for plan in &mut kept {
            plan.partitions.renumber(&number);
        }
        (kept, check.into_iter().map(number).collect())
    }
}
