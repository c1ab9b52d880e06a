mod delegating;
mod graft;

use std::collections::HashSet;
use std::sync::Arc;

use airbyte_manifest::model::{
    ComponentsResolver, DeclarativeSource, DynamicDeclarativeStream, StreamDefinition, parse,
};
use airbyte_manifest::{Node, resolve};
use serde_json::{Map, Value, json};

use super::*;
use crate::error::{Error, ErrorKind, Result};
use crate::jinja::{self, Environment};

fn source(extra: Value) -> DeclarativeSource {
    let mut manifest = json!({
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": []},
        "streams": [],
    });
    manifest.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let (source, findings) = parse(&resolve::parameters(&Node::from_json(&manifest)).unwrap());
    source.unwrap_or_else(|| panic!("{findings:#?}"))
}

fn stream(name: &str) -> Value {
    json!({
        "type": "DeclarativeStream",
        "name": name,
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {
                "type": "HttpRequester",
                "url": "https://api.example.com/x",
                "request_parameters": {"n": "0", "k": "{{ config['key'] }}"},
                "request_headers": {"X-A": "1", "X-B": "2"},
            },
            "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []}},
        },
        "primary_key": "zzz",
    })
}

fn mapping(path: &[&str], value: &str) -> Value {
    json!({"type": "ComponentMappingDefinition", "field_path": path, "value": value})
}

fn with(mut mapping: Value, key: &str, value: Value) -> Value {
    mapping.as_object_mut().unwrap().insert(key.to_owned(), value);
    mapping
}

fn name_mapping() -> Value {
    mapping(&["name"], "{{ components_values['name'] }}")
}

fn dynamic(resolver: Value, mappings: &[Value]) -> DynamicDeclarativeStream {
    let resolver = with(resolver, "components_mapping", json!(mappings));
    let definition = json!({
        "type": "DynamicDeclarativeStream",
        "stream_template": stream("placeholder"),
        "components_resolver": resolver,
    });
    source(json!({"dynamic_streams": [definition]})).dynamic_streams.pop().unwrap()
}

fn http() -> Value {
    json!({"type": "HttpComponentsResolver", "retriever": stream("").get("retriever")})
}

fn list(values: Value) -> Value {
    let parameters = json!({"type": "StreamParametersDefinition", "list_of_parameters_for_stream": values});
    json!({"type": "ParametrizedComponentsResolver", "stream_parameters": parameters})
}

fn config(configs: Value) -> Value {
    json!({"type": "ConfigComponentsResolver", "stream_config": configs})
}

fn pointer(path: &[&str]) -> Value {
    json!({"type": "StreamConfig", "configs_pointer": path})
}

fn environment(config: &Value) -> Arc<Environment> {
    Environment::new(config)
}

fn components(values: Value) -> Vec<Component> {
    values.as_array().unwrap().iter().map(|value| Component { value: value.clone(), slice: None }).collect()
}

/// The streams as name, primary key and one part of the requester.
fn expanded(definition: &DynamicDeclarativeStream, components: &[Component]) -> Result<Vec<Value>> {
    let environment = environment(&json!({"key": "kv"}));
    let streams = expand(definition, components, &environment, &mut HashSet::new())?;
    Ok(streams.iter().map(shown).collect())
}

fn shown(stream: &StreamDefinition) -> Value {
    let StreamDefinition::DeclarativeStream(stream) = stream else { panic!("{stream:?}") };
    let airbyte_manifest::model::Retriever::SimpleRetriever(retriever) = &stream.retriever else { panic!() };
    let airbyte_manifest::model::Requester::HttpRequester(requester) = &retriever.requester else { panic!() };
    json!({
        "name": stream.name.as_str(),
        "key": crate::manifest::schema::primary_key(stream.primary_key.as_ref()).unwrap(),
        "parameters": requester.request_parameters.as_ref().map(Node::to_json),
        "headers": requester.request_headers.as_ref().map(Node::to_json),
    })
}

fn part(streams: &[Value], key: &str) -> Vec<Value> {
    streams.iter().map(|stream| stream.get(key).cloned().unwrap()).collect()
}

#[test]
fn values_are_written_where_the_template_has_something() {
    let definition = dynamic(
        http(),
        &[
            name_mapping(),
            mapping(&["primary_key"], "{{ [ 'id' ] }}"),
            with(
                mapping(&["retriever", "requester", "request_parameters", "n"], "{{ components_values['n'] }}"),
                "value_type",
                json!("string"),
            ),
            // This resolver creates nothing.
            with(
                mapping(&["retriever", "requester", "request_parameters", "new"], "x"),
                "create_or_update",
                json!(true),
            ),
            mapping(&["nope", "deep"], "1"),
            mapping(&["retriever", "requester", "request_headers", "*"], "h{{ components_values['n'] }}"),
        ],
    );
    let streams = expanded(&definition, &components(json!([{"name": "a", "n": 1}, {"name": "b", "n": 2}]))).unwrap();
    assert_eq!(
        streams,
        [
            json!({
                "name": "a",
                "key": [["id"]],
                "parameters": {"n": "1", "k": "{{ config['key'] }}"},
                "headers": {"X-A": "h1", "X-B": "h1"},
            }),
            json!({
                "name": "b",
                "key": [["id"]],
                "parameters": {"n": "2", "k": "{{ config['key'] }}"},
                "headers": {"X-A": "h2", "X-B": "h2"},
            }),
        ]
    );
}

#[test]
fn mappings_see_the_slice_and_the_template() {
    let definition = dynamic(
        http(),
        &[mapping(&["name"], "{{ stream_slice['p'] }}_{{ stream_partition.p }}_{{ stream_template_config.name }}")],
    );
    let partition = Map::from_iter([("p".to_owned(), json!("q"))]);
    let slice = jinja::stream_slice(&partition, &Map::new(), &Map::new());
    let component = Component { value: json!({}), slice: Some(slice) };
    assert_eq!(part(&expanded(&definition, &[component]).unwrap(), "name"), [json!("q_q_placeholder")]);
    let without = expanded(&definition, &components(json!([{}])));
    assert!(without.is_err(), "no other resolver has a slice");
}

#[test]
fn text_is_read_as_yaml() {
    let parameters = ["retriever", "requester", "request_parameters"];
    let created = ["retriever", "requester", "request_parameters", "c"];
    let create = |value: &str| with(mapping(&created, value), "create_or_update", json!(true));
    let cases = [
        ("a mapping", mapping(&parameters, "a: x\nb: 'y'"), json!({"a": "x", "b": "y"})),
        ("a new key", create("x"), json!({"n": "0", "k": "{{ config['key'] }}", "c": "x"})),
        ("nothing is not created", create(""), json!({"n": "0", "k": "{{ config['key'] }}"})),
        ("only on demand", mapping(&created, "x"), json!({"n": "0", "k": "{{ config['key'] }}"})),
        ("a date format", create("%Y-%m-%d"), json!({"n": "0", "k": "{{ config['key'] }}", "c": "%Y-%m-%d"})),
        (
            "a template",
            create("{{ '{{ config.key }}' }}"),
            json!({"n": "0", "k": "{{ config['key'] }}", "c": "{{ config.key }}"}),
        ),
        (
            "declared as text",
            with(create("yes"), "value_type", json!("string")),
            json!({"n": "0", "k": "{{ config['key'] }}", "c": "yes"}),
        ),
    ];
    for (what, mapping, expected) in cases {
        let definition = dynamic(config(pointer(&["tables"])), &[name_mapping(), mapping]);
        let streams = expanded(&definition, &components(json!([{"name": "a"}]))).unwrap();
        assert_eq!(part(&streams, "parameters"), [expected], "{what}");
    }
    let definition = dynamic(list(json!([])), &[name_mapping(), with(create("yes"), "value_type", json!("string"))]);
    let error = expanded(&definition, &components(json!([{"name": "a"}]))).unwrap_err();
    assert!(
        error.message().contains("the dynamic stream a is not sound"),
        "elsewhere a declaration does not help: {error}"
    );
}

#[test]
fn conditions_are_for_values_of_the_configuration() {
    let conditional = with(mapping(&["primary_key"], "id"), "condition", json!("{{ components_values.name == 'b' }}"));
    let definition = dynamic(config(pointer(&["tables"])), &[name_mapping(), conditional.clone()]);
    let streams = expanded(&definition, &components(json!([{"name": "a"}, {"name": "b"}]))).unwrap();
    assert_eq!(part(&streams, "key"), [json!([["zzz"]]), json!([["id"]])]);
    for resolver in [http(), list(json!([]))] {
        let error = expanded(&dynamic(resolver, std::slice::from_ref(&conditional)), &[]).unwrap_err();
        assert!(error.message().contains("only supported for `ConfigComponentsResolver`"), "{error}");
    }
}

#[test]
fn names_are_text_and_unique() {
    let fails = |definition: &DynamicDeclarativeStream, values: Value| -> Error {
        expanded(definition, &components(values)).unwrap_err()
    };
    let twice = json!([{"name": "same"}, {"name": "same"}]);
    let error = fails(&dynamic(config(pointer(&["tables"])), &[name_mapping()]), twice.clone());
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Config, "Dynamic streams list contains a duplicate name: same. Please check your configuration.")
    );
    let error = fails(&dynamic(http(), &[name_mapping()]), twice);
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::System, "Dynamic streams list contains a duplicate name: same. Please contact Airbyte Support.")
    );
    let error = fails(&dynamic(http(), &[name_mapping()]), json!([{"name": 5}]));
    assert!(error.message().contains("got a number"), "{error}");

    let definition = dynamic(http(), &[name_mapping()]);
    let mut names = HashSet::from(["a".to_owned()]);
    let taken = expand(&definition, &components(json!([{"name": "a"}])), &environment(&json!({})), &mut names);
    assert!(taken.is_err(), "another template has the name");
}

#[test]
fn parameters_reach_the_new_streams() {
    let template = with(stream("placeholder"), "$parameters", json!({"tag": "outer"}));
    let definition = json!({
        "type": "DynamicDeclarativeStream",
        "stream_template": template,
        "components_resolver": with(http(), "components_mapping", json!([
            name_mapping(),
            mapping(&["$parameters", "tag"], "{{ components_values.name }}"),
        ])),
    });
    let definition = source(json!({"dynamic_streams": [definition]})).dynamic_streams.pop().unwrap();
    let mut names = HashSet::new();
    let streams =
        expand(&definition, &components(json!([{"name": "a"}])), &environment(&json!({})), &mut names).unwrap();
    let [StreamDefinition::DeclarativeStream(stream)] = streams.as_slice() else { panic!() };
    let airbyte_manifest::model::Retriever::SimpleRetriever(retriever) = &stream.retriever else { panic!() };
    assert_eq!(retriever.parameters().get("tag"), Some(&json!("a")), "those of the outer component win");
}

fn of_config(resolver: Value, config: &Value) -> Result<Vec<Value>> {
    let definition = dynamic(resolver, &[name_mapping()]);
    let ComponentsResolver::ConfigComponentsResolver(resolver) = &definition.components_resolver else { panic!() };
    let components = components_of_config(resolver, &environment(config), config)?;
    Ok(components.into_iter().map(|component| component.value).collect())
}

#[test]
fn values_of_the_configuration() {
    let config_value = json!({
        "tables": [{"name": "alpha"}, {"name": "beta"}],
        "deep": {"list": [{"name": "gamma"}]},
        "one": {"name": "single"},
        "envs": ["dev", "prod"],
        "which": "tables",
    });
    let defaults = with(pointer(&["deep", "list"]), "default_values", json!([{"name": "dflt"}]));
    let cases = [
        (pointer(&["tables"]), json!([{"name": "alpha"}, {"name": "beta"}])),
        (pointer(&["{{ config['which'] }}"]), json!([{"name": "alpha"}, {"name": "beta"}])),
        (pointer(&["one"]), json!([{"name": "single"}])),
        (pointer(&["nope"]), json!([])),
        (defaults, json!([{"name": "gamma"}, {"name": "dflt"}])),
        (pointer(&["envs"]), json!([{"source_config_0": [0, "dev"]}, {"source_config_0": [1, "prod"]}])),
        (
            json!([pointer(&["tables"]), pointer(&["envs"])]),
            json!([
                {"name": "alpha", "source_config_1": [0, "dev"]},
                {"name": "alpha", "source_config_1": [1, "prod"]},
                {"name": "beta", "source_config_1": [0, "dev"]},
                {"name": "beta", "source_config_1": [1, "prod"]},
            ]),
        ),
        (json!([pointer(&["tables"]), pointer(&["nope"])]), json!([])),
        (json!([pointer(&["tables"]), pointer(&["one"])]), json!([{"name": "single"}, {"name": "single"}])),
    ];
    for (configs, expected) in cases {
        assert_eq!(json!(of_config(config(configs.clone()), &config_value).unwrap()), expected, "{configs}");
    }
    let many = json!({"l": vec![1; 400]});
    let error = of_config(config(json!([pointer(&["l"]), pointer(&["l"])])), &many).unwrap_err();
    assert!(error.message().contains("more than 100000"), "{error}");
}

#[test]
fn values_of_the_manifest() {
    let definition = dynamic(list(json!([{"name": "a", "pk": ["id"]}, {"name": "b"}])), &[name_mapping()]);
    let ComponentsResolver::ParametrizedComponentsResolver(resolver) = &definition.components_resolver else {
        panic!()
    };
    let values: Vec<_> = components_of_list(resolver).into_iter().map(|component| component.value).collect();
    assert_eq!(values, [json!({"name": "a", "pk": ["id"]}), json!({"name": "b"})]);
}

#[test]
fn streams_with_a_condition() {
    let group = |condition: &str, names: &[&str]| {
        let streams: Vec<_> = names.iter().map(|name| stream(name)).collect();
        json!({"type": "ConditionalStreams", "condition": condition, "streams": streams})
    };
    let source = source(json!({"streams": [
        group("{{ config['x'] == 1 }}", &["c1", "c2"]),
        stream("a"),
        group("{{ config['missing'] }}", &["c3"]),
        group("{{ config['flag'] }}", &["c4"]),
    ]}));
    let found = included(&source.streams, &environment(&json!({"x": 1, "flag": true}))).unwrap();
    let name = |included: &Included<'_>| match included {
        Included::Declarative(stream) => stream.name.text.clone(),
        Included::StateDelegating(stream) => stream.name.text.clone(),
    };
    assert_eq!(found.iter().map(name).collect::<Vec<_>>(), ["c1", "c2", "a", "c4"]);
}
