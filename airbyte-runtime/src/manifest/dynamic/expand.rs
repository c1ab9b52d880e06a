//! Making streams of a template.

use std::collections::HashSet;
use std::sync::Arc;

use airbyte_manifest::model::{self, ComponentsResolver, DynamicDeclarativeStream, StreamDefinition};
use airbyte_manifest::{Diagnostic, Entry, Kind, Node, Severity, resolve};
use serde_json::Map;

use super::components::Component;
use super::graft::graft;
use super::mapping::Mappings;
use crate::error::{Error, Result};
use crate::jinja::{self, Environment};

/// The streams that a template gives, one for each component, in their order.
///
/// `names` holds the names of the dynamic streams before these; the new ones are added.
///
/// # Errors
/// Templates that fail; a name that is no text; a stream that cannot be read with the values in it; a name that another
/// dynamic stream has, which is a config error if the configuration gives the values.
pub(crate) fn expand(
    definition: &DynamicDeclarativeStream,
    components: &[Component],
    environment: &Arc<Environment>,
    names: &mut HashSet<String>,
) -> Result<Vec<StreamDefinition>> {
    let mappings = Mappings::new(&definition.components_resolver, environment)?;
    let template = definition.stream_template.to_json();
    let shown = jinja::json(&template);
    let mut named = Vec::with_capacity(components.len());
    for component in components {
        let stream = mappings.apply(&template, &shown, component)?;
        let stream = graft(&stream, &definition.stream_template);
        let stream = resolve::propagate(&stream, "", &Map::new(), definition.use_parent_parameters)
            .map_err(|finding| Error::system(format!("a stream of a dynamic stream: {}", finding.message)))?;
        let stream = typed(stream);
        let name = name_of(&stream)?;
        if !names.insert(name.clone()) {
            return Err(duplicate(&name, &definition.components_resolver));
        }
        named.push((name, stream));
    }
    // Names are compared before any stream is read, so that a name that stands twice is what is reported.
    let read =
        |(name, stream): &(String, Node)| model::parse_stream(stream).map_err(|findings| unreadable(name, &findings));
    named.iter().map(read).collect()
}

/// A stream without a type is a DeclarativeStream.
fn typed(mut stream: Node) -> Node {
    let at = stream.at;
    if let Kind::Map(map) = &mut stream.kind
        && map.get("type").is_none()
    {
        let value = Node::new(Kind::Text("DeclarativeStream".to_owned()), at);
        map.insert(Entry { key: "type".to_owned(), at, value });
    }
    stream
}

fn name_of(stream: &Node) -> Result<String> {
    let name = stream.get("name");
    name.and_then(Node::as_str).map(str::to_owned).ok_or_else(|| {
        let found = match name.map(|name| &name.kind) {
            None | Some(Kind::Null) => "nothing",
            Some(Kind::Bool(_)) => "a boolean",
            Some(Kind::Int(_) | Kind::Float(_)) => "a number",
            Some(Kind::Text(_) | Kind::Date(_)) => "a date",
            Some(Kind::List(_)) => "a list",
            Some(Kind::Map(_)) => "a mapping",
        };
        Error::system(format!(
            "Expected the name of a dynamic stream to be a string, got {found}; \
             add `value_type: string` to the mapping of `name`"
        ))
    })
}

fn duplicate(name: &str, resolver: &ComponentsResolver) -> Error {
    let message = format!("Dynamic streams list contains a duplicate name: {name}.");
    match resolver {
        ComponentsResolver::ConfigComponentsResolver(_) => {
            Error::config(format!("{message} Please check your configuration."))
        }
        _ => Error::system(format!("{message} Please contact Airbyte Support.")),
    }
}

fn unreadable(name: &str, findings: &[Diagnostic]) -> Error {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let problems: Vec<_> = errors.map(|finding| finding.message.as_str()).collect();
    Error::system(format!(
        "the dynamic stream {name} is not sound with its values in the template: {}; correct `components_mapping`",
        problems.join("; ")
    ))
}
