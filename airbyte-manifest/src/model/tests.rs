use serde_json::{Value, json};

use super::*;

fn stream() -> Value {
    json!({
        "type": "DeclarativeStream",
        "name": "users",
        "retriever": {
            "type": "SimpleRetriever",
            "requester": { "type": "HttpRequester", "url": "https://api.example.com/users" },
            "record_selector": { "type": "RecordSelector", "extractor": { "type": "DpathExtractor", "field_path": [] } },
        },
    })
}

fn manifest() -> Value {
    json!({
        "type": "DeclarativeSource",
        "version": "7.0.0",
        "check": { "type": "CheckStream", "stream_names": ["users"] },
        "streams": [stream()],
    })
}

/// The manifest with one value set, by its JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = manifest();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    manifest.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
    manifest
}

fn findings(manifest: &Value) -> Vec<String> {
    parse(&Node::from_json(manifest)).1.iter().map(show).collect()
}

fn show(finding: &Diagnostic) -> String {
    let help = finding.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{:?}: {}{help}", finding.severity, finding.message)
}

#[test]
fn the_table_has_all_definitions_once() {
    let names: Vec<_> = definitions().iter().map(|definition| definition.name).collect();
    assert_eq!(names.len(), 139);
    assert!(names.is_sorted_by(|a, b| a < b), "sorted, and each once");
}

/// What Airbyte's language does not have stands apart from what it has.
#[test]
fn extensions_have_names_of_their_own() {
    let names: Vec<_> = extensions().iter().map(|definition| definition.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "sorted, and each once");
    let official = |name: &&str| definitions().iter().any(|definition| definition.name == *name);
    assert_eq!(names.iter().find(|name| official(name)), None);
}

#[test]
fn a_sound_manifest_is_read_with_the_defaults_of_the_language() {
    let (source, findings) = parse(&Node::from_json(&manifest()));
    assert_eq!(findings, []);
    let source = source.unwrap();
    let [StreamDefinition::DeclarativeStream(stream)] = source.streams.as_slice() else { panic!("one stream") };
    let Retriever::SimpleRetriever(retriever) = &stream.retriever else { panic!("simple") };
    let Requester::HttpRequester(requester) = &retriever.requester else { panic!("http") };
    assert_eq!(requester.http_method, HttpMethod::Get);
    assert!(!requester.use_cache);
    assert_eq!(stream.primary_key, None);
    assert!(stream.transformations.is_empty());
}

#[test]
fn what_airbyte_refuses_is_an_error_and_what_it_ignores_a_warning() {
    let requester = "/streams/0/retriever/requester";
    let cases = [
        (
            "/streams/0/retriever".to_owned(),
            Value::Null,
            "Error: DeclarativeStream.retriever is null, expected a component, one of `SimpleRetriever`, `AsyncRetriever`, `CustomRetriever`",
        ),
        (
            format!("{requester}/http_method"),
            json!("get"),
            "Error: HttpRequester.http_method is `get`; did you mean `GET`? It may be one of `GET`, `POST`",
        ),
        (
            format!("{requester}/url"),
            json!(5),
            "Error: HttpRequester.url is a whole number, expected text; put it in quotes",
        ),
        (
            format!("{requester}/request_parameters"),
            json!({"limit": 5}),
            "Error: HttpRequester.request_parameters.limit is a whole number, expected text; put it in quotes",
        ),
        (
            format!("{requester}/Url"),
            json!("x"),
            "Warning: HttpRequester has no field `Url`, it is ignored; did you mean `url`?",
        ),
        (
            format!("{requester}/path"),
            json!("x"),
            "Note: HttpRequester.path is deprecated; write the whole address in `url`",
        ),
        ("/Spec".to_owned(), json!({}), "Error: DeclarativeSource has no field `Spec`; did you mean `spec`?"),
        ("/streams".to_owned(), json!({}), "Error: DeclarativeSource.streams is a mapping, expected a list"),
        (
            "/check/type".to_owned(),
            json!("Checkstream"),
            "Error: DeclarativeSource.check has the unknown type `Checkstream`; did you mean `CheckStream`? It may be one of `CheckStream`, `CheckDynamicStream`",
        ),
        (
            "/check/type".to_owned(),
            json!("NoAuth"),
            "Error: a NoAuth cannot be used as DeclarativeSource.check; it may be one of `CheckStream`, `CheckDynamicStream`",
        ),
        (
            "/streams/0/retriever/record_selector/extractor/field_path".to_owned(),
            json!("data"),
            "Error: DpathExtractor.field_path is text, expected a list of text",
        ),
        (
            "/streams/0/retriever/page_size_reduction".to_owned(),
            json!({"type": "PageSizeReduction", "max_attempts": 0}),
            "Error: PageSizeReduction.max_attempts must be at least 1",
        ),
        (
            "/streams/0/retriever/requester/authenticator".to_owned(),
            json!({"type": "JwtAuthenticator", "secret_key": "k", "algorithm": "HS256", "jwt_payload": {"issuer": "me"}}),
            "Error: JwtPayload has no field `issuer`; its fields are `iss`, `sub`, `aud`",
        ),
        (
            "/streams/0/incremental_sync".to_owned(),
            json!({"type": "IncrementingCountCursor"}),
            "Error: IncrementingCountCursor needs `cursor_field`; add `cursor_field`: text",
        ),
    ];
    for (pointer, value, expected) in cases {
        let found = findings(&with(&pointer, value));
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{pointer}: {found:#?}");
        assert_eq!(found.len(), 1, "{pointer}: {found:#?}");
    }
}

#[test]
fn what_parameters_leave_behind_is_no_misspelling() {
    let mut manifest = manifest();
    let requester = manifest.pointer_mut("/streams/0/retriever/requester").unwrap().as_object_mut().unwrap();
    requester.insert("$parameters".to_owned(), json!({"data_field": "users"}));
    requester.insert("data_field".to_owned(), json!("users"));
    requester.insert("primary_key".to_owned(), json!("id"));
    assert_eq!(findings(&manifest), Vec::<String>::new());
}

#[test]
fn a_broken_stream_leaves_the_others() {
    let mut manifest = manifest();
    let mut broken = stream();
    broken["retriever"]["type"] = json!("SimpleRetreiver");
    manifest["streams"].as_array_mut().unwrap().insert(0, broken);
    let (source, findings) = parse(&Node::from_json(&manifest));
    assert_eq!(findings.len(), 1);
    assert_eq!(source.unwrap().streams.len(), 1);
}

#[test]
fn a_session_token_has_its_own_short_type_names() {
    let login = json!({"type": "HttpRequester", "url": "https://api.example.com/login"});
    let authenticator = json!({
        "type": "SessionTokenAuthenticator",
        "login_requester": login,
        "session_token_path": ["token"],
        "request_authentication": {"type": "Bearer"},
    });
    assert_eq!(findings(&with("/streams/0/retriever/requester/authenticator", authenticator)), Vec::<String>::new());
}

#[test]
fn primary_keys_have_three_forms() {
    let cases = [
        (json!(""), Some("Field")),
        (json!([]), Some("Fields")),
        (json!(["a", "b"]), Some("Fields")),
        (json!([["a", "b"]]), Some("Paths")),
        (json!([["a"], "b"]), None),
        (json!(5), None),
    ];
    for (key, expected) in cases {
        let mut stream = stream();
        stream["primary_key"] = key.clone();
        let form = match parse_stream(&Node::from_json(&stream)) {
            Ok(StreamDefinition::DeclarativeStream(stream)) => stream.primary_key.map(|key| match key {
                PrimaryKey::Field(_) => "Field",
                PrimaryKey::Fields(_) => "Fields",
                PrimaryKey::Paths(_) => "Paths",
            }),
            _ => None,
        };
        assert_eq!(form, expected, "{key}");
    }
}

#[test]
fn components_do_not_nest_without_end() {
    let mut handler = json!({"type": "DefaultErrorHandler"});
    for _ in 0..300 {
        handler = json!({"type": "CompositeErrorHandler", "error_handlers": [handler]});
    }
    let found = findings(&with("/streams/0/retriever/requester/error_handler", handler));
    assert_eq!(found, ["Error: components nest more than 128 deep"]);
}

#[test]
fn parents_of_parents_fit_the_stack() {
    let mut nested = stream();
    for _ in 0..40 {
        let mut child = stream();
        child["retriever"]["partition_router"] = json!({
            "type": "SubstreamPartitionRouter",
            "parent_stream_configs": [{
                "type": "ParentStreamConfig",
                "stream": nested,
                "parent_key": "id",
                "partition_field": "id",
            }],
        });
        nested = child;
    }
    let findings = parse_stream(&Node::from_json(&nested)).expect_err("too deep");
    assert_eq!(findings.len(), 1, "{findings:?}");
}

#[test]
fn a_graphql_body_keeps_its_other_keys() {
    let body = json!({
        "type": "RequestBodyGraphQL",
        "value": {"query": "query { users }", "variables": {"first": 10}},
    });
    assert_eq!(findings(&with("/streams/0/retriever/requester/request_body", body)), Vec::<String>::new());
    let broken = json!({"type": "RequestBodyGraphQL", "value": {"variables": {}}});
    let found = findings(&with("/streams/0/retriever/requester/request_body", broken));
    assert_eq!(found, ["Error: RequestBodyGraphQlQuery needs `query`; add `query`: text"]);
}

#[test]
fn components_are_counted() {
    let filters = vec![json!({"type": "HttpResponseFilter"}); 200_010];
    let handler = json!({"type": "DefaultErrorHandler", "response_filters": filters});
    let found = findings(&with("/streams/0/retriever/requester/error_handler", handler));
    assert_eq!(found, ["Error: the manifest has more than 200000 components"]);
}
