//! What a value has to be beyond its type.

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Kind, Node};

use super::query::QueryProperties;
use super::read::{Parse, Place, Reader};
use super::requester::RequestBodyGraphQlQuery;
use super::value::number;

/// A mapping of anything.
pub(crate) fn mapping(node: &Node, place: Place, reader: &mut Reader) -> bool {
    let sound = node.as_map().is_some();
    if !sound {
        reader.mismatch(node, place, "a mapping");
    }
    sound
}

/// A mapping, or a template of one.
pub(crate) fn mapping_or_text(node: &Node, place: Place, reader: &mut Reader) -> bool {
    let sound = node.as_map().is_some() || node.as_str().is_some();
    if !sound {
        reader.mismatch(node, place, "a mapping or text");
    }
    sound
}

/// A list of mappings.
pub(crate) fn mappings(node: &Node, place: Place, reader: &mut Reader) -> bool {
    match node.as_list() {
        Some(items) => items.iter().filter(|item| !mapping(item, place, reader)).count() == 0,
        None => {
            reader.mismatch(node, place, "a list of mappings");
            false
        }
    }
}

/// A mapping whose values are text.
pub(crate) fn text_mapping(node: &Node, place: Place, reader: &mut Reader) -> bool {
    let Some(map) = node.as_map() else {
        reader.mismatch(node, place, "a mapping of text to text");
        return false;
    };
    // Counted, not searched, so that all wrong values are reported.
    map.iter().filter(|entry| !is_text(entry, place, reader)).count() == 0
}

/// A mapping whose values are text, or a template of one.
pub(crate) fn text_mapping_or_text(node: &Node, place: Place, reader: &mut Reader) -> bool {
    node.as_str().is_some() || text_mapping(node, place, reader)
}

/// Request parameters: text to text or to `QueryProperties`, or a template.
pub(crate) fn request_parameters(node: &Node, place: Place, reader: &mut Reader) -> bool {
    if node.as_str().is_some() {
        return true;
    }
    let Some(map) = node.as_map() else {
        reader.mismatch(node, place, "a mapping of text to text, or text");
        return false;
    };
    let unread = map.iter().filter(|entry| match entry.value.kind {
        Kind::Map(_) => QueryProperties::parse(&entry.value, place, reader).is_none(),
        _ => !is_text(entry, place, reader),
    });
    unread.count() == 0
}

/// A stream as it is before components are written into it.
pub(crate) fn stream(node: &Node, place: Place, reader: &mut Reader) -> bool {
    super::stream::StreamTemplate::parse(node, place, reader).is_some()
}

/// The body of a GraphQL request.
pub(crate) fn graphql(node: &Node, place: Place, reader: &mut Reader) -> bool {
    RequestBodyGraphQlQuery::parse(node, place, reader).is_some()
}

/// A number that is at least `MIN`; templates pass.
pub(crate) fn at_least<const MIN: i64>(node: &Node, place: Place, reader: &mut Reader) -> bool {
    let sound = number(&node.kind).is_none_or(|number| number >= MIN as f64);
    if !sound {
        reader.report(Diagnostic::error(node.at, format!("{place} must be at least {MIN}")));
    }
    sound
}

/// A list of at least `MIN` items; anything else passes.
pub(crate) fn items<const MIN: usize>(node: &Node, place: Place, reader: &mut Reader) -> bool {
    let sound = node.as_list().is_none_or(|items| items.len() >= MIN);
    if !sound {
        let noun = if MIN == 1 { "item" } else { "items" };
        reader.report(Diagnostic::error(node.at, format!("{place} must have at least {MIN} {noun}")));
    }
    sound
}

/// Whether the value of a key is text.
fn is_text(entry: &Entry, place: Place, reader: &mut Reader) -> bool {
    let text = entry.value.as_str().is_some();
    if !text {
        reader.mismatch(&entry.value, format_args!("{place}.{}", entry.key), "text");
    }
    text
}
