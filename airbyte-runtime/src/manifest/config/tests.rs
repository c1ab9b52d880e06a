use airbyte_manifest::model::{Spec, parse};
use airbyte_manifest::{Node, resolve};
use serde_json::{Value, json};

use super::super::registry::Registry;
use super::normalize::Normalized;
use super::*;

fn spec(spec: Value) -> Spec {
    let mut spec = spec;
    let members = spec.as_object_mut().unwrap();
    members.insert("type".to_owned(), json!("Spec"));
    members.entry("connection_specification").or_insert_with(|| json!({}));
    let manifest = json!({
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": []},
        "streams": [],
        "spec": spec,
    });
    let (source, findings) = parse(&resolve::parameters(&Node::from_json(&manifest)).unwrap());
    source.and_then(|source| source.spec).unwrap_or_else(|| panic!("{findings:#?}"))
}

fn rules(rules: Value) -> Spec {
    let mut rules = rules;
    rules.as_object_mut().unwrap().insert("type".to_owned(), json!("ConfigNormalizationRules"));
    spec(json!({"config_normalization_rules": rules}))
}

fn field(path: &[&str], value: &str) -> Value {
    json!({"type": "AddedFieldDefinition", "path": path, "value": value})
}

#[test]
fn the_message_has_what_the_protocol_knows() {
    let full = spec(json!({
        "connection_specification": {"type": "object", "properties": {"a": {"type": "string", "default": null}}},
        "documentation_url": "https://docs.example.com",
        "advanced_auth": {
            "auth_flow_type": "oauth2.0",
            "predicate_key": ["credentials", "type"],
            "predicate_value": "oauth",
            "oauth_config_specification": {
                "oauth_connector_input_specification": {
                    "consent_url": "https://example.com/consent",
                    "access_token_url": "https://example.com/token",
                    "scopes": [{"scope": "read"}],
                    "scopes_join_strategy": "comma",
                    "extract_output": ["access_token"],
                    "state": {"min": 7, "max": 27},
                },
                "complete_oauth_output_specification": {"properties": {"token": {"type": "string"}}},
            },
        },
    }));
    let message = SpecMessage::new(&full);
    assert_eq!(
        message.connection_specification,
        json!({"type": "object", "properties": {"a": {"type": "string", "default": null}}})
    );
    assert_eq!(message.documentation_url.as_deref(), Some("https://docs.example.com"));
    let auth = json!({
        "auth_flow_type": "oauth2.0",
        "predicate_key": ["credentials", "type"],
        "predicate_value": "oauth",
        "oauth_config_specification": {
            "oauth_connector_input_specification": {
                "consent_url": "https://example.com/consent",
                "access_token_url": "https://example.com/token",
                "scopes": [{"scope": "read"}],
                "scopes_join_strategy": "comma",
                "extract_output": ["access_token"],
                "state": {"min": 7, "max": 27},
            },
            "complete_oauth_output_specification": {"properties": {"token": {"type": "string"}}},
        },
    });
    assert_eq!(message.advanced_auth.unwrap().to_string(), auth.to_string(), "the order counts, too");

    let bare = SpecMessage::new(&spec(json!({"documentation_url": ""})));
    assert_eq!((bare.documentation_url, bare.advanced_auth), (None, None));
}

#[test]
fn migrations_are_kept_and_transformations_are_not() {
    let spec = rules(json!({
        "config_migrations": [{
            "type": "ConfigMigration",
            "transformations": [
                {
                    "type": "ConfigAddFields",
                    "fields": [field(&["new", "x"], "{{ config['old'] }}"), field(&["v"], "5")],
                },
                {"type": "ConfigRemoveFields", "field_pointers": [["old"], ["missing"]]},
            ],
        }],
        "transformations": [{"type": "ConfigAddFields", "fields": [field(&["twice"], "{{ config.v * 2 }}")]}],
    }));
    let normalized = normalize(&spec, &json!({"old": "ov", "keep": 1}), &Registry::new()).unwrap();
    let migrated = json!({"keep": 1, "new": {"x": "ov"}, "v": 5});
    assert_eq!(normalized.migrated, Some(migrated.clone()));
    assert_eq!(normalized.config, json!({"keep": 1, "new": {"x": "ov"}, "v": 5, "twice": 10}));

    let again = normalize(&rules(json!({"transformations": []})), &migrated, &Registry::new()).unwrap();
    assert_eq!(again, Normalized { config: migrated, migrated: None });
}

#[test]
fn an_empty_configuration_stays_empty() {
    let spec = rules(json!({"transformations": [{"type": "ConfigAddFields", "fields": [field(&["v"], "5")]}]}));
    assert_eq!(
        normalize(&spec, &json!({}), &Registry::new()).unwrap(),
        Normalized { config: json!({}), migrated: None }
    );
}

#[test]
fn transformations_of_configurations() {
    let remap = |path: &[&str], map: Value| json!({"type": "ConfigRemapField", "field_path": path, "map": map});
    let cases = [
        ("the exact value", vec![remap(&["v"], json!({"a": "b", "5": "five"}))], json!({"v": "a"}), json!({"v": "b"})),
        ("keys are text", vec![remap(&["v"], json!({"5": "five"}))], json!({"v": 5}), json!({"v": 5})),
        ("a missing path", vec![remap(&["nope", "x"], json!({"a": "b"}))], json!({"v": "a"}), json!({"v": "a"})),
        (
            "something else on the way",
            vec![remap(&["new", "x", "y"], json!({"q": "r"}))],
            json!({"new": {"x": "q"}}),
            json!({"new": {"x": "q"}}),
        ),
        (
            "templates in the map",
            vec![remap(&["new", "x"], json!({"q": "{{ config['tv'] }}"}))],
            json!({"new": {"x": "q"}, "tv": "mapped"}),
            json!({"new": {"x": "mapped"}, "tv": "mapped"}),
        ),
        (
            "conditions",
            vec![
                json!({"type": "ConfigRemoveFields", "field_pointers": [["a"]], "condition": "{{ config.b }}"}),
                json!({"type": "ConfigRemoveFields", "field_pointers": [["b"]], "condition": "{{ config.none }}"}),
                json!({
                    "type": "ConfigAddFields",
                    "fields": [field(&["c"], "1"), field(&["d"], "2")],
                    "condition": "{{ value == 2 and path == ['d'] }}",
                }),
            ],
            json!({"a": 1, "b": true}),
            json!({"b": true, "d": 2}),
        ),
    ];
    for (what, transformations, config, expected) in cases {
        let spec = rules(json!({"transformations": transformations}));
        assert_eq!(normalize(&spec, &config, &Registry::new()).unwrap().config, expected, "{what}");
    }
}

#[test]
fn transformations_that_cannot_run() {
    let cases = [
        (json!({"type": "ConfigRemapField", "field_path": ["v"], "map": "{{ config['m'] }}"}), "is text"),
        (json!({"type": "ConfigRemapField", "field_path": [], "map": {}}), "empty `field_path`"),
        (json!({"type": "CustomConfigTransformation", "class_name": "x.Y"}), "`x.Y`"),
    ];
    for (transformation, expected) in cases {
        let error = normalize(&rules(json!({"transformations": [transformation]})), &json!({"v": 1}), &Registry::new())
            .unwrap_err();
        assert!(error.message().contains(expected), "{error}");
    }
}

#[test]
fn a_configuration_is_held_against_the_schema() {
    let spec = spec(json!({"connection_specification": {
        "type": "object",
        "properties": {"v": {"type": "integer"}, "r": {"type": "string"}, "key": {"airbyte_secret": true}},
        "required": ["r"],
        "additionalProperties": false,
    }}));
    validate(&spec, &json!({"r": "a", "_limit": 5, "_page_size": 1, "__injected_declarative_manifest": {}})).unwrap();
    let error = validate(&spec, &json!({"v": "s3cret"})).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Config);
    assert!(error.message().starts_with("Config validation error: "), "{error}");
    assert!(error.message().contains("`v`: ") && error.message().contains('r'), "{error}");
    assert!(!error.message().contains("s3cret"), "{error}");
    assert_eq!(secrets(&spec, &json!({"key": "k"})), ["k"]);
}

#[test]
fn validations() {
    let strategy = |schema: Value| json!({"type": "ValidateAdheresToSchema", "base_schema": schema});
    let at = |path: &[&str], schema: Value| json!({"type": "DpathValidator", "field_path": path, "validation_strategy": strategy(schema)});
    let config = json!({"js": "{\"k\": 1}", "plain": "secret", "n": 5, "list": [{"id": 1}, {"id": "x"}]});
    let cases = [
        (at(&["js"], json!({"type": "object", "required": ["k"]})), None),
        (at(&["js"], json!({"type": "object", "required": ["z"]})), Some("JSON schema validation error at [\"js\"]")),
        (at(&["plain"], json!({"type": "string"})), Some("Invalid JSON string at [\"plain\"]")),
        (at(&["n"], json!({"type": "integer"})), None),
        (at(&["missing"], json!({"type": "integer"})), None),
        (at(&["missing", "*"], json!({"type": "integer"})), None),
        (at(&["list", "*", "id"], json!({"type": "integer"})), Some("Invalid JSON string")),
        (at(&["list", "*"], json!({"type": "object"})), None),
        (at(&[], json!({"type": "object"})), Some("is empty")),
        (at(&["n"], json!("{\"type\": \"integer\"}")), Some("is text")),
        (at(&["missing"], json!("{\"type\": \"integer\"}")), None),
        (
            json!({"type": "PredicateValidator", "value": "{{ config['n'] }}", "validation_strategy": strategy(json!({}))}),
            Some("a PredicateValidator"),
        ),
        (
            json!({
                "type": "DpathValidator",
                "field_path": ["n"],
                "validation_strategy": {"type": "CustomValidationStrategy", "class_name": "x.Y"},
            }),
            Some("`x.Y`"),
        ),
    ];
    for (validator, expected) in cases {
        let outcome = super::validations(&rules(json!({"validations": [validator]})), &config, &Registry::new());
        match (&outcome, expected) {
            (Ok(()), None) => {}
            (Err(error), Some(expected)) => {
                assert!(error.message().contains(expected), "{validator}: {error}");
                assert!(!error.message().contains("secret"), "{error}");
            }
            _ => panic!("{validator}: {outcome:?}"),
        }
    }
}
