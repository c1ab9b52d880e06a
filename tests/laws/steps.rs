//! Steps of `transform`, and lists in records whose items are the records.

use std::collections::BTreeMap;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Response;
use serde_json::{Value, json};

use super::api::Api;
use super::reading::read;

/// Orders with lines.
#[source(base_url = "{config.base_url}", streams = [Order, Renamed, Flat, Lifted, Line, Merged], concurrency = 1)]
struct Shop {
    /// Where the API is.
    base_url: String,
    /// What is written into each record, if it is set.
    tag: Option<String>,
}

/// Steps and functions, one after the other.
#[stream(
    source = Shop, path = "/orders", partition = list(region = ["eu"], param = "region"),
    transform = [
        remove("customer.secret"),
        remove("lines"),
        add("origin.region", "{partition.region}"),
        add("origin.tag", config.tag),
        normalize(),
        double,
    ],
)]
struct Order {
    id: u64,
    total: f64,
    customer: Json,
}

fn double(order: &mut Order) {
    order.total *= 2.0;
}

/// Names.
#[stream(
    source = Shop, path = "/names",
    transform = [replace_keys("-", "_"), snake_case_keys(), |names| { names.rest.insert("seen".to_owned(), json!(true)); }],
)]
struct Renamed {
    id: u64,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

/// Everything at the top.
#[stream(source = Shop, path = "/orders", transform = [remove("lines"), flatten(), lower_case_keys()])]
struct Flat {
    id: String,
}

/// One object at the top.
#[stream(
    source = Shop, path = "/orders",
    transform = [remove("lines"), flatten_path("customer", delete_origin_value = true, prefix = "customer_")],
)]
struct Lifted {
    id: String,
}

/// The lines of the orders.
#[stream(
    source = Shop, path = "/orders", primary_key = sku, filter = |line| line.sku != "gone",
    expand = items("lines.data", parent_fields = { order = "id" }),
    cursor = integer(at, start = 2, start_param = "since", client_side = true),
    transform = |line| line.sku.make_ascii_uppercase(),
)]
struct Line {
    sku: String,
    at: u64,
}

/// The same with all of the order.
#[stream(source = Shop, path = "/orders", expand = items("lines.data", merge_parent = true, emit_parent = true))]
struct Merged {
    id: String,
}

fn read_one(stream: &str, tag: Option<&str>) -> Vec<Value> {
    let api = Api::answering(|request| match request.path.as_str() {
        "/names" => Response::json(200, &json!([{"id": 1, "first-name": "Ann", "LastName": {"isKnown": true}}])),
        _ => Response::json(
            200,
            &json!([
                {"id": "1", "total": "1.5", "Currency": "EUR", "customer": {"name": "Ann", "secret": "x"},
                 "lines": {"data": [{"sku": "a", "at": 2}, {"sku": "gone", "at": 3}, {"sku": "b", "at": 1}]}},
                {"id": "2", "total": 3, "customer": {"name": "Bob"}, "lines": {"data": []}},
            ]),
        ),
    });
    let mut config = json!({"base_url": api.url()});
    if let Some(tag) = tag {
        config["tag"] = tag.into();
    }
    let reading = read(&Connector::<Shop>::new(config), &[stream]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    reading.records(stream).cloned().collect()
}

#[test]
fn steps_and_functions_follow_each_other() {
    assert_eq!(
        read_one("order", None),
        [
            json!({"id": 1, "total": 3.0, "Currency": "EUR", "customer": {"name": "Ann"}, "origin": {"region": "eu"}}),
            json!({"id": 2, "total": 6.0, "customer": {"name": "Bob"}, "origin": {"region": "eu"}}),
        ]
    );
    assert_eq!(read_one("order", Some("t"))[0]["origin"], json!({"region": "eu", "tag": "t"}));
}

#[test]
fn names_are_replaced_and_written_in_snake_case() {
    let expected = json!({"id": 1, "first_name": "Ann", "last_name": {"is_known": true}, "seen": true});
    assert_eq!(read_one("renamed", None), [expected]);
}

#[test]
fn nested_values_are_lifted_to_the_top() {
    let expected = json!({"id": "2", "total": 3, "name": "Bob"});
    assert_eq!(read_one("flat", None)[1], expected);
    assert_eq!(read_one("flat", None)[0]["currency"], "EUR");
}

#[test]
fn the_members_of_one_object_are_lifted() {
    assert_eq!(read_one("lifted", None)[1], json!({"id": "2", "total": 3, "customer_name": "Bob"}));
}

#[test]
fn items_are_records_with_a_cursor_a_filter_and_fields_of_their_parent() {
    assert_eq!(read_one("line", None), [json!({"sku": "A", "at": 2, "order": "1"})]);
}

#[test]
fn items_take_what_their_parent_has() {
    let records = read_one("merged", None);
    assert_eq!(records.len(), 4, "{records:?}");
    assert_eq!(records[0]["sku"], "a");
    assert_eq!(records[0]["customer"], json!({"name": "Ann", "secret": "x"}));
    assert_eq!(records[3]["id"], "2", "a parent without items is a record itself");
}
