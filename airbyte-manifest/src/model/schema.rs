//! What records look like.

use crate::node::{Kind, Node};

use super::custom::Custom;
use super::declare::{choice, component};
use super::read::{Parse, Place, Reader};
use super::record::RecordFilterDefinition;
use super::retriever::Retriever;
use super::rule::mapping;
use super::transformation::Transformation;
use super::value::{OneOrMany, Text};
use super::variables::{CONFIG, RAW_SCHEMA};

choice! {
    /// Where a schema comes from.
    SchemaLoader {
        InlineSchemaLoader(InlineSchemaLoader),
        DynamicSchemaLoader(Box<DynamicSchemaLoader>),
        JsonFileSchemaLoader(JsonFileSchemaLoader),
        CustomSchemaLoader(Custom),
    }
}

component! {
    /// A schema in the manifest.
    InlineSchemaLoader {
        /// The JSON Schema.
        schema: Option<Node>, holds(mapping);
    }
}

component! {
    /// A schema in a file.
    JsonFileSchemaLoader {
        /// The file; `schemas/<stream>.json` of the connector where absent.
        file_path: Option<Text>, sees(CONFIG);
    }
}

component! {
    /// A schema that the API describes.
    DynamicSchemaLoader {
        /// Asks for the description.
        retriever: Box<Retriever>;
        /// Keeps some of the properties.
        schema_filter: Option<RecordFilterDefinition>;
        /// Changes the properties.
        schema_transformations: Vec<Transformation> = Vec::new();
        /// Where names and types are in the description.
        schema_type_identifier: SchemaTypeIdentifier;
    }
}

component! {
    /// Where names and types are in a description.
    SchemaTypeIdentifier[.optional_tag()] {
        /// The path of the properties.
        schema_pointer: Vec<Text> = Vec::new(), sees(CONFIG);
        /// The path of a name in a property.
        key_pointer: Vec<Text>, sees(CONFIG);
        /// The path of a type in a property; all are text where absent.
        type_pointer: Option<Vec<Text>>, sees(CONFIG);
        /// The API's types and those of the schema.
        types_mapping: Vec<TypesMap> = Vec::new(), sees(RAW_SCHEMA);
    }
}

component! {
    /// A type of the API and that of the schema.
    TypesMap[.untagged()] {
        /// The type in the schema.
        target_type: TargetType;
        /// The type or types of the API.
        current_type: OneOrMany<Text>;
        /// When; always where absent.
        condition: Option<Text>, sees(RAW_SCHEMA);
    }
}

component! {
    /// A type that has items.
    ComplexFieldType[.untagged()] {
        /// The type.
        field_type: Text;
        /// The type of the items.
        items: Option<ItemType>;
    }
}

/// The type that a property gets.
#[derive(Clone, Debug)]
pub enum TargetType {
    /// A type.
    Name(Text),
    /// Either of several.
    Names(Vec<Text>),
    /// A type with items.
    Complex(ComplexFieldType),
}

/// The type of the items of a list.
#[derive(Clone, Debug)]
pub enum ItemType {
    /// A type.
    Name(Text),
    /// A type with items.
    Complex(Box<ComplexFieldType>),
}

impl Parse for TargetType {
    fn expected() -> String {
        "text, a list of text or a ComplexFieldType".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::List(_) => Vec::parse(node, place, reader).map(Self::Names),
            Kind::Map(_) => ComplexFieldType::parse(node, place, reader).map(Self::Complex),
            Kind::Text(_) => Text::parse(node, place, reader).map(Self::Name),
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}

impl Parse for ItemType {
    fn expected() -> String {
        "text or a ComplexFieldType".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => Box::parse(node, place, reader).map(Self::Complex),
            Kind::Text(_) => Text::parse(node, place, reader).map(Self::Name),
            _ => {
                reader.mismatch(node, place, &Self::expected());
                None
            }
        }
    }
}
