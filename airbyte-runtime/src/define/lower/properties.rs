//! The properties that a struct's stream asks for by name.

use std::sync::Arc;

use http::Method;

use super::{Parts, connections, plan_errors, request_plan};
use crate::config::Config;
use crate::define::properties::{Limit, Properties, Source};
use crate::define::source::SourceDef;
use crate::define::stream::{BodyDef, StreamDef};
use crate::error::Result;
use crate::json::JsonPath;
use crate::plan::budget::Budget;
use crate::plan::properties::{Chunking, PropertyLimit, PropertyList, QueryProperties, SelectProperties};
use crate::plan::{
    Authenticator, Conduct, HttpRetriever, Map, RecordSelector, Retriever, SchemaPlan, StreamPlan, Value,
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
pub(super) fn listing(
    path: &'static str,
    records: &str,
    source: &SourceDef,
    stream: &'static StreamDef,
    auth: &Arc<dyn Authenticator>,
    budget: Option<&Arc<Budget>>,
    config: &Config,
) -> Result<StreamPlan> {
    let get = Parts {
        method: Method::GET,
        path,
        next_path: None,
        query: &[],
        headers: stream.headers.to_vec(),
        body: BodyDef::Empty,
        base_url: None,
    };
    let request = request_plan(source, stream, &get, config)?;
    let retriever = HttpRetriever {
        records: RecordSelector { path: Some(JsonPath::parse(records)), parsed: None, decoder: None },
        budget: budget.cloned(),
        connections: connections(source, stream),
        ..HttpRetriever::new(Box::new(request), Arc::clone(auth), plan_errors(source, stream)?)
    };
    let (name, schema) = (format!("{}: properties", stream.name), SchemaPlan::Type(stream.schema));
    let retriever = Retriever::Http(Box::new(retriever));
    Ok(StreamPlan { hidden: true, ..StreamPlan::new(name, schema, retriever, Conduct::STRUCTS) })
}
