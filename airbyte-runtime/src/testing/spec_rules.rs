//! The rules that Airbyte's form sets for a connection specification.

use serde_json::Value;

/// Names that must be secret when they are texts.
const SECRET_NAMES: [&str; 20] = [
    "client_token",
    "access_token",
    "api_token",
    "token",
    "secret",
    "client_secret",
    "password",
    "key",
    "api_key",
    "service_account_info",
    "service_account",
    "tenant_id",
    "certificate",
    "jwt",
    "credentials",
    "app_id",
    "appid",
    "refresh_token",
    "private_key",
    "secret_key",
];
/// Keywords that the form cannot show.
const FORBIDDEN: [&str; 10] =
    ["not", "anyOf", "allOf", "patternProperties", "prefixItems", "if", "then", "else", "dependentSchemas", "$ref"];

/// Everything that is wrong with a `connectionSpecification`, each with its place.
pub(super) fn spec_problems(spec: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    if spec["type"] != "object" {
        problems.push("the specification is not of type `object`".to_owned());
    }
    object(spec, "", &mut problems);
    problems
}

fn object(schema: &Value, place: &str, problems: &mut Vec<String>) {
    let mut orders = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        if let Some(order) = property["order"].as_i64() {
            let group = property["group"].as_str().unwrap_or_default();
            if orders.contains(&(group, order)) {
                problems.push(format!("`{place}` has the order {order} of another field"));
            }
            orders.push((group, order));
        }
        property_rules(name, property, &place, problems);
    }
    if schema["additionalProperties"] == Value::Bool(false) {
        problems.push(format!("`{place}` forbids additional properties, which the platform may send"));
    }
}

fn property_rules(name: &str, property: &Value, place: &str, problems: &mut Vec<String>) {
    for keyword in FORBIDDEN {
        if property.get(keyword).is_some() {
            problems.push(format!("`{place}` uses `{keyword}`, which the form cannot show"));
        }
    }
    let is_text = property["type"] == "string" && property.get("const").is_none() && property.get("enum").is_none();
    if is_text
        && SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str())
        && property["airbyte_secret"] != Value::Bool(true)
    {
        problems.push(format!("`{place}` looks like a secret: make its type `Secret`"));
    }
    if let Some(options) = property["oneOf"].as_array() {
        one_of(options, place, problems);
    }
    if property.get("display_type").is_some() && property.get("oneOf").is_none() {
        problems.push(format!("`{place}` has a display type, but nothing to choose from"));
    }
    match property["type"].as_str() {
        Some("object") => object(property, place, problems),
        Some("array") => property_rules("", &property["items"], &format!("{place}[]"), problems),
        _ => {}
    }
}

/// The options of a choice are told apart by one constant property.
fn one_of(options: &[Value], place: &str, problems: &mut Vec<String>) {
    let mut values = Vec::new();
    for option in options {
        let constants = option["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, property)| Some((name, property.get("const")?)));
        let constants: Vec<_> = constants.collect();
        match constants.as_slice() {
            [(name, value)] => {
                if values.contains(&(*name, *value)) {
                    problems.push(format!("two options of `{place}` are both {value}"));
                }
                values.push((*name, *value));
            }
            _ => problems
                .push(format!("an option of `{place}` has {} constant properties in place of one", constants.len())),
        }
        object(option, place, problems);
    }
    if values.windows(2).any(|pair| matches!(pair, [a, b] if a.0 != b.0)) {
        problems.push(format!("the options of `{place}` are told apart by different properties"));
    }
}
