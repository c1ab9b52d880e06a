//! Giving the values of a changed template the places of the template in the file.

use airbyte_manifest::{Entry, Kind, Node};
use serde_json::Value;

/// A tree of the value, in which all that the template has too stands where the template has it.
///
/// What is equal is the template's own node, so that dates stay dates; what is new stands where its parent does.
pub(super) fn graft(value: &Value, template: &Node) -> Node {
    match (value, &template.kind) {
        (Value::Object(object), Kind::Map(map)) => {
            let member = |(key, value): (&String, &Value)| match map.entry(key) {
                Some(entry) => Entry { key: key.clone(), at: entry.at, value: graft(value, &entry.value) },
                None => Entry { key: key.clone(), at: template.at, value: graft(value, &beside(template)) },
            };
            Node::new(Kind::Map(object.iter().map(member).collect()), template.at)
        }
        (Value::Array(items), Kind::List(nodes)) => {
            let item = |(at, item): (usize, &Value)| match nodes.get(at) {
                Some(node) => graft(item, node),
                None => graft(item, &beside(template)),
            };
            Node::new(Kind::List(items.iter().enumerate().map(item).collect()), template.at)
        }
        (Value::Object(object), _) => {
            let member = |(key, value): (&String, &Value)| Entry {
                key: key.clone(),
                at: template.at,
                value: graft(value, &beside(template)),
            };
            Node::new(Kind::Map(object.iter().map(member).collect()), template.at)
        }
        (Value::Array(items), _) => {
            let items = items.iter().map(|item| graft(item, &beside(template)));
            Node::new(Kind::List(items.collect()), template.at)
        }
        (scalar, _) if !is_container(template) && template.to_json() == *scalar => template.clone(),
        (scalar, _) => Node::new(Node::from_json(scalar).kind, template.at),
    }
}

/// Nothing, at the place of what holds it.
fn beside(holder: &Node) -> Node {
    Node::new(Kind::Null, holder.at)
}

fn is_container(node: &Node) -> bool {
    matches!(node.kind, Kind::Map(_) | Kind::List(_))
}
