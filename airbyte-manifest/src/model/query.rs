//! Which properties are asked for, and in how many requests.

use crate::node::{Kind, Node};

use super::custom::Custom;
use super::declare::{choice, component, words};
use super::read::{Parse, Place, Reader};
use super::retriever::SimpleRetriever;
use super::transformation::Transformation;
use super::value::{OneOrMany, Text};
use super::variables::CONFIG;

words! {
    /// What limits a chunk of properties.
    PropertyLimitType { Characters = "characters", PropertyCount = "property_count", }
}

choice! {
    /// What asks for properties.
    PropertyRetriever {
        SimpleRetriever(Box<SimpleRetriever>),
        CustomRetriever(Custom),
    }
}

component! {
    /// The properties to ask for.
    QueryProperties {
        /// All of them, or where they are asked for.
        property_list: PropertyList;
        /// Those that every request has.
        always_include_properties: Vec<Text> = Vec::new();
        /// How they are divided among requests.
        property_chunking: Option<PropertyChunking>;
        /// Chooses those that the configured stream wants.
        property_selector: Option<JsonSchemaPropertySelector>;
    }
}

/// The properties of a [`QueryProperties`].
#[derive(Clone, Debug)]
pub enum PropertyList {
    /// Their names.
    Names(Vec<Text>),
    /// Where they are asked for.
    Endpoint(Box<PropertiesFromEndpoint>),
}

component! {
    /// Asks which properties there are.
    PropertiesFromEndpoint {
        /// The path of a property's name in a record.
        property_field_path: Vec<Text>, sees(CONFIG);
        /// What asks.
        retriever: PropertyRetriever;
    }
}

component! {
    /// Divides properties among requests.
    PropertyChunking {
        /// What is counted.
        property_limit_type: PropertyLimitType;
        /// How many a request has at most.
        property_limit: Option<i64>;
        /// How the parts of a record are put together.
        record_merge_strategy: Option<GroupByKeyMergeStrategy>;
    }
}

component! {
    /// Puts parts with the same key together.
    GroupByKeyMergeStrategy {
        /// The key.
        key: OneOrMany<Text>;
    }
}

component! {
    /// Chooses the properties of the configured stream's schema.
    JsonSchemaPropertySelector {
        /// Turns the names of the schema into those of the API.
        transformations: Vec<Transformation> = Vec::new();
    }
}

impl Parse for PropertyList {
    fn expected() -> String {
        "a list of text or a PropertiesFromEndpoint".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::List(_) => Vec::parse(node, place, reader).map(Self::Names),
            Kind::Map(_) => Box::parse(node, place, reader).map(Self::Endpoint),
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}
