//! Names that have to meet: of streams, and of fields in schemas.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::node::{Kind, Map, Node, Position};
use crate::suggest::nearest;

use super::jinja::is_template;

/// The findings about names. They are taken from the document, for broken streams have names too.
pub(super) fn findings(root: &Node) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    super::components(root, &mut |name, node| {
        if name == "DeclarativeStream" {
            fields(node, &mut findings);
        }
    });
    let streams = root.get("streams").and_then(Node::as_list).unwrap_or_default();
    let mut names = Vec::new();
    for stream in streams {
        match stream.get("streams").and_then(Node::as_list) {
            Some(streams) => streams.iter().for_each(|stream| name(stream, &mut names, &mut findings)),
            None => name(stream, &mut names, &mut findings),
        }
    }
    duplicates(&names, &mut findings);
    // What a template's streams are called is not known before they are read; without streams nothing else is to say.
    if root.get("dynamic_streams").is_none() && root.get("streams").is_some() {
        checked(root, &names, &mut findings);
    }
    findings
}

fn name<'a>(stream: &'a Node, names: &mut Vec<(&'a str, Position)>, findings: &mut Vec<Diagnostic>) {
    match stream.get("name").map(|name| (name.as_str(), name.at)) {
        Some((Some(name), at)) if !name.is_empty() => names.push((name, at)),
        // The model has said that it is no text.
        Some((None, _)) => {}
        _ if stream.as_map().is_some() => {
            let finding = Diagnostic::error(stream.at, "the stream has no name, it cannot be built");
            findings.push(finding.with_help("add `name`"));
        }
        _ => {}
    }
}

fn duplicates(names: &[(&str, Position)], findings: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    for (name, at) in names {
        if !seen.insert(*name) {
            let message = format!("there is another stream with the name `{name}`, only the last is read");
            findings.push(Diagnostic::warning(*at, message));
        }
    }
}

fn checked(root: &Node, names: &[(&str, Position)], findings: &mut Vec<Diagnostic>) {
    if root.get("streams").and_then(Node::as_list).is_some_and(<[Node]>::is_empty) {
        findings.push(Diagnostic::warning(root.at, "the manifest has no streams, its check fails"));
    }
    let wanted = root.get("check").and_then(|check| check.get("stream_names")).and_then(Node::as_list);
    for (wanted, at) in wanted.into_iter().flatten().filter_map(|name| Some((name.as_str()?, name.at))) {
        if names.iter().any(|(name, _)| *name == wanted) {
            continue;
        }
        let finding = Diagnostic::warning(at, format!("CheckStream.stream_names: there is no stream `{wanted}`"));
        findings.push(match nearest(wanted, names.iter().map(|(name, _)| *name)) {
            Some(near) => finding.with_help(format!("did you mean `{near}`?")),
            None => finding,
        });
    }
}

/// The primary key and the cursor in a schema that the manifest holds.
fn fields(stream: &Node, findings: &mut Vec<Diagnostic>) {
    let properties = stream
        .get("schema_loader")
        .filter(|loader| loader.get("type").and_then(Node::as_str) == Some("InlineSchemaLoader"))
        .and_then(|loader| loader.get("schema")?.get("properties")?.as_map())
        .filter(|properties| !properties.is_empty());
    let Some(properties) = properties else { return };
    let name = stream.get("name").and_then(Node::as_str).unwrap_or_default();
    for field in stream.get("primary_key").map(primary_key).unwrap_or_default() {
        missing(field, "the primary key", name, properties, findings);
    }
    if let Some(field) = stream.get("incremental_sync").and_then(|cursor| cursor.get("cursor_field")) {
        missing(field, "the cursor", name, properties, findings);
    }
}

/// The top-level fields of a primary key.
fn primary_key(key: &Node) -> Vec<&Node> {
    match &key.kind {
        Kind::List(items) => items
            .iter()
            .filter_map(|item| match &item.kind {
                Kind::List(path) => path.first(),
                _ => Some(item),
            })
            .collect(),
        _ => vec![key],
    }
}

fn missing(field: &Node, role: &str, stream: &str, properties: &Map, findings: &mut Vec<Diagnostic>) {
    let Some(name) = field.as_str() else { return };
    if name.is_empty() || is_template(name) || properties.get(name).is_some() {
        return;
    }
    let message = format!("`{name}`, {role} of the stream `{stream}`, is not in its schema");
    let finding = Diagnostic::warning(field.at, message);
    findings.push(match nearest(name, properties.iter().map(|entry| entry.key.as_str())) {
        Some(near) => finding.with_help(format!("did you mean `{near}`?")),
        None => finding.with_help("add it to the schema's `properties`"),
    });
}
