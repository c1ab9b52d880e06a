//! The values that streams are made of, where they do not come from an API.

use std::sync::Arc;

use airbyte_manifest::Node;
use airbyte_manifest::model::{ConfigComponentsResolver, ParametrizedComponentsResolver, StreamConfig};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::jinja::{Environment, Scope, Template};
use crate::plan::dpath::Dpath;

/// How many streams a configuration may ask for: lists multiply.
const MAX_COMPONENTS: usize = 100_000;

/// The values of one stream.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    /// What templates see as `components_values`.
    pub(crate) value: Value,
    /// The slice in which an API gave it, as [`crate::jinja::stream_slice`] makes it; `None` for other resolvers, whose
    /// templates may not mention it.
    pub(crate) slice: Option<minijinja::Value>,
}

/// The values that a configuration gives: each list's elements and its defaults, and of several lists their product.
///
/// Mappings of a product are merged, later keys win. Any other element stands under `source_config_<index of its
/// list>`, as a pair of its own index and itself. What is no list counts as a list of one, what is missing as empty.
///
/// # Errors
/// Templates that fail, an ambiguous pointer, a product of more than 100,000.
pub(crate) fn components_of_config(
    resolver: &ConfigComponentsResolver,
    environment: &Arc<Environment>,
    config: &Value,
) -> Result<Vec<Component>> {
    let mut products: Vec<Map<String, Value>> = vec![Map::new()];
    for (list, stream_config) in resolver.stream_config.as_slice().iter().enumerate() {
        let elements = elements(stream_config, environment, config)?;
        let size = products.len().checked_mul(elements.len());
        if size.is_none_or(|size| size > MAX_COMPONENTS) {
            return Err(Error::config(format!(
                "the configuration asks for more than {MAX_COMPONENTS} dynamic streams; shorten its lists"
            )));
        }
        let mut longer = Vec::with_capacity(size.unwrap_or_default());
        for product in &products {
            for (at, element) in elements.iter().enumerate() {
                longer.push(with_element(product.clone(), list, at, element));
            }
        }
        products = longer;
    }
    Ok(products.into_iter().map(|product| Component { value: Value::Object(product), slice: None }).collect())
}

/// The values that stand in the manifest.
pub(crate) fn components_of_list(resolver: &ParametrizedComponentsResolver) -> Vec<Component> {
    let list = resolver.stream_parameters.list_of_parameters_for_stream.as_list().unwrap_or_default();
    list.iter().map(|values| Component { value: values.to_json(), slice: None }).collect()
}

fn elements(stream_config: &StreamConfig, environment: &Arc<Environment>, config: &Value) -> Result<Vec<Value>> {
    let parameters = stream_config.parameters();
    let segment = |segment: &airbyte_manifest::model::Text| {
        Template::new(environment, segment.as_str(), &parameters)?.eval(&Scope::new())
    };
    let pointer = Dpath::new(stream_config.configs_pointer.iter().map(segment).collect::<Result<Vec<_>>>()?);
    let mut elements = match pointer.get(config)? {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(one) => vec![one.clone()],
    };
    let defaults = stream_config.default_values.as_ref().and_then(Node::as_list).unwrap_or_default();
    elements.extend(defaults.iter().map(Node::to_json));
    Ok(elements)
}

fn with_element(mut product: Map<String, Value>, list: usize, at: usize, element: &Value) -> Map<String, Value> {
    match element {
        Value::Object(values) => product.extend(values.clone()),
        other => {
            let pair = Value::Array(vec![at.into(), other.clone()]);
            product.entry(format!("source_config_{list}")).or_insert(pair);
        }
    }
    product
}
