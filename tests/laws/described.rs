//! Columns that only the API, or code, knows; and records at several places of a page.

use airbyte_runtime::Connector;
use airbyte_runtime::plan::Map;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::read;

/// Records with fields of the user's own.
#[source(
    base_url = "{config.base_url}", auth = bearer(config.token), concurrency = 1, max_retries = 0,
    streams = [Contact, Deal, Either, Both, Open],
)]
struct Crm {
    /// Where the API is.
    base_url: String,
    /// What opens it.
    token: Secret,
}

/// The API describes the fields.
#[stream(
    source = Crm, path = "/contacts", records = "data", primary_key = id, undeclared = drop,
    schema = endpoint(
        "/fields", records = "fields", name = "key", type = "kind.name",
        types = {
            whole = "integer", mixed = ["string", "integer"], days = { field_type = "array", items = "date" }, text = "string",
        },
    ),
)]
struct Contact {
    id: u64,
    #[serde(flatten)]
    rest: Map<String, Json>,
}

/// Code describes the fields.
#[stream(source = Crm, path = "/deals", primary_key = id, schema = with(describe))]
struct Deal {
    /// The number of the deal.
    id: u64,
    #[serde(flatten)]
    rest: Map<String, Json>,
}

async fn describe(crm: &Crm) -> Result<Json> {
    if crm.token.expose() == "blind" {
        return Ok(json!({"type": "object"}));
    }
    Ok(json!({"properties": {"id": {"type": "string"}, "amount": {"type": ["null", "number"]}}}))
}

/// Where the records are depends on the answer.
#[stream(source = Crm, path = "/either/{partition.form}", records = first_match("data.items", "items"), partition = list(form = ["old", "new"]))]
struct Either {
    id: u64,
}

/// Records of two kinds, of which some are kept.
#[stream(
    source = Crm, path = "/both", records = union("open.*", ["closed.items"]), primary_key = id,
    paginator = cursor_token(from_body = "next", token_param = "after"), filter = |both: &Both| both.id < 5,
    cursor = integer(id),
)]
struct Both {
    id: u64,
}

/// Without a type every column is a text.
#[stream(source = Crm, path = "/open", schema = endpoint("/names", name = "name"))]
struct Open {
    id: u64,
}

fn crm(fields: Value) -> Api {
    Api::answering(move |request: &Request| {
        assert!(request.header("authorization").is_some_and(|shown| shown.starts_with("Bearer ")), "{request}");
        let body = match (request.path.as_str(), request.query_param("after")) {
            ("/fields", _) => json!({ "fields": fields }),
            ("/names", _) => json!([{"name": "a"}, {"name": "id"}]),
            ("/contacts", _) => json!({"data": [{"id": 1, "age": 3, "secret": "s"}]}),
            ("/either/old", _) => json!({"items": [{"id": 1}]}),
            ("/either/new", _) => json!({"data": {"items": [{"id": 2}]}, "items": [{"id": 9}]}),
            ("/both", None) => {
                json!({"open": {"x": {"id": 1}, "y": {"id": 2}}, "closed.items": [{"id": 3}, {"id": 7}], "next": "n"})
            }
            ("/both", Some(_)) => json!({"open": {}, "closed.items": [{"id": 4}]}),
            _ => json!([{"id": 1}]),
        };
        Response::json(200, &body)
    })
}

fn fields() -> Value {
    json!([
        {"key": "age", "kind": {"name": "whole"}}, {"key": "due", "kind": {"name": "date"}},
        {"key": "note", "kind": {"name": "mixed"}}, {"key": "off", "kind": {"name": "days"}},
        {"key": "nick", "kind": {"name": "text"}}, {"key": "bare"}, {"key": "id", "kind": {"name": "text"}},
    ])
}

fn connector(api: &Api, token: &str) -> Connector<Crm> {
    Connector::new(json!({"base_url": api.url(), "token": token}))
}

/// The properties of a stream's schema.
fn properties(connector: &Connector<Crm>, stream: &str) -> Value {
    let catalog = connector.discover().expect("a catalog");
    let streams = catalog.as_array().expect("streams");
    let found = streams.iter().find(|found| found["name"] == stream).expect("the stream");
    found["json_schema"]["properties"].clone()
}

#[test]
fn the_api_describes_columns_and_their_types() {
    let api = crm(fields());
    let expected = json!({
        "id": {"type": ["null", "integer"]},
        "age": {"type": ["null", "integer"]},
        "due": {"type": ["null", "string"], "format": "date"},
        "note": {"oneOf": [{"type": ["null", "string"]}, {"type": ["null", "integer"]}]},
        "off": {"type": ["null", "array"], "items": {"type": ["null", "string"], "format": "date"}},
        "nick": {"type": ["null", "string"]},
        "bare": {"type": ["null", "string"]},
    });
    assert_eq!(properties(&connector(&api, "t"), "contact"), expected);
    let requests: Vec<String> = api.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(requests, ["/fields", "/names"]);
    assert_eq!(properties(&connector(&api, "t"), "open")["a"], json!({"type": ["null", "string"]}));
}

#[test]
fn a_type_that_nobody_mapped_is_named() {
    let api = crm(json!([{"key": "x", "kind": {"name": "geo"}}]));
    let error = connector(&api, "t").discover().expect_err("an unknown type");
    assert!(error.message().contains("column `x` is `geo`") && error.message().contains("`types`"), "{error}");
    let api = crm(json!([{"label": "x"}]));
    let error = connector(&api, "t").discover().expect_err("no name");
    assert!(error.message().contains("no text as its name at `key`"), "{error}");
}

/// What is not described is not declared.
#[test]
fn records_are_held_against_what_was_described() {
    let api = crm(fields());
    let reading = read(&connector(&api, "t"), &["contact"]);
    assert_eq!(reading.records("contact").collect::<Vec<_>>(), [&json!({"id": 1, "age": 3})]);
}

/// What the struct declares stays as it is; a function that gives no columns is a defect that is explained.
#[test]
fn a_function_describes_columns() {
    let api = crm(fields());
    let id = json!({"type": ["null", "integer"], "description": "The number of the deal."});
    let found = properties(&connector(&api, "t"), "deal");
    assert_eq!(found, json!({"id": id, "amount": {"type": ["null", "number"]}}));
    let error = connector(&api, "blind").discover().expect_err("no columns");
    assert!(error.message().contains("gives no JSON schema with `properties`"), "{error}");
}

#[test]
fn records_are_at_the_first_place_that_has_some() {
    let api = crm(fields());
    assert_eq!(read(&connector(&api, "t"), &["either"]).ids("either"), [1, 2]);
}

/// Pages, filters and cursors work as with one place.
#[test]
fn records_are_at_all_of_several_places() {
    let api = crm(fields());
    let reading = read(&connector(&api, "t"), &["both"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!((reading.ids("both"), api.requests().len()), (vec![1, 2, 3, 4], 2));
    assert_eq!(reading.last_state("both"), Some(&json!({"id": 4})));
}
