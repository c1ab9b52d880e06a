//! The properties that a struct's stream asks for by name.

use std::sync::Arc;

use http::Method;

use super::{entries, plan_errors, with_defaults};
use crate::config::Config;
use crate::define::properties::{Limit, Properties, Source};
use crate::define::source::SourceDef;
use crate::define::stream::StreamDef;
use crate::error::{Error, Result};
use crate::json::JsonPath;
use crate::plan::budget::Budget;
use crate::plan::pages::PagePolicy;
use crate::plan::paginator::NoPagination;
use crate::plan::properties::{Chunking, PropertyLimit, PropertyList, QueryProperties, SelectProperties};
use crate::plan::request::{BodyPlan, RequestPlan};
use crate::plan::template::Template;
use crate::plan::{
    Authenticator, Conduct, Hooks, HttpRetriever, Map, PartitionPlan, RecordSelector, Retriever, SchemaPlan,
    StreamPlan, Truth, Value,
};

/// The names of the configured schema.
struct Selected;

impl SelectProperties for Selected {
    fn select(&self, properties: Map<String, Value>) -> Result<Vec<String>> {
        Ok(properties.into_iter().map(|(name, _)| name).collect())
    }
}

pub(super) fn plan(
    def: &Properties,
    source: &SourceDef,
    stream: &'static StreamDef,
    auth: &Arc<dyn Authenticator>,
    budget: Option<&Arc<Budget>>,
    config: &Config,
) -> Result<QueryProperties> {
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let merge_by = match def.merge_by {
        Some(key) => vec![key.to_owned()],
        None => def.primary_key.iter().filter_map(|path| path.first()).map(|key| (*key).to_owned()).collect(),
    };
    let mut always = texts(def.always_include);
    if def.limit.is_some() || def.selected {
        // Without its key no part of a record could be put together with the others.
        let missing: Vec<_> = merge_by.iter().filter(|key| !always.contains(key)).cloned().collect();
        always.splice(0..0, missing);
    }
    let rest = |names: Vec<String>| names.into_iter().filter(|name| !always.contains(name)).collect();
    Ok(QueryProperties {
        list: match def.source {
            Source::Columns(fields) => {
                let keys = fields.iter().map(|field| field.key).filter(|key| !def.except.contains(key));
                PropertyList::Known(rest(keys.map(str::to_owned).collect()))
            }
            Source::Names(names) => PropertyList::Known(rest(texts(names))),
            Source::Endpoint { path, records, name } => PropertyList::Listed {
                stream: Arc::new(listing(path, records, source, stream, auth, budget, config)?),
                name: JsonPath::parse(name),
                except: [texts(def.except), always.clone()].concat(),
            },
        },
        chunking: def.limit.map(|limit| Chunking {
            limit: Some(match limit {
                Limit::Count(most) => PropertyLimit::Count(most.into()),
                Limit::Characters(most) => PropertyLimit::Characters(most.into()),
            }),
            merge_by,
            merges_any_scalar: true,
        }),
        always,
        selector: if def.selected { Some(Arc::new(Selected)) } else { None },
        place: def.place.map(Into::into),
        separator: def.separator.to_owned(),
    })
}

/// The stream whose records describe the properties.
fn listing(
    path: &str,
    records: &str,
    source: &SourceDef,
    stream: &'static StreamDef,
    auth: &Arc<dyn Authenticator>,
    budget: Option<&Arc<Budget>>,
    config: &Config,
) -> Result<StreamPlan> {
    let base_url = stream.base_url.or(source.base_url);
    let base_url = base_url.ok_or_else(|| Error::system("neither the stream nor the source has a `base_url`"))?;
    let headers = with_defaults(stream.headers, source.headers, |a, b| a.eq_ignore_ascii_case(b));
    let request = RequestPlan {
        method: Method::GET,
        base_url: Template::fill_required(base_url, config, false)?,
        path: Template::fill_required(path, config, true)?,
        next_path: None,
        query: entries(source.query, config)?,
        headers: entries(&headers, config)?,
        body: BodyPlan::Empty,
        start: None,
        end: None,
        partition: Vec::new(),
    };
    let retriever = HttpRetriever {
        requester: Box::new(request),
        auth: Arc::clone(auth),
        paginator: Arc::new(NoPagination),
        pages: PagePolicy::default(),
        first_page: None,
        partial_errors: None,
        records: RecordSelector { path: Some(JsonPath::parse(records)), parsed: None, decoder: None },
        properties: None,
        errors: plan_errors(source, stream),
        budget: budget.cloned(),
        cookies: None,
        allow_hosts: Vec::new(),
    };
    Ok(StreamPlan {
        name: format!("{}: properties", stream.name),
        namespace: None,
        hidden: true,
        schema: SchemaPlan::Type(stream.schema),
        truth: Truth::default(),
        primary_key: Vec::new(),
        cursor: None,
        partitions: PartitionPlan::Whole,
        retriever: Retriever::Http(Box::new(retriever)),
        hooks: Hooks::default(),
        conduct: Conduct::STRUCTS,
        unsound: None,
        is_file_based: false,
        forgets_state: false,
        group: None,
        after: Vec::new(),
        migrate_state: None,
        memory: None,
    })
}
