//! Streams that name the properties of their records: once, or in chunks whose answers become whole records.

use std::collections::HashSet;
use std::sync::Mutex;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Method, Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::{catalog, read, read_catalog};

/// An API that sends the fields that it is asked for, and no others.
#[source(
    base_url = "{config.base_url}", streams = [Plain, Chunked, Lines, Written, Described, Chosen], concurrency = 1,
    backoff = constant("PT0.001S"),
)]
struct Crm {
    /// Where the API is.
    base_url: String,
}

/// All columns at once.
#[stream(source = Crm, path = "/contacts", properties = columns(param = "fields", except = [full_name]), transform = name_it)]
struct Plain {
    id: u64,
    first: String,
    #[serde(rename = "lastName")]
    last: Option<String>,
    #[serde(default)]
    full_name: String,
}

fn name_it(contact: &mut Plain) {
    contact.full_name = format!("{} {}", contact.first, contact.last.as_deref().unwrap_or("?"));
}

/// Two columns a time, page after page; the parts meet by the primary key.
#[stream(
    source = Crm, path = "/contacts", records = "data", primary_key = id, filter = |contact| contact.first != "Bob",
    paginator = page_increment(page_size = 2, start_page = 1),
    properties = columns(header = "X-Fields", separator = " ", property_count = 2),
)]
struct Chunked {
    id: u64,
    first: String,
    #[serde(rename = "lastName")]
    last: Option<String>,
    address: Option<Json>,
}

/// Chunks whose answers are no JSON documents.
#[stream(
    source = Crm, path = "/lines", primary_key = id, decoder = json_lines(),
    properties = columns(param = "fields", property_count = 2),
)]
struct Lines {
    id: u64,
    first: String,
    #[serde(rename = "lastName")]
    last: Option<String>,
    address: Option<Json>,
}

/// The names are not the columns, and stand in the body.
#[stream(
    source = Crm, path = "/contacts", method = POST, records = "data", body = { sort = "id" },
    properties = names(["first", "lastName"], body = "query.fields", characters = 10, merge_by = id),
)]
struct Written {
    id: u64,
}

/// The API lists the properties; those that it is always asked for are not asked for twice.
#[stream(
    source = Crm, path = "/contacts",
    properties = endpoint("/fields", records = "data", name = "about.key", param = "fields", always_include = ["id"]),
)]
struct Described {
    id: u64,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, Json>,
}

/// Only what the user selected.
#[stream(source = Crm, path = "/contacts", primary_key = id, properties = columns(param = "fields", selected = true))]
struct Chosen {
    id: u64,
    first: Option<String>,
    address: Option<String>,
}

fn fields(request: &Request) -> Vec<String> {
    let body = request.json().ok();
    if let Some(Value::Array(names)) = body.as_ref().and_then(|body| body.pointer("/query/fields")) {
        return names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    let text = request.query_param("fields").or_else(|| request.header("X-Fields")).unwrap_or_default();
    text.split([',', ' ']).map(str::to_owned).collect()
}

fn answer(request: &Request) -> Response {
    if request.path == "/fields" {
        let keys = ["id", "first", "custom_7"];
        return Response::json(200, &json!({"data": keys.map(|key| json!({"about": {"key": key}}))}));
    }
    let all = [
        json!({"id": 1, "first": "Ann", "lastName": "A", "address": {"city": "Oslo"}, "custom_7": true}),
        json!({"id": 2, "first": "Bob", "lastName": "B", "address": null, "custom_7": false}),
        json!({"id": 3, "first": "Cid", "lastName": "C", "address": {"city": "Bonn"}, "custom_7": null}),
    ];
    let page: Option<usize> = request.query_param("page").and_then(|page| page.parse().ok());
    let shown: &[Value] = match page {
        Some(1) => &all[..2],
        Some(_) => &all[2..],
        None => &all,
    };
    let asked = fields(request);
    let record = |record: &Value| {
        let fields = record.as_object().into_iter().flatten();
        let asked_for = fields.filter(|(key, _)| *key == "id" || asked.iter().any(|name| name == *key));
        Value::Object(asked_for.map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    let records: Vec<Value> = shown.iter().map(record).collect();
    if request.path == "/lines" {
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        return Response::new(200).body(lines.join("\n"));
    }
    let paged = page.is_some() || request.method == Method::POST;
    Response::json(200, &if paged { json!({ "data": records }) } else { Value::from(records) })
}

fn read_one(stream: &str) -> (Vec<Value>, Vec<Vec<String>>) {
    read_from(&Api::answering(answer), stream)
}

fn read_from(api: &Api, stream: &str) -> (Vec<Value>, Vec<Vec<String>>) {
    let reading = read(&Connector::<Crm>::new(json!({"base_url": api.url()})), &[stream]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    let asked = api.requests().iter().filter(|request| request.path != "/fields").map(fields).collect();
    (reading.records(stream).cloned().collect(), asked)
}

#[test]
fn requests_name_the_columns() {
    let (records, asked) = read_one("plain");
    assert_eq!(asked, [["id", "first", "lastName"]]);
    assert_eq!(records[0], json!({"id": 1, "first": "Ann", "lastName": "A", "full_name": "Ann A"}));
}

#[test]
fn chunks_of_columns_become_whole_records_page_by_page() {
    let (records, asked) = read_one("chunked");
    let page = [vec!["id", "first", "lastName"], vec!["id", "address"]];
    assert_eq!(asked, [page.clone(), page].concat());
    assert_eq!(
        records,
        [
            json!({"id": 1, "first": "Ann", "lastName": "A", "address": {"city": "Oslo"}}),
            json!({"id": 3, "first": "Cid", "lastName": "C", "address": {"city": "Bonn"}}),
        ]
    );
}

#[test]
fn answers_for_chunks_are_decoded() {
    let (records, asked) = read_one("lines");
    assert_eq!(asked, [vec!["id", "first", "lastName"], vec!["id", "address"]]);
    assert_eq!(records[1], json!({"id": 2, "first": "Bob", "lastName": "B", "address": null}));
}

#[test]
fn a_chunk_that_broke_off_is_asked_for_again() {
    for stream in ["plain", "chunked", "written"] {
        let seen = Mutex::new(HashSet::new());
        let api = Api::answering(move |request| {
            let whole = answer(request);
            let asked = format!("{request} {:?}", fields(request));
            let is_first = seen.lock().expect("no handler panics").insert(asked);
            // Its length says that this was all.
            let half = whole.content().slice(..whole.content().len() / 2);
            if is_first { Response::new(200).body(half) } else { whole }
        });
        let (records, asked) = read_from(&api, stream);
        let (expected, once) = read_one(stream);
        assert_eq!(records, expected, "{stream}");
        assert_eq!(asked.len(), 2 * once.len(), "{stream}");
    }
}

#[test]
fn names_go_into_a_body_as_a_list() {
    let (records, asked) = read_one("written");
    assert_eq!(asked, [["id", "first"], ["id", "lastName"]]);
    assert_eq!(records[2], json!({"id": 3, "first": "Cid", "lastName": "C"}));
}

#[test]
fn the_api_lists_the_properties() {
    let (records, asked) = read_one("described");
    assert_eq!(asked, [["id", "first", "custom_7"]]);
    assert_eq!(records[0], json!({"id": 1, "first": "Ann", "custom_7": true}));
}

#[test]
fn only_selected_columns_are_asked_for() {
    let api = Api::answering(answer);
    let connector = Connector::<Crm>::new(json!({"base_url": api.url()}));
    let mut catalog = catalog(&["chosen"]);
    catalog["streams"][0]["stream"]["json_schema"] = json!({"properties": {"first": {}, "gone": {}}});
    let reading = read_catalog(&connector, catalog);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(api.requests().iter().map(fields).collect::<Vec<_>>(), [["id", "first"]]);
}
