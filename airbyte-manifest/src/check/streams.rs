//! Names that have to meet: of streams, and of fields in schemas.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::model::{
    Check, DeclarativeSource, DeclarativeStream, IncrementalSync, OneOrMany, PrimaryKey, SchemaLoader,
    StreamDefinition, Text,
};
use crate::node::{Map, Node};
use crate::suggest::nearest;

use super::jinja::is_template;

/// The findings about names.
pub(super) fn findings(source: &DeclarativeSource) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut names = Vec::new();
    for stream in &source.streams {
        match stream {
            StreamDefinition::DeclarativeStream(stream) => {
                names.push(named(stream, &mut findings));
                fields(stream, &mut findings);
            }
            StreamDefinition::ConditionalStreams(streams) => {
                for stream in &streams.streams {
                    names.push(named(stream, &mut findings));
                    fields(stream, &mut findings);
                }
            }
            StreamDefinition::StateDelegatingStream(stream) => {
                names.push(&stream.name);
                fields(&stream.full_refresh_stream, &mut findings);
                fields(&stream.incremental_stream, &mut findings);
            }
        }
    }
    duplicates(&names, &mut findings);
    checked(source, &names, &mut findings);
    findings
}

fn named<'a>(stream: &'a DeclarativeStream, findings: &mut Vec<Diagnostic>) -> &'a Text {
    if stream.name.text.is_empty() {
        let finding = Diagnostic::error(stream.at, "the stream has no name, it cannot be built");
        findings.push(finding.with_help("add `name`"));
    }
    &stream.name
}

fn duplicates(names: &[&Text], findings: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    for name in names.iter().filter(|name| !name.text.is_empty()) {
        if !seen.insert(name.as_str()) {
            let message = format!("there is another stream with the name `{}`, only the last is read", name.text);
            findings.push(Diagnostic::warning(name.at, message));
        }
    }
}

fn checked(source: &DeclarativeSource, names: &[&Text], findings: &mut Vec<Diagnostic>) {
    if source.streams.is_empty() && source.dynamic_streams.is_empty() {
        findings.push(Diagnostic::warning(source.at, "the manifest has no streams, its check fails"));
    }
    let Check::CheckStream(check) = &source.check else { return };
    if !source.dynamic_streams.is_empty() {
        return;
    }
    for name in &check.stream_names {
        if names.iter().any(|known| known.text == name.text) {
            continue;
        }
        let message = format!("CheckStream.stream_names: there is no stream `{}`", name.text);
        let finding = Diagnostic::warning(name.at, message);
        findings.push(match nearest(&name.text, names.iter().map(|name| name.as_str())) {
            Some(near) => finding.with_help(format!("did you mean `{near}`?")),
            None => finding,
        });
    }
}

/// The primary key and the cursor in a schema that the manifest holds.
fn fields(stream: &DeclarativeStream, findings: &mut Vec<Diagnostic>) {
    let Some(OneOrMany::One(SchemaLoader::InlineSchemaLoader(loader))) = &stream.schema_loader else { return };
    let Some(properties) = loader.schema.as_ref().and_then(|schema| schema.get("properties")).and_then(Node::as_map)
    else {
        return;
    };
    if properties.is_empty() {
        return;
    }
    for field in primary_key(stream) {
        missing(field, "the primary key", stream, properties, findings);
    }
    let cursor = match &stream.incremental_sync {
        Some(IncrementalSync::DatetimeBasedCursor(cursor)) => Some(&cursor.cursor_field),
        Some(IncrementalSync::IncrementingCountCursor(cursor)) => Some(&cursor.cursor_field),
        None => None,
    };
    if let Some(field) = cursor {
        missing(field, "the cursor", stream, properties, findings);
    }
}

fn primary_key(stream: &DeclarativeStream) -> Vec<&Text> {
    match &stream.primary_key {
        Some(PrimaryKey::Field(field)) => vec![field],
        Some(PrimaryKey::Fields(fields)) => fields.iter().collect(),
        Some(PrimaryKey::Paths(paths)) => paths.iter().filter_map(|path| path.first()).collect(),
        None => Vec::new(),
    }
}

fn missing(field: &Text, role: &str, stream: &DeclarativeStream, properties: &Map, findings: &mut Vec<Diagnostic>) {
    let name = field.as_str();
    if name.is_empty() || is_template(name) || properties.get(name).is_some() {
        return;
    }
    let message = format!("`{name}`, {role} of the stream `{}`, is not in its schema", stream.name.text);
    let finding = Diagnostic::warning(field.at, message);
    findings.push(match nearest(name, properties.iter().map(|entry| entry.key.as_str())) {
        Some(near) => finding.with_help(format!("did you mean `{near}`?")),
        None => finding.with_help("add it to the schema's `properties`"),
    });
}
