//! Templates of a manifest, and Python's literals in what they print.

use serde_json::{Map, Value};

use super::{json_of, parts};
use crate::jinja::{Environment, Parameters, PyType, Scope, Template, json, record, stream_slice};
use crate::python::parse_literal;

/// A template, and the variables that it may use.
pub(super) fn template(data: &[u8]) {
    let Some([text, variables]) = parts(data) else { return };
    let variables = json_of(variables);
    let environment = Environment::new(variables.get("config").unwrap_or(&Value::Null));
    let parameters = variables.get("parameters").and_then(Value::as_object).cloned().unwrap_or_default();
    let parameters = Parameters::new(parameters);
    let template = Template::lazy(&environment, text, &parameters);
    let _ = (template.is_static(), template.ends_at_reduced_page(10));
    for name in ["response", "record", "headers", "config"] {
        let _ = (template.mentions(name), template.paths_of(name));
    }
    let scope = scope(&variables);
    let _ = template.eval_entry(&scope, &[PyType::Str, PyType::Int]);
    if let Ok(value) = template.eval(&scope) {
        let _ = (value.repr(), value.to_text(), value.to_json(), value.is_truthy());
    }
}

fn scope(variables: &Value) -> Scope {
    let empty = Map::new();
    let variables = variables.as_object().unwrap_or(&empty);
    variables.iter().fold(Scope::new(), |scope, (name, value)| match name.as_str() {
        "config" | "parameters" => scope,
        "record" => scope.with("record", record(value)),
        "stream_slice" => {
            let keys = value.as_object().cloned().unwrap_or_default();
            scope.with("stream_slice", stream_slice(&keys, &Map::new(), &Map::new()))
        }
        _ => scope.with(name.as_str(), json(value)),
    })
}

/// A literal, which is the same once it is written and read again.
pub(super) fn literal(data: &[u8]) {
    let Some([text]) = parts(data) else { return };
    let Some(value) = parse_literal(text) else { return };
    let written = value.repr();
    let _ = (value.to_json(), value.to_text(), value.is_truthy());
    // What Python writes as a name is no literal.
    if !["inf", "nan", "Ellipsis"].iter().any(|name| written.contains(name)) {
        assert_eq!(parse_literal(&written).map(|again| again.repr()).as_deref(), Some(&*written), "{text:?}");
    }
}
