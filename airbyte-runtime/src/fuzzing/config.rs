//! Configurations and the specifications that they are held against.

use std::sync::Arc;

use airbyte_manifest::json_schema::Schema;
use serde_json::{Map, Value};

use super::{json_of, parts};
use crate::config::fuzzing::{load, problems};
use crate::config::{Config, Redactor, secrets_in};
use crate::plan::slice::{Part, Partition};
use crate::plan::template::{Escape, Filled, Template};
use crate::plan::{Interval, Slice};

/// A specification and a configuration.
pub(super) fn config(data: &[u8]) {
    let Some([spec_text, config]) = parts(data) else { return };
    let (spec, mut config) = (json_of(spec_text), json_of(config));
    load(&spec, &mut config);
    let once = config.clone();
    load(&spec, &mut config);
    assert_eq!(config, once, "defaults change what they have made");
    let said = problems(&spec, &config).join("\n");
    for secret in secrets_in(&spec, &config) {
        let is_known = secret.len() < 8 || spec_text.contains(&secret) || has_key(&config, &secret);
        assert!(is_known || !said.contains(&secret), "{secret:?} is said: {said}");
    }
    if let Ok(schema) = Schema::compile(&spec) {
        let _ = schema.validate(&config);
    }
}

fn has_key(value: &Value, text: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| key.contains(text) || has_key(value, text)),
        Value::Array(items) => items.iter().any(|item| has_key(item, text)),
        _ => false,
    }
}

/// A text with placeholders, and what they may name.
pub(super) fn placeholder(data: &[u8]) {
    let Some([text, config, partition]) = parts(data) else { return };
    let config = Config::document(json_of(config), Redactor::default());
    let keys = json_of(partition).as_object().cloned().unwrap_or_default();
    let part = Part { keys: keys.clone(), extra: keys.clone() };
    let interval = Some(Interval { start: "2024-01-01".to_owned(), end: String::new() });
    let job = Some(Arc::new(keys));
    let slice = Slice { partition: Arc::new(Partition::new(part)), interval, job, record: None };
    let nothing = Slice { partition: Arc::default(), interval: None, job: None, record: Some(Arc::new(Map::new())) };
    for escape in [Escape::Nothing, Escape::Path, Escape::Xml] {
        let Ok(Filled::Template(template)) = Template::fill(text, &config, escape) else { continue };
        let _ = (template.literal_text(), template.is_address(), template.names_interval_end());
        for slice in [&slice, &nothing] {
            let _ = (template.render(slice), template.evaluate(slice));
        }
    }
    let _ = (config.render(text), config.render_optional(text));
}
