//! Components that somebody wrote in Python: all that is known is the class.

use crate::node::{Node, Position};

use super::definition::{Definition, Field};
use super::read::{Parse, Place, Reader};
use super::value::Text;

/// A component that the language does not have, by the name of its class.
#[derive(Clone, Debug)]
pub struct Custom {
    /// The class, with its module.
    pub class_name: Text,
    /// All of it, as written; its fields are the class's own.
    pub node: Node,
    /// Where it begins.
    pub at: Position,
}

const CLASS_NAME: &[Field] = &[Field::new("class_name", true)];

/// The definitions that are custom.
pub(crate) const DEFINITIONS: [Definition; 16] = [
    Definition::new("CustomAuthenticator", CLASS_NAME),
    Definition::new("CustomBackoffStrategy", CLASS_NAME),
    Definition::new("CustomConfigTransformation", CLASS_NAME),
    Definition::new("CustomDecoder", CLASS_NAME),
    Definition::new("CustomErrorHandler", CLASS_NAME),
    Definition::new("CustomPaginationStrategy", CLASS_NAME),
    Definition::new("CustomPartitionRouter", CLASS_NAME),
    Definition::new("CustomRecordExtractor", CLASS_NAME),
    Definition::new("CustomRecordFilter", CLASS_NAME),
    Definition::new("CustomRequester", CLASS_NAME),
    Definition::new("CustomRetriever", CLASS_NAME),
    Definition::new("CustomSchemaLoader", CLASS_NAME),
    Definition::new("CustomSchemaNormalization", CLASS_NAME),
    Definition::new("CustomStateMigration", CLASS_NAME),
    Definition::new("CustomTransformation", CLASS_NAME),
    Definition::new("CustomValidationStrategy", CLASS_NAME),
];

impl Parse for Custom {
    fn expected() -> String {
        "a custom component".to_owned()
    }

    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self> {
        let Some(map) = node.as_map() else {
            reader.mismatch(node, place, &Self::expected());
            return None;
        };
        let word = map.get("type").and_then(Node::as_str);
        static NAMED: [Definition; 16] = DEFINITIONS;
        let definition = NAMED.iter().find(|definition| Some(definition.name) == word)?;
        reader.met.insert(definition.name);
        let class_name = reader.field::<Text>(map, node.at, definition, "class_name", None)?;
        Some(Self { class_name, node: node.clone(), at: node.at })
    }
}
