//! The properties that a requester asks for by name.

use std::sync::Arc;

use airbyte_manifest::model::{
    HttpRequester, PropertiesFromEndpoint, PropertyChunking, PropertyLimitType, PropertyList as PropertyListModel,
    PropertyRetriever, QueryProperties as QueryPropertiesModel, Retriever as RetrieverModel, parse_query_properties,
};
use airbyte_manifest::{Kind, Node};
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::lone::LoneRetriever;
use super::lowering::Lowering;
use super::stream::identity;
use crate::error::{Error, Result};
use crate::jinja;
use crate::plan::LocalBoxFuture;
use crate::plan::dpath::Dpath;
use crate::plan::properties::{
    Chunking, LoadProperties, PropertyLimit, PropertyList, QueryProperties, SelectProperties,
};
use crate::plan::request::Inject;
use crate::plan::transform::{TransformScope, Transformation};
use crate::python::PyValue;

/// Names that the records of a retriever hold; asked for once.
struct Endpoint {
    retriever: LoneRetriever,
    path: Dpath,
    names: OnceCell<Vec<String>>,
}

/// The names of the configured schema, as the API has them.
struct ConfiguredNames {
    transformations: Vec<Box<dyn Transformation>>,
}

/// Whether an entry of `request_parameters` is a `QueryProperties`.
pub(super) fn is_query_properties(node: &Node) -> bool {
    matches!(&node.kind, Kind::Map(map) if map.get("type").and_then(Node::as_str) == Some("QueryProperties"))
}

impl Lowering<'_> {
    /// The properties that a requester asks for, wherever it says so.
    ///
    /// # Errors
    /// More than one list of properties, and components that cannot be lowered.
    pub(super) fn properties(&self, model: &HttpRequester) -> Result<Option<Arc<QueryProperties>>> {
        let parameters = model.request_parameters.as_ref().and_then(Node::as_map).into_iter().flatten();
        let mut named = parameters.filter(|entry| is_query_properties(&entry.value));
        let properties = match (named.next(), &model.fetch_properties_from_endpoint, &model.query_properties) {
            (None, None, None) => return Ok(None),
            (Some(_), Some(_), _) => {
                return Err(Error::system(
                    "properties are asked for in `request_parameters` and in `fetch_properties_from_endpoint`; keep one of the two",
                ));
            }
            (Some(entry), None, _) => {
                if named.next().is_some() {
                    return Err(Error::system(
                        "`request_parameters` has more than one QueryProperties; keep one of them",
                    ));
                }
                let parsed = parse_query_properties(&entry.value);
                let model = parsed.map_err(|findings| {
                    let problem = findings.first().map_or_else(String::new, |finding| finding.message.clone());
                    Error::system(format!("these QueryProperties cannot be read: {problem}"))
                })?;
                self.query_properties(&model, Some(Inject::Param(entry.key.clone())))?
            }
            (None, Some(endpoint), _) => QueryProperties {
                list: self.endpoint(endpoint)?,
                always: Vec::new(),
                chunking: None,
                selector: None,
                place: None,
                separator: SEPARATOR.to_owned(),
            },
            (None, None, Some(model)) => self.query_properties(model, None)?,
        };
        Ok(Some(Arc::new(properties)))
    }

    fn query_properties(&self, model: &QueryPropertiesModel, place: Option<Inject>) -> Result<QueryProperties> {
        let selector: Option<Arc<dyn SelectProperties>> = match &model.property_selector {
            None => None,
            Some(selector) => {
                let transformations = selector.transformations.iter().map(|model| self.transformation(model));
                Some(Arc::new(ConfiguredNames { transformations: transformations.collect::<Result<_>>()? }))
            }
        };
        Ok(QueryProperties {
            list: match &model.property_list {
                PropertyListModel::Names(names) => {
                    PropertyList::Known(names.iter().map(|name| name.text.clone()).collect())
                }
                PropertyListModel::Endpoint(endpoint) => self.endpoint(endpoint)?,
            },
            always: model.always_include_properties.iter().map(|name| name.text.clone()).collect(),
            chunking: model.property_chunking.as_ref().map(chunking),
            selector,
            place,
            separator: SEPARATOR.to_owned(),
        })
    }

    fn endpoint(&self, model: &PropertiesFromEndpoint) -> Result<PropertyList> {
        let identity = identity(&model.node);
        if let Some(endpoint) = self.endpoints.borrow().get(&identity) {
            return Ok(PropertyList::Asked(Arc::clone(endpoint)));
        }
        let retriever = match &model.retriever {
            PropertyRetriever::SimpleRetriever(simple) => RetrieverModel::SimpleRetriever(simple.clone()),
            PropertyRetriever::CustomRetriever(custom) => RetrieverModel::CustomRetriever(custom.clone()),
        };
        let endpoint: Arc<dyn LoadProperties> = Arc::new(Endpoint {
            retriever: self.lone_retriever(&retriever, "dynamic_properties")?,
            path: self.dpath(&model.property_field_path, &model.parameters())?,
            names: OnceCell::new(),
        });
        self.endpoints.borrow_mut().insert(identity, Arc::clone(&endpoint));
        Ok(PropertyList::Asked(endpoint))
    }
}

/// What stands between two names.
const SEPARATOR: &str = ",";

fn chunking(model: &PropertyChunking) -> Chunking {
    let limit = model.property_limit.filter(|limit| *limit != 0).map(|limit| match model.property_limit_type {
        PropertyLimitType::Characters => PropertyLimit::Characters(limit),
        PropertyLimitType::PropertyCount => PropertyLimit::Count(limit),
    });
    let merge_by = match &model.record_merge_strategy {
        Some(strategy) => strategy.key.as_slice().iter().map(|key| key.text.clone()).collect(),
        None => vec!["id".to_owned()],
    };
    Chunking { limit, merge_by, merges_any_scalar: false }
}

impl LoadProperties for Endpoint {
    fn load(&self) -> LocalBoxFuture<'_, Result<Vec<String>>> {
        let read = async || {
            let records = self.retriever.read(None).await?;
            records.iter().map(|(record, _)| self.name_in(record)).collect::<Result<Vec<_>>>()
        };
        Box::pin(async move { self.names.get_or_try_init(read).await.cloned() })
    }
}

impl Endpoint {
    /// The name that a record holds, printed as Python prints it; a record without one is `[]`, as in the Python CDK.
    fn name_in(&self, record: &Value) -> Result<String> {
        let name = self.path.get(record)?;
        Ok(name.map_or_else(|| "[]".to_owned(), |name| PyValue::from_json(name).to_text()))
    }
}

impl SelectProperties for ConfiguredNames {
    fn select(&self, properties: Map<String, Value>) -> Result<Vec<String>> {
        let scope = TransformScope::of_slice(jinja::json(&Value::Null));
        let mut properties = Value::Object(properties);
        self.transformations.iter().try_for_each(|change| change.transform(&mut properties, &scope))?;
        Ok(match properties {
            Value::Object(properties) => properties.into_iter().map(|(name, _)| name).collect(),
            _ => Vec::new(),
        })
    }
}
