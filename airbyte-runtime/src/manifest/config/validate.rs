//! Holding a configuration against the spec's JSON Schema.

use airbyte_manifest::json_schema::{Schema, Violation};
use airbyte_manifest::model::Spec;
use serde_json::Value;

use crate::error::{Error, Result};

/// Checks a configuration, after [`normalize`](super::normalize), against `connection_specification`.
///
/// `_limit`, `_page_size` and keys that begin with two underscores are the platform's own and do not count.
///
/// # Errors
/// Everything that is wrong in one config error, by path and without values; a system error if the specification is
/// no JSON Schema.
pub(crate) fn validate(spec: &Spec, config: &Value) -> Result<()> {
    let schema = Schema::compile(&spec.connection_specification.to_json()).map_err(|problem| {
        Error::system(format!("the spec's `connection_specification` is no JSON Schema: {problem}"))
    })?;
    let mut visible = config.clone();
    if let Some(object) = visible.as_object_mut() {
        object.retain(|key, _| !is_internal(key));
    }
    match describe(&schema.validate(&visible)) {
        None => Ok(()),
        Some(problems) => Err(Error::config(format!("Config validation error: {problems}"))),
    }
}

/// The values of a configuration that the spec marks with `airbyte_secret`.
pub(crate) fn secrets(spec: &Spec, config: &Value) -> Vec<String> {
    crate::config::secrets_in(&spec.connection_specification.to_json(), config)
}

/// All violations in one line; none if there are none.
pub(super) fn describe(violations: &[Violation]) -> Option<String> {
    let describe = |violation: &Violation| match violation.instance_path.trim_start_matches('/') {
        "" => violation.message.clone(),
        path => format!("`{path}`: {}", violation.message),
    };
    (!violations.is_empty()).then(|| violations.iter().map(describe).collect::<Vec<_>>().join("; "))
}

fn is_internal(key: &str) -> bool {
    matches!(key, "_limit" | "_page_size") || key.starts_with("__")
}
