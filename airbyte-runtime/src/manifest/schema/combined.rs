//! One schema of several.

use std::sync::Arc;

use futures_util::FutureExt;
use serde_json::{Map, Value, json};

use super::Part;
use crate::error::{Error, Result};
use crate::plan::{LoadSchema, LocalBoxFuture};

/// The schema of several loaders; those that ask the API do so on demand.
struct Combined {
    parts: Vec<Part>,
}

/// Puts the schemas of a list together, at once if none of them comes from the API.
///
/// # Errors
/// A schema without `properties`.
pub(super) fn combined(parts: Vec<Part>) -> Result<Part> {
    let known: Option<Vec<&Value>> = parts
        .iter()
        .map(|part| match part {
            Part::Known(schema) => Some(schema),
            Part::Described(_) => None,
        })
        .collect();
    match known {
        Some(schemas) => Ok(Part::Known(merged(schemas.into_iter().map(properties).collect::<Result<_>>()?))),
        None => Ok(Part::Described(Arc::new(Combined { parts }))),
    }
}

impl LoadSchema for Combined {
    fn load(&self) -> LocalBoxFuture<'_, Result<Value>> {
        async {
            let mut all = Vec::new();
            for part in &self.parts {
                all.push(match part {
                    Part::Known(schema) => properties(schema)?,
                    Part::Described(schema) => properties(&schema.load().await?)?,
                });
            }
            Ok(merged(all))
        }
        .boxed_local()
    }
}

fn properties(schema: &Value) -> Result<Map<String, Value>> {
    schema.get("properties").and_then(Value::as_object).cloned().ok_or_else(|| {
        Error::system(
            "a schema in a list of schema loaders has no `properties`, which are all that is taken of it; \
             add them, or use this loader alone",
        )
    })
}

/// Later properties come before the earlier ones, but do not replace them.
fn merged(all: Vec<Map<String, Value>>) -> Value {
    let mut properties = Map::new();
    for mut next in all {
        next.extend(properties);
        properties = next;
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": ["null", "object"],
        "properties": properties,
    })
}
