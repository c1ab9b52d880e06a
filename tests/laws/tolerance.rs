//! A share of partitions may fail: the stream is complete, says what is missing, and reads it with the next sync.

use std::sync::atomic::{AtomicBool, Ordering};

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::{Reading, read};

/// Shops, of which some are closed.
#[source(base_url = "{config.base_url}", max_retries = 0, streams = [Shop, Order, Strict, Few, Sale])]
struct Mall {
    /// Where the API is.
    base_url: String,
}

/// The shops, in four aisles.
#[stream(
    source = Mall, path = "/shops/{partition.aisle}", primary_key = id, failure_tolerance = percent(25),
    partition = list(aisle = ["a", "b", "c", "d"]),
)]
struct Shop {
    id: u64,
}

/// Orders of each shop: ten percent may be missing.
#[stream(
    source = Mall, path = "/orders/{partition.shop}", primary_key = id, failure_tolerance = percent(10),
    partition = list(shop = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    cursor = datetime(updated_at, start = "2024-01-01", start_param = "since"),
)]
struct Order {
    id: u64,
    updated_at: Timestamp,
}

/// The same without tolerance.
#[stream(
    source = Mall, path = "/orders/{partition.shop}", primary_key = id,
    partition = list(shop = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
)]
struct Strict {
    id: u64,
}

/// Children of the shops, of which one may be missing.
#[stream(source = Mall, path = "/items/{parent.id}", primary_key = id, parent = Shop(id), failure_tolerance = partitions(1))]
struct Few {
    id: u64,
}

/// What the shops have sold: nobody knows it of shops that are not known.
#[stream(
    source = Mall, path = "/sales/{parent.id}", primary_key = id, parent = Shop(id),
    cursor = datetime(updated_at, start = "2024-01-01", start_param = "since"),
)]
struct Sale {
    id: u64,
    updated_at: Timestamp,
}

/// An API where these paths are closed, until they open.
fn mall(closed: &'static [&'static str], open: bool) -> (Api, std::sync::Arc<AtomicBool>) {
    let switch = std::sync::Arc::new(AtomicBool::new(open));
    let shared = std::sync::Arc::clone(&switch);
    let api = Api::answering(move |request: &Request| {
        let name = request.path.rsplit('/').next().unwrap_or_default();
        if closed.contains(&request.path.as_str()) && !shared.load(Ordering::SeqCst) {
            return Response::json(400, &json!({"message": "closed"}));
        }
        let id = name.bytes().fold(0, |id, byte| id * 100 + u64::from(byte));
        Response::json(200, &json!([{"id": id, "updated_at": "2024-05-01T00:00:00Z"}]))
    });
    (api, switch)
}

fn connector(api: &Api) -> Connector<Mall> {
    Connector::new(json!({"base_url": api.url()}))
}

fn cursors(reading: &Reading) -> Vec<(Value, Value)> {
    let state = reading.last_state("order").expect("a state");
    let states = state["states"].as_array().expect("partitions");
    states.iter().map(|entry| (entry["partition"]["shop"].clone(), entry["cursor"].clone())).collect()
}

#[test]
fn what_is_tolerated_comes_with_the_next_sync() {
    let (api, open) = mall(&["/orders/7"], false);
    let first = read(&connector(&api), &["order"]);
    assert!(first.error.is_none(), "{:?}", first.error);
    assert_eq!(first.statuses("order").last(), Some(&"COMPLETE"));
    assert_eq!(first.ids("order").len(), 9);
    for (shop, cursor) in cursors(&first) {
        let is_read = cursor == json!({"updated_at": "2024-05-01T00:00:00Z"});
        assert_eq!(is_read, shop != json!(7), "{shop} {cursor}");
    }
    open.store(true, Ordering::SeqCst);
    let before = api.requests().len();
    let second = read(&connector(&api).with_state(first.state_file()), &["order"]);
    assert_eq!(second.statuses("order").last(), Some(&"COMPLETE"));
    let since: Vec<_> = api.requests()[before..]
        .iter()
        .map(|request| (request.path.clone(), request.query_param("since").map(str::to_owned)))
        .collect();
    assert_eq!(since.len(), 10);
    for (path, since) in since {
        assert_eq!(since.expect("a bound").starts_with("2024-01-01"), path == "/orders/7", "{path}");
    }
}

#[test]
fn one_failure_too_many_fails_the_stream() {
    let (api, _) = mall(&["/orders/3", "/orders/7"], false);
    let reading = read(&connector(&api), &["order"]);
    assert_eq!(reading.statuses("order").last(), Some(&"INCOMPLETE"));
    assert_eq!(reading.ids("order").len(), 8);
    let failures = reading.failures("order");
    assert_eq!(failures.len(), 1);
    assert!(
        failures[0].1.starts_with("2 of 10 partitions could not be read, more than 10 %; the first: "),
        "{failures:?}"
    );
    assert!(failures[0].2.contains(r#"{"shop":3}, {"shop":7}"#), "{failures:?}");
}

/// The shops of the closed aisle are new to the next sync, which reads their sales from the beginning.
#[test]
fn children_of_what_was_missing_are_read_from_their_beginning() {
    let (api, open) = mall(&["/shops/b"], false);
    let first = read(&connector(&api), &["shop", "sale"]);
    assert!(first.error.is_none(), "{:?}", first.error);
    assert_eq!(first.statuses("sale").last(), Some(&"COMPLETE"));
    let state = first.last_state("sale").expect("a state");
    assert_eq!((state["states"].as_array().map(Vec::len), state.get("state")), (Some(3), None), "{state}");
    open.store(true, Ordering::SeqCst);
    let before = api.requests().len();
    let second = read(&connector(&api).with_state(first.state_file()), &["shop", "sale"]);
    let since = |path: &str| {
        let requests = api.requests();
        let request = requests[before..].iter().find(|request| request.path == path).cloned();
        request.and_then(|request| request.query_param("since").map(str::to_owned)).expect("a request with a bound")
    };
    assert!(since("/sales/98").starts_with("2024-01-01"));
    assert!(since("/sales/97").starts_with("2024-05-01"));
    // Now all shops are known.
    assert!(second.last_state("sale").expect("a state").get("state").is_some());
}

/// The command fails as it would without tolerance: a table that is empty for want of a permission is no success.
#[test]
fn partitions_that_fail_all_together_are_not_tolerated() {
    let (api, _) = mall(&["/shops/a", "/shops/b", "/shops/c", "/shops/d", "/items/1"], false);
    let reading = read(&connector(&api), &["shop"]);
    assert_eq!(reading.statuses("shop").last(), Some(&"INCOMPLETE"));
    let (api, _) = mall(&["/shops/b", "/shops/c", "/shops/d", "/items/97"], false);
    let reading = read(&connector(&api), &["few"]);
    assert_eq!(reading.statuses("few").last(), Some(&"INCOMPLETE"));
}

#[test]
fn nothing_is_tolerated_unless_it_is_said() {
    let (api, _) = mall(&["/orders/7"], false);
    let reading = read(&connector(&api), &["strict"]);
    assert_eq!(reading.statuses("strict").last(), Some(&"INCOMPLETE"));
}

#[test]
fn children_of_what_could_be_read_are_read() {
    let (api, _) = mall(&["/shops/b", "/items/97"], false);
    let reading = read(&connector(&api), &["shop", "few"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    // Of four aisles one is closed, and of the three shops in the others one.
    assert_eq!((reading.ids("shop").len(), reading.ids("few").len()), (3, 2));
}
