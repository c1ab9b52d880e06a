//! Pages that are asked for in another way than one after the other: smaller, in halves of a window, from behind the
//! newest record, by the cursor of a connection, by the id of a scroll.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::child;
use super::reading::{Reading, catalog, read};

/// Streams that page in odd ways.
#[source(
    base_url = "{config.base_url}",
    streams  = [Heavy, Endless, Long, Capped, Stuck, Expired, Issue, Older, Hit, Linked, Stopped, Listed],
    concurrency = 1,
)]
pub(crate) struct Paging {
    /// Where the API is.
    base_url: String,
    /// Names to ask for.
    names: Vec<String>,
}

/// Pages of more than two records are refused.
#[stream(
    source = Paging, path = "/heavy",
    paginator = offset_increment(page_size = 8, page_size_param = "limit"),
    page_size_reduction = divide_by(2, backoff = "PT0S", reset_policy = AfterSuccessfulPage),
    filter = is_odd,
    error_handler = [status(413) => reduce_page_size],
)]
struct Heavy {
    id: u64,
}

fn is_odd(record: &Heavy) -> bool {
    record.id % 2 == 1
}

/// No page is small enough.
#[stream(
    source = Paging, path = "/endless",
    paginator = cursor_token(from_body = "next", token_param = "after", page_size = 9, page_size_header = "X-Size"),
    page_size_reduction = divide_by(3, backoff = "PT0S", failure_message = "ask the vendor"),
    error_handler = [status(413) => reduce_page_size],
)]
struct Endless {
    id: u64,
}

/// Windows of more than ten days are refused.
#[stream(
    source = Paging, path = "/long",
    cursor = datetime(day, start = "2024-01-01", end = "2024-01-31", step = "P60D", start_param = "from", end_param = "to"),
    request_window_splitting = halves(min_split_window = "P2D"),
    error_handler = [body("error", "too long") => split_request_window],
)]
struct Long {
    id: u64,
    day: Date,
}

/// The API shows three records of a search, whatever it is.
#[stream(
    source = Paging, path = "/capped",
    paginator = page_increment(page_size = 1),
    cursor = integer(id, start = 0, start_param = "from"),
    pagination_reset = split_using_cursor(number_of_records = 3),
)]
struct Capped {
    id: u64,
}

/// All records have the same cursor value, so that nothing is behind the newest.
#[stream(
    source = Paging, path = "/stuck",
    paginator = page_increment(page_size = 1),
    cursor = integer(rank, start = 0, start_param = "from"),
    pagination_reset = split_using_cursor(number_of_pages = 2),
)]
struct Stuck {
    id: u64,
    rank: u64,
}

/// The second page is lost the first time.
#[stream(
    source = Paging, path = "/expired",
    paginator = page_increment(page_size = 1),
    error_handler = [status(410) => reset_pagination],
)]
struct Expired {
    id: u64,
}

const ISSUES: &str =
    "query Issues($first: Int, $after: String) { issues { nodes { id } pageInfo { endCursor hasNextPage } } }";

/// A connection.
#[stream(
    source = Paging, path = "/graphql", records = "data.issues.nodes",
    body = graphql(ISSUES, operation_name = "Issues", variables = { state = "open" }),
    paginator = relay("data.issues.pageInfo", page_size = 2),
)]
struct Issue {
    id: u64,
}

/// A connection from its end.
#[stream(
    source = Paging, path = "/graphql", records = "data.issues.nodes",
    body = graphql(ISSUES),
    paginator = relay("data.issues.pageInfo", page_size = 2, backward = true, cursor_variable = "until"),
)]
struct Older {
    id: u64,
}

/// A search that is kept open.
#[stream(
    source = Paging, path = "/search", method = POST, records = "hits",
    query = { scroll = "1m" }, body = { size = 2 },
    paginator = scroll(
        id_path = "_scroll_id", path = "/scroll", id_body = "scroll_id", body = { scroll = "1m" }, delete = true,
    ),
)]
struct Hit {
    id: u64,
}

/// The next page's path is in a header.
#[stream(source = Paging, path = "/linked/1", paginator = cursor_token(from_header = "X-Next", token_path = true))]
struct Linked {
    id: u64,
}

/// A closure says which page is the last.
#[stream(
    source = Paging, path = "/stopped",
    paginator = cursor_token(
        from_last_record = id, token_param = "after", stop_condition = |page| page.header("X-Last").is_some(),
    ),
)]
struct Stopped {
    id: u64,
}

/// Lists in a query.
#[stream(
    source = Paging, path = "/listed",
    query = { name = config.names, "id[]" = [1, 2], all = joined(config.names, ";"), some = joined([3, 4]) },
)]
struct Listed {
    id: u64,
}

/// Reads a stream of an API that gives up after fifty requests.
fn reading(
    stream: &str,
    answer: impl Fn(&Request, usize) -> Response + Send + Sync + 'static,
) -> (Reading, Vec<Request>) {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let api = Api::answering(move |request| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        at @ 0..50 => answer(request, at),
        _ => Response::new(418),
    });
    let config = json!({"base_url": api.url(), "names": ["a", "b c"]});
    let reading = read(&Connector::<Paging>::new(config), &[stream]);
    let requests = api.requests();
    (reading, requests)
}

fn ids(ids: impl IntoIterator<Item = u64>) -> Response {
    Response::json(200, &ids.into_iter().map(|id| json!({"id": id})).collect::<Value>())
}

fn number(request: &Request, name: &str) -> u64 {
    request.query_param(name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A filter does not end the pages, and a full page of a reduced size is a full one.
#[test]
fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let (reading, requests) = reading("heavy", |request, _| match number(request, "limit") {
        0..=2 => ids((number(request, "offset")..5).take(usize::try_from(number(request, "limit")).unwrap())),
        _ => Response::new(413),
    });
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("heavy"), [1, 3]);
    let sizes: Vec<_> = requests.iter().map(|request| number(request, "limit")).collect();
    assert_eq!(sizes, [8, 4, 2, 8, 4, 2, 8, 4, 2]);
}

#[test]
fn a_page_that_cannot_become_smaller_fails_with_the_connectors_word() {
    let (reading, requests) = reading("endless", |_, _| Response::new(413));
    let [(kind, message, _)] = reading.failures("endless")[..] else { panic!("no failure") };
    assert_eq!(kind, "transient_error");
    assert!(message.ends_with("ask the vendor"), "{message}");
    let sizes: Vec<_> =
        requests.iter().map(|request| request.header("x-size").unwrap_or_default().to_owned()).collect();
    assert_eq!(sizes, ["9", "3", "1"]);
}

#[test]
fn a_window_that_is_too_long_is_read_in_halves() {
    let (reading, requests) = reading("long", |request, _| {
        let day =
            |name: &str| request.query_param(name).and_then(|text| text.get(8..)?.parse::<u64>().ok()).unwrap_or(0);
        let (from, to) = (day("from"), day("to"));
        match to - from {
            0..=9 => {
                let records = (from..=to).map(|day| json!({"id": day, "day": format!("2024-01-{day:02}")}));
                Response::json(200, &records.collect::<Value>())
            }
            _ => Response::json(200, &json!({"error": "too long"})),
        }
    });
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("long"), (1..=31).collect::<Vec<_>>());
    assert_eq!(requests.len(), 7);
    assert_eq!(reading.last_state("long"), Some(&json!({"day": "2024-01-31"})));
}

#[test]
fn a_window_that_cannot_be_split_ends_the_stream() {
    let (reading, requests) = reading("long", |_, _| Response::json(200, &json!({"error": "too long"})));
    let [(kind, message, _)] = reading.failures("long")[..] else { panic!("no failure") };
    assert_eq!(kind, "transient_error", "{message}");
    assert!(requests.len() < 8, "{}", requests.len());
}

/// Each search shows three records; the next one begins with the newest of them.
#[test]
fn pages_begin_anew_behind_the_newest_record() {
    let (reading, _) = reading("capped", |request, _| {
        let at = number(request, "from") + number(request, "page") - 1;
        ids((number(request, "page") <= 3 && at < 6).then_some(at))
    });
    assert!(reading.error.is_none(), "{:?}", reading.error);
    let mut found = reading.ids("capped");
    found.dedup();
    assert_eq!(found, [0, 1, 2, 3, 4, 5]);
    assert_eq!(reading.last_state("capped"), Some(&json!({"id": 5})));
}

#[test]
fn resets_that_lead_nowhere_end_the_stream() {
    let (reading, requests) =
        reading("stuck", |request, _| Response::json(200, &json!([{"id": number(request, "page"), "rank": 7}])));
    let [(kind, message, _)] = reading.failures("stuck")[..] else { panic!("no failure") };
    assert_eq!(kind, "system_error", "{message}");
    assert_eq!(requests.len(), 4);
}

#[test]
fn an_answer_may_ask_for_the_first_page_once() {
    let (reading, requests) = reading("expired", |request, at| match (number(request, "page"), at) {
        (2, 1) => Response::new(410),
        (page @ 1..=2, _) => ids([page]),
        _ => ids([]),
    });
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!((reading.ids("expired"), requests.len()), (vec![1, 1, 2], 5));
    let (reading, _) = self::reading("expired", |request, _| match number(request, "page") {
        1 => ids([1]),
        _ => Response::new(410),
    });
    assert_eq!(reading.failures("expired").len(), 1);
}

/// What a GraphQL API says of the records from one on.
fn connection(nodes: &[u64], page_info: Value) -> Response {
    let nodes: Value = nodes.iter().map(|id| json!({"id": id})).collect();
    Response::json(200, &json!({"data": {"issues": {"nodes": nodes, "pageInfo": page_info}}}))
}

#[test]
fn a_connection_is_read_to_its_end_by_its_cursor() {
    let (reading, requests) = reading("issue", |_, at| match at {
        0 => connection(&[1, 2], json!({"endCursor": "c2", "hasNextPage": true})),
        _ => connection(&[3], json!({"endCursor": "c3", "hasNextPage": false})),
    });
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("issue"), [1, 2, 3]);
    let bodies: Vec<Value> = requests.iter().map(|request| request.json().unwrap_or_default()).collect();
    assert_eq!(bodies[0]["operationName"], "Issues");
    assert_eq!(bodies[0]["variables"], json!({"state": "open", "first": 2}));
    assert_eq!(bodies[1]["variables"], json!({"state": "open", "first": 2, "after": "c2"}));
}

#[test]
fn a_connection_is_read_from_its_end() {
    let (reading, requests) = reading("older", |_, at| match at {
        0 => connection(&[8, 9], json!({"startCursor": "c8", "hasPreviousPage": true})),
        _ => connection(&[7], json!({"startCursor": "c7", "hasPreviousPage": false})),
    });
    assert_eq!(reading.ids("older"), [7, 8, 9]);
    let last: Value = requests[1].json().unwrap_or_default();
    assert_eq!(last["variables"], json!({"last": 2, "until": "c8"}));
}

/// Errors without data fail with what the API says; errors beside data leave the records.
#[test]
fn errors_of_graphql_are_told() {
    let errors = json!([{"message": "the field `secret` is not yours"}]);
    let refused = json!({"data": null, "errors": errors.clone()});
    let (reading, _) = reading("issue", move |_, _| Response::json(200, &refused));
    let [(_, message, _)] = reading.failures("issue")[..] else { panic!("no failure") };
    assert!(message.contains("is not yours"), "{message}");
    let partial =
        json!({"data": {"issues": {"nodes": [{"id": 1}], "pageInfo": {"hasNextPage": false}}}, "errors": errors});
    let (reading, _) = self::reading("issue", move |_, _| Response::json(200, &partial));
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("issue"), [1]);
}

/// The same in bodies that are read while they arrive, whose errors come when the records have left.
#[test]
fn errors_behind_a_long_body_of_graphql_are_told() {
    let errors = json!([{"message": "the field `secret` is not yours"}]);
    let long = "x".repeat(3 << 20);
    let refused = json!({"data": null, "extensions": long, "errors": errors.clone()});
    let (reading, _) = reading("issue", move |_, _| Response::json(200, &refused));
    let [(_, message, _)] = reading.failures("issue")[..] else { panic!("no failure") };
    assert!(message.contains("is not yours"), "{message}");

    let nodes = json!([{"id": 1}, {"id": 2, "text": long}]);
    let partial = json!({"data": {"issues": {"nodes": nodes, "pageInfo": {"hasNextPage": false}}}, "errors": errors});
    let api = Api::answering(move |_| Response::json(200, &partial));
    let config = json!({"base_url": api.url(), "names": []});
    let (status, said) =
        child::start("paging", "read", &[("config", &config), ("catalog", &catalog(&["issue"]))]).end();
    assert!(status.success());
    assert_eq!(said.matches("\"type\":\"RECORD\"").count(), 2);
    let told = "answered with records and with errors, so fields may be missing: the field `secret` is not yours";
    assert_eq!(said.matches(told).count(), 1, "{}", said.chars().take(2000).collect::<String>());
}

#[test]
fn a_scroll_goes_on_elsewhere_and_is_closed() {
    let (reading, requests) = reading("hit", |request, at| match (request.path.as_str(), at) {
        ("/search", _) => Response::json(200, &json!({"_scroll_id": "s1", "hits": [{"id": 1}, {"id": 2}]})),
        (_, 1) => Response::json(200, &json!({"_scroll_id": "s2", "hits": [{"id": 3}]})),
        (_, 2) => Response::json(200, &json!({"_scroll_id": "s2", "hits": []})),
        _ => Response::json(200, &json!({})),
    });
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("hit"), [1, 2, 3]);
    let seen: Vec<(String, Option<Value>)> =
        requests.iter().map(|request| (request.to_string(), request.json().ok())).collect();
    let scroll = |id: &str| Some(json!({"scroll": "1m", "scroll_id": id}));
    let expected = [
        ("POST /search?scroll=1m".to_owned(), Some(json!({"size": 2}))),
        ("POST /scroll".to_owned(), scroll("s1")),
        ("POST /scroll".to_owned(), scroll("s2")),
        ("DELETE /scroll".to_owned(), Some(json!({"scroll_id": "s2"}))),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_token_may_be_the_path_of_the_next_page() {
    let (reading, _) = reading("linked", |request, _| match request.path.as_str() {
        "/linked/1" => ids([1]).header("X-Next", "2?x=1"),
        _ => ids([2]),
    });
    assert_eq!(reading.ids("linked"), [1, 2]);
}

#[test]
fn a_closure_ends_the_pages() {
    let (reading, requests) = reading("stopped", |request, _| match number(request, "after") {
        0 => ids([1, 2]),
        _ => ids([3, 4]).header("X-Last", "yes"),
    });
    assert_eq!((reading.ids("stopped"), requests.len()), (vec![1, 2, 3, 4], 2));
}

#[test]
fn lists_are_repeated_or_joined() {
    let (_, requests) = reading("listed", |_, _| ids([1]));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        requests[0].query,
        [
            pair("name", "a"),
            pair("name", "b c"),
            pair("id[]", "1"),
            pair("id[]", "2"),
            pair("all", "a;b c"),
            pair("some", "3,4"),
        ]
    );
}
