//! States of older versions of a connector.

use serde_json::{Map, Value, json};

/// From `{"<id>": {"<cursor field>": value}}` to a state by partition; `None` for a state of any other form.
pub(crate) fn legacy_to_per_partition(state: &Value, partition_field: &str, cursor_field: &str) -> Option<Value> {
    let object = state.as_object().filter(|object| !object.is_empty())?;
    let mut states = Vec::with_capacity(object.len());
    for (id, cursor) in object {
        let cursor = cursor.as_object().filter(|cursor| cursor.len() == 1 && cursor.contains_key(cursor_field))?;
        let partition = Map::from_iter([(partition_field.to_owned(), Value::from(id.as_str()))]);
        states.push(json!({"partition": partition, "cursor": cursor}));
    }
    Some(json!({"states": states}))
}
