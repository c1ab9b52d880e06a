//! Ranges of the past: their records come, and only theirs; the states stay as they are.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::child;
use super::reading::{read, read_catalog, state_of};

/// A shop with a long history.
#[source(base_url = "{config.base_url}", max_retries = 0, streams = [Order, Feed, Loose, Line, Visit, Monthly, Product, Counter])]
pub(crate) struct Shop {
    /// Where the API is.
    base_url: String,
}

/// Orders since the shop was connected, by months.
#[stream(
    source = Shop, path = "/orders", primary_key = id,
    cursor = datetime(
        at, start = "2024-01-01", end = "2024-06-01", step = "P1M", granularity = "PT1S", lookback = "P1W",
        start_param = "since", end_param = "until",
    ),
)]
struct Order {
    id: u64,
    at: Timestamp,
}

/// The newest come first, and nothing can be asked for.
#[stream(
    source = Shop, path = "/feed", primary_key = id, paginator = page_increment(page_size = 2),
    cursor = datetime(at, start = "2024-01-01", sorted = DESCENDING),
)]
struct Feed {
    id: u64,
    at: Timestamp,
}

/// An API that gives all that is newer.
#[stream(source = Shop, path = "/loose", primary_key = id, cursor = datetime(at, start = "2024-01-01", start_param = "since"))]
struct Loose {
    id: u64,
    at: Timestamp,
}

/// Lines of each order.
#[stream(
    source = Shop, path = "/orders/{parent.id}/lines", parent = Order(id), primary_key = id,
    cursor = datetime(at, start = "2024-01-01", start_param = "since"),
)]
struct Line {
    id: u64,
    at: Timestamp,
}

/// Visits in two regions.
#[stream(
    source = Shop, path = "/visits/{partition.region}", partition = list(region = ["eu", "us"]), primary_key = id,
    cursor = datetime(at, start = "2024-01-01", start_param = "since"),
)]
struct Visit {
    id: u64,
    at: Timestamp,
}

/// Whole months.
#[stream(
    source = Shop, path = "/months", primary_key = id,
    cursor = datetime(day, start = "2024-01-01", step = "P1M", clamping = MONTH, start_param = "since", end_param = "until"),
)]
struct Monthly {
    id: u64,
    day: Date,
}

/// Products, which have no history.
#[stream(source = Shop, path = "/products", primary_key = id)]
struct Product {
    id: u64,
}

/// Numbers.
#[stream(source = Shop, path = "/counters", cursor = integer(id))]
struct Counter {
    id: u64,
}

/// What each path has: the id of a record is its month, counted from January 2023.
fn rows() -> Vec<Value> {
    (1..=18)
        .map(|month| json!({"id": month, "at": format!("{}-{:02}-15T00:00:00Z", 2023 + (month - 1) / 12, (month - 1) % 12 + 1)}))
        .collect()
}

fn shop() -> Api {
    Api::answering(|request: &Request| {
        let param = |name: &str| request.query_param(name).map(str::to_owned);
        let (since, until) = (param("since"), param("until"));
        let mut rows = rows();
        rows.retain(|row| {
            let at = row["at"].as_str().unwrap_or_default();
            since.as_deref().is_none_or(|since| at >= since) && until.as_deref().is_none_or(|until| at <= until)
        });
        if request.path == "/feed" {
            rows.reverse();
            let page: usize = param("page").map_or(1, |page| page.parse().expect("a number"));
            rows = rows.into_iter().skip((page - 1) * 2).take(2).collect();
        }
        Response::json(200, &Value::Array(rows))
    })
}

fn connector(api: &Api, ranges: &[&str]) -> Connector<Shop> {
    let connector = Connector::new(json!({"base_url": api.url()}));
    ranges.iter().fold(connector, |connector, range| connector.with_backfill(range).expect("a range"))
}

#[test]
fn a_range_of_the_past_is_read_and_the_state_stays() {
    let api = shop();
    let given = json!({"at": "2024-05-15T00:00:00Z"});
    let connector = connector(&api, &["order=2023-02-01..2023-05-01"]).with_state(state_of("order", &given));
    let reading = read(&connector, &["order"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("order"), [2, 3, 4]);
    assert_eq!(reading.states().collect::<Vec<_>>(), [("order", &given)]);
    let asked: Vec<_> = api.requests().iter().map(|request| request.to_string()).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    for (asked, since) in asked.iter().zip(["2023-02-01", "2023-03-01", "2023-04-01"]) {
        assert!(asked.contains(&format!("since={since}")), "{asked}");
    }
    assert!(asked.last().is_some_and(|last| last.contains("2023-04-30T23")), "{asked:?}");
}

#[test]
fn what_was_not_asked_for_is_not_written() {
    let api = shop();
    let connector = connector(&api, &["2023-03-15..2023-06-15", "feed=2023-12-01..2024-02-01"]);
    let reading = read(&connector, &["loose", "feed", "visit"]);
    // The start belongs to the range, the end does not.
    assert_eq!(reading.ids("loose"), [3, 4, 5]);
    assert_eq!(reading.ids("feed"), [12, 13]);
    assert_eq!(reading.ids("visit"), [3, 3, 4, 4, 5, 5]);
    assert_eq!(reading.last_state("visit"), Some(&json!({})));
    // Newest first, two on a page: the fourth page has the last of the range, and nothing behind the page that ends it.
    let pages = api.requests().iter().filter(|request| request.path == "/feed").count();
    assert_eq!(pages, 4);
}

#[test]
fn only_the_named_streams_are_read_and_children_have_all_their_parents() {
    let api = shop();
    let reading = read_catalog(
        &connector(&api, &["order=2023-02-01..2023-03-01", "line=2023-07-01..2023-08-01"]),
        super::reading::catalog(&["order", "line", "product", "visit"]),
    );
    assert!(reading.error.is_none(), "{:?}", reading.error);
    reading.require_lawful_lives(&["order", "line"]);
    assert_eq!(reading.ids("order"), [2]);
    // The orders since the shop was connected, from January to May 2024, have one line each in that month.
    assert_eq!(reading.ids("line"), [7, 7, 7, 7, 7]);
    assert!(reading.statuses("product").is_empty() && reading.statuses("visit").is_empty());
}

#[test]
fn a_sync_goes_on_as_if_nothing_had_been() {
    let api = shop();
    let plain = connector(&api, &[]);
    let before = read(&plain, &["visit"]).state_file();
    let past = connector(&api, &["2023-01-01..2023-02-01"]).with_state(before.clone());
    let reading = read(&past, &["visit"]);
    assert_eq!(reading.ids("visit"), [1, 1]);
    assert_eq!(reading.state_file(), before);
}

#[test]
fn a_configuration_may_ask_for_ranges() {
    let api = shop();
    let ranges = json!({"order": "2023-02-01..2023-03-01"});
    let connector = Connector::<Shop>::new(json!({"base_url": api.url(), "__injected_backfill": ranges}));
    assert_eq!(read(&connector, &["order"]).ids("order"), [2]);
}

#[test]
fn what_is_left_out_and_what_stays_is_told() {
    let api = shop();
    let warnings = |config: Value| {
        let files: [(&str, &Value); 2] = [("config", &config), ("catalog", &super::reading::catalog(&["monthly"]))];
        let (status, said) = child::start("shop", "read", &files).end();
        assert!(status.success(), "{said}");
        let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let warnings = lines.filter(|line| line["log"]["level"] == "WARN");
        warnings.filter_map(|line| Some(line["log"]["message"].as_str()?.to_owned())).collect::<Vec<_>>().join("\n")
    };
    let said = warnings(json!({"base_url": api.url(), "__injected_backfill": {"monthly": "2023-01-15..2023-04-10"}}));
    assert!(said.contains("`__injected_backfill` is in the configuration: as long as it is there"), "{said}");
    assert!(
        said.contains("of 2023-01-15T00:00:00Z..2023-04-10T00:00:00Z only 2023-02-01T00:00:00Z..2023-04-01"),
        "{said}"
    );
    let said = warnings(json!({"base_url": api.url(), "__injected_backfill": {"monthly": "2023-01-01..2023-04-01"}}));
    assert!(!said.contains("whole units"), "{said}");
    assert!(!warnings(json!({"base_url": api.url()})).contains("__injected_backfill"));
}

#[test]
fn what_cannot_be_read_again_is_refused() {
    let api = shop();
    let refused = |ranges: &[&str], mode: &str| {
        let streams = ["order", "product", "counter", "monthly"].map(|name| {
            json!({"stream": {"name": name, "json_schema": {}}, "sync_mode": "incremental", "destination_sync_mode": mode})
        });
        let reading = read_catalog(&connector(&api, ranges), json!({"streams": streams}));
        reading.error.map(|error| error.message().to_owned()).unwrap_or_default()
    };
    let range = "2023-01-01..2023-02-01";
    for (stream, expected) in [
        ("oder", "there is no such stream; did you mean `order`?"),
        ("visit", "the catalog does not select it"),
        ("product", "it has no cursor, so there are no ranges of it"),
        ("counter", "its cursor is a number, and a range has dates"),
    ] {
        let message = refused(&[&format!("{stream}={range}")], "append");
        assert!(message.contains(expected), "{stream}: {message}");
    }
    let half = refused(&["monthly=2023-01-15..2023-02-15"], "append");
    assert!(half.contains("whole units of the calendar, of which none lies in the range"), "{half}");
    assert!(refused(&[range], "overwrite").contains("choose `append` or `append_dedup`"));
    assert!(api.requests().is_empty());
    assert_eq!(refused(&[range], "append"), "");
    assert!(Connector::<Shop>::new(json!({})).with_backfill("2023").is_err());
}
