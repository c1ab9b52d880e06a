//! Fills in the defaults of the specification, which the platform shows in its form but does not reliably send.

use serde_json::{Map, Value};

use super::validate::{chosen_option, is_required};

/// Gives every absent setting its `default`, in nested objects, list entries and the chosen option of a `oneOf` too.
///
/// A `null` for an optional setting counts as absent and is removed; a required one is left for validation to refuse.
/// A missing object is created from the defaults of its members only if it is required.
pub(crate) fn apply_defaults(spec: &Value, config: &mut Value) {
    if let Value::Object(members) = config {
        fill_properties(spec, members);
    }
    if let Value::Array(items) = config
        && let Some(schema) = spec.get("items")
    {
        items.iter_mut().for_each(|item| apply_defaults(schema, item));
    }
    // After the properties, because the default of a property can name the option.
    if let Some(option) = chosen_option(spec, config) {
        apply_defaults(option, config);
    }
}

fn fill_properties(schema: &Value, members: &mut Map<String, Value>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for (name, property) in properties {
        let required = is_required(schema, name);
        if !required && members.get(name).is_some_and(Value::is_null) {
            members.shift_remove(name);
        }
        match members.get_mut(name) {
            Some(member) => apply_defaults(property, member),
            None => {
                if let Some(default) = default_of(property, required) {
                    members.insert(name.clone(), default);
                }
            }
        }
    }
}

/// What an absent property becomes.
fn default_of(property: &Value, required: bool) -> Option<Value> {
    if let Some(default) = property.get("default").filter(|default| !default.is_null()) {
        let mut value = default.clone();
        apply_defaults(property, &mut value);
        return Some(value);
    }
    if !required || !property.get("properties").is_some_and(Value::is_object) {
        return None;
    }
    let mut value = Value::Object(Map::new());
    apply_defaults(property, &mut value);
    value.as_object().is_some_and(|members| !members.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_fill_what_is_absent() {
        let spec = json!({
            "required": ["paging", "needed"],
            "properties": {
                "region": {"type": "string", "default": "eu"},
                "needed": {"type": "string", "default": "n"},
                "note": {"type": "string"},
                "nothing": {"default": null},
                "paging": {"type": "object", "properties": {"size": {"default": 100}, "mode": {"type": "string"}}},
                "optional": {"type": "object", "properties": {"size": {"default": 1}}},
                "window": {"type": "object", "default": {"days": 7}, "properties": {"hours": {"default": 0}}},
                "accounts": {"items": {"properties": {"active": {"default": true}}}},
            },
        });
        let full = json!({
            "region": "eu", "needed": "n", "paging": {"size": 100}, "window": {"days": 7, "hours": 0},
        });
        let table = [
            (json!({}), full.clone()),
            (json!({"region": null, "note": null, "optional": null, "window": null}), full),
            (
                json!({"region": "us", "needed": null, "paging": {"mode": "m"}, "optional": {}, "window": {},
                       "accounts": [{"id": 1}, {"active": false}, 7], "other": null}),
                json!({"region": "us", "needed": null, "paging": {"mode": "m", "size": 100}, "optional": {"size": 1},
                       "window": {"hours": 0}, "accounts": [{"id": 1, "active": true}, {"active": false}, 7], "other": null}),
            ),
            (json!([1]), json!([1])),
        ];
        for (config, expected) in table {
            let mut filled = config.clone();
            apply_defaults(&spec, &mut filled);
            assert_eq!(filled, expected, "{config}");
            let once = filled.clone();
            apply_defaults(&spec, &mut filled);
            assert_eq!(filled, once, "a second time changes nothing");
        }
    }

    #[test]
    fn only_the_chosen_option_gives_defaults() {
        let spec = json!({"properties": {"credentials": {"type": "object", "oneOf": [
            {"required": ["kind"], "properties": {"kind": {"const": "oauth"}, "scope": {"default": "read"}}},
            {"required": ["kind"], "properties": {"kind": {"const": "key"}, "header": {"default": "X-Key"}, "scope": {"type": "string"}}},
        ]}}});
        let table = [
            (json!({"kind": "oauth"}), json!({"kind": "oauth", "scope": "read"})),
            (json!({"kind": "key", "scope": null}), json!({"kind": "key", "header": "X-Key"})),
            (json!({"kind": "other"}), json!({"kind": "other"})),
            (json!({}), json!({})),
        ];
        for (credentials, expected) in table {
            let mut config = json!({"credentials": credentials});
            apply_defaults(&spec, &mut config);
            assert_eq!(config, json!({"credentials": expected}));
        }
    }
}
