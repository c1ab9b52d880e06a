//! A whole manifest and a configuration become a plan.

use std::sync::Arc;

use serde_json::{Map, Value};

use airbyte_manifest::Manifest;
use airbyte_manifest::model::{Check, CheckStream, ConcurrencyLevel, DeclarativeStream, IntOrText, StreamDefinition};

use super::lowering::{Lowering, parameters};
use super::registry::Registry;
use super::stream::Streams;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::HttpClient;
use crate::jinja::{Environment, Scope};
use crate::output::Output;
use crate::plan::auth::oauth::ConfigStore;
use crate::plan::{Conduct, HttpRetriever, Plan, StreamPlan};
use crate::run::Purpose;
use crate::time::Moment;

/// Requests in flight at one time, where the manifest does not say so.
const DEFAULT_CONCURRENCY: usize = 10;

/// What a plan is made of.
pub(super) struct Making<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) config: &'a Value,
    pub(super) client: &'a HttpClient,
    pub(super) output: &'a Output,
    pub(super) registry: &'a Registry,
    pub(super) purpose: Purpose<'a>,
}

/// The plan of a manifest.
///
/// # Errors
/// A stream that cannot be lowered. One that only lacks a class is left out, if another is left.
pub(super) async fn plan(making: &Making<'_>) -> Result<Plan> {
    let Making { manifest, config, client, output, registry, purpose } = making;
    let lowering = Lowering {
        environment: Environment::new(config),
        config,
        client: HttpClient::clone(client),
        output: Output::clone(output),
        redactor: output.redactor().clone(),
        registry,
        now: Moment::now(),
        store: Arc::new(ConfigStore::new(config.as_object().cloned().unwrap_or_default(), Some(Output::clone(output)))),
        refresh_turn: Arc::default(),
    };
    let definitions = super::dynamic::streams(&lowering, manifest, *purpose).await?;
    let listed: Vec<&DeclarativeStream> = definitions.iter().collect();
    let check = match purpose {
        Purpose::Check => checked(&manifest.source.check, &listed)?,
        Purpose::Discover | Purpose::Read(..) => Vec::new(),
    };
    let wanted = match purpose {
        // Another stream's mistake does not keep the connection from working.
        Purpose::Check => check.clone(),
        Purpose::Discover | Purpose::Read(..) => (0..listed.len()).collect(),
    };
    let mut streams = Streams::new(listed);
    let mut left_out = None;
    let mut lowered = 0;
    for number in wanted {
        match streams.lower(&lowering, number) {
            Ok(()) => lowered += 1,
            Err(error) if error.is_unregistered() && !matches!(purpose, Purpose::Check) => {
                tracing::warn!("{}; the stream is left out", error.message());
                left_out.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    match left_out {
        Some(error) if lowered == 0 => return Err(error),
        _ => {}
    }
    let streams = streams.finish();
    Ok(Plan {
        streams: streams.into_iter().map(|stream| Arc::new(stream.unwrap_or_else(absent))).collect(),
        check,
        concurrency: concurrency(&lowering, manifest.source.concurrency_level.as_ref())?,
        config: Arc::new(Config::document(Value::clone(config), output.redactor().clone())),
    })
}

/// Holds the place of a stream that is not part of this plan, so that the numbers of the others stay.
fn absent() -> StreamPlan {
    use crate::plan::{PartitionPlan, RecordSelector, Retriever, SchemaPlan, paginator};
    struct Nothing;
    impl crate::plan::request::Requester for Nothing {
        fn home(&self, _: &crate::plan::Slice) -> Result<url::Url> {
            Err(Error::system("the stream is not part of this plan"))
        }
        fn draft(
            &self,
            slice: &crate::plan::Slice,
            _: Option<&crate::plan::PageToken>,
        ) -> Result<crate::plan::RequestDraft> {
            self.home(slice).and(Err(Error::system("the stream is not part of this plan")))
        }
    }
    StreamPlan {
        name: String::new(),
        namespace: None,
        hidden: true,
        schema: SchemaPlan::Document(Arc::new(Value::Object(Map::new()))),
        primary_key: Vec::new(),
        cursor: None,
        partitions: PartitionPlan::Whole,
        retriever: Retriever::Http(Box::new(HttpRetriever {
            requester: Box::new(Nothing),
            auth: Arc::new(crate::plan::auth::NoAuth),
            paginator: Arc::new(paginator::NoPagination),
            records: RecordSelector { path: None, parsed: None },
            errors: crate::plan::ErrorPolicy {
                handlers: Vec::new(),
                backoff: Vec::new(),
                max_retries: 0,
                unreachable: crate::error::ErrorKind::Transient,
            },
            allow_hosts: Vec::new(),
        })),
        hooks: crate::plan::Hooks::default(),
        conduct: Conduct::MANIFEST,
    }
}

/// The numbers of the streams that a check reads.
fn checked(check: &Check, listed: &[&DeclarativeStream]) -> Result<Vec<usize>> {
    match check {
        Check::CheckStream(CheckStream { stream_names, .. }) => stream_names
            .iter()
            .map(|name| {
                listed.iter().rposition(|stream| stream.name.text == name.text).ok_or_else(|| {
                    let names: Vec<&str> = listed.iter().map(|stream| stream.name.text.as_str()).collect();
                    Error::system(format!(
                        "`check` names the stream `{}`, but the manifest has {}",
                        name.text,
                        names.join(", ")
                    ))
                })
            })
            .collect(),
        Check::CheckDynamicStream(check) => {
            if !check.use_check_availability {
                return Ok(Vec::new());
            }
            let count = usize::try_from(check.stream_count).unwrap_or(0);
            Ok((0..listed.len().min(count)).collect())
        }
    }
}

fn concurrency(lowering: &Lowering<'_>, level: Option<&ConcurrencyLevel>) -> Result<usize> {
    let Some(level) = level else { return Ok(DEFAULT_CONCURRENCY) };
    if let (IntOrText::Text(text), None) = (&level.default_concurrency, level.max_concurrency)
        && text.text.contains("config")
    {
        return Err(Error::system("a `default_concurrency` from the configuration needs a `max_concurrency`"));
    }
    let wanted = lowering.int(&level.default_concurrency, &parameters(&level.parameters), "`default_concurrency`")?;
    let wanted = level.max_concurrency.map_or(wanted, |max| wanted.min(max));
    Ok(usize::try_from(wanted).unwrap_or(1).max(1))
}

/// Whether a condition on the configuration holds.
pub(super) fn holds(lowering: &Lowering<'_>, condition: &airbyte_manifest::model::Text) -> Result<bool> {
    lowering.template(condition, &Arc::default())?.condition(&Scope::new())
}

/// The static streams of a manifest in order.
pub(super) fn is_conditional(definition: &StreamDefinition) -> bool {
    matches!(definition, StreamDefinition::ConditionalStreams(_))
}
