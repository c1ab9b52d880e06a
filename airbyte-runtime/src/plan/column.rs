//! The types of columns by the names that Airbyte gives them.

use serde_json::{Value, json};

/// Every name, for messages.
pub(crate) const TYPES: &str = "string, boolean, integer, number, array, object, date, timestamp_with_timezone, \
                                timestamp_without_timezone, time_with_timezone or time_without_timezone";

/// Whether Airbyte has a type of this name.
pub(crate) const fn is_type(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"string"
            | b"boolean"
            | b"integer"
            | b"number"
            | b"array"
            | b"object"
            | b"date"
            | b"timestamp_with_timezone"
            | b"timestamp_without_timezone"
            | b"time_with_timezone"
            | b"time_without_timezone"
    )
}

/// The schema of a column of this type; `None` if Airbyte has no such type.
pub(crate) fn schema_of(name: &str) -> Option<Value> {
    Some(match name {
        "string" | "boolean" | "integer" | "number" | "array" | "object" => json!({"type": ["null", name]}),
        "date" => json!({"type": ["null", "string"], "format": "date"}),
        "timestamp_with_timezone" => json!({"type": ["null", "string"], "format": "date-time"}),
        "timestamp_without_timezone" => {
            json!({"type": ["null", "string"], "format": "date-time", "airbyte_type": name})
        }
        "time_with_timezone" | "time_without_timezone" => {
            json!({"type": ["null", "string"], "format": "time", "airbyte_type": name})
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{TYPES, is_type, schema_of};

    #[test]
    fn every_name_has_a_schema() {
        for name in TYPES.replace(" or ", ", ").split(", ") {
            assert!(is_type(name) && schema_of(name).is_some(), "{name}");
        }
        assert!(!is_type("text") && schema_of("text").is_none());
    }
}
