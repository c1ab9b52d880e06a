//! What requests carry and where it goes, exactly as it is sent.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::read;

/// One stream for each kind of body, and one for each place of a value.
#[source(
    base_url = "{config.base_url}", concurrency = 1, max_retries = 0, check = [Form, Text],
    streams = [Object, Form, Text, InQuery, InHeader, InBody, InForm, Once],
)]
struct Shop {
    /// Where the API is.
    base_url: String,
    /// The account.
    account: String,
    /// Which are left out where nothing is said.
    label: Option<String>,
}

#[stream(
    source = Shop, path = "/object", method = POST, primary_key = id, partition = list(n = [1, 2]),
    body = { account = config.account, n = "{partition.n}", text = "n{partition.n}", label = config.label, list = [1, "é", { deep = null }] },
)]
struct Object {
    id: u64,
}

#[stream(
    source = Shop, path = "/form", method = PUT, primary_key = id,
    form = { account = config.account, label = config.label, "tag[]" = ["a b", "c&d"], n = 1 },
)]
struct Form {
    id: u64,
}

/// SOAP, as text.
#[stream(
    source = Shop, path = "/text", method = POST, primary_key = id, headers = { "Content-Type" = "text/xml" },
    body = text("<Get account=\"{config.account}\"><From>{interval.start}</From></Get>"),
    cursor = datetime(at, start = "2024-01-01", end = "2024-01-02"),
)]
struct Text {
    id: u64,
    at: Date,
}

/// A page size, a partition and the start of a window as parameters.
#[stream(
    source = Shop, path = "/in_query", primary_key = id,
    paginator = page_increment(page_size = 2, page_size_param = "size"),
    partition = list(region = ["eu"], param = "region"),
    cursor = datetime(at, start = "2024-01-01", end = "2024-01-02", start_param = "since"),
)]
struct InQuery {
    id: u64,
    at: Date,
}

/// The same as headers.
#[stream(
    source = Shop, path = "/in_header", primary_key = id,
    paginator = page_increment(page_size = 2, page_header = "X-Page", page_size_header = "X-Size"),
    partition = list(region = ["eu"], header = "X-Region"),
    cursor = datetime(at, start = "2024-01-01", end = "2024-01-02", start_header = "X-Since"),
)]
struct InHeader {
    id: u64,
    at: Date,
}

/// The same in a JSON body.
#[stream(
    source = Shop, path = "/in_body", method = POST, primary_key = id,
    paginator = page_increment(page_size = 2, page_body = "paging.page", page_size_body = "paging.size"),
    partition = list(region = ["eu"], body = "where.region"),
    cursor = datetime(at, start = "2024-01-01", end = "2024-01-02", start_body = "where.since"),
)]
struct InBody {
    id: u64,
    at: Date,
}

/// The same in a form.
#[stream(
    source = Shop, path = "/in_form", method = POST, primary_key = id,
    paginator = page_increment(page_size = 2, page_form = "page", page_size_form = "size"),
    partition = list(region = ["eu"], form = "region"),
    cursor = datetime(at, start = "2024-01-01", end = "2024-01-02", start_form = "since"),
)]
struct InForm {
    id: u64,
    at: Date,
}

/// A page that is full is the only one.
#[stream(source = Shop, path = "/once", primary_key = id, paginator = none)]
struct Once {
    id: u64,
}

/// Each stream has one page.
fn shop() -> Api {
    Api::answering(|_: &Request| Response::json(200, &json!([{"id": 1, "at": "2024-01-01"}])))
}

fn connector(api: &Api) -> Connector<Shop> {
    Connector::new(json!({"base_url": api.url(), "account": "a&b"}))
}

/// The requests of one stream.
fn requests(stream: &str) -> Vec<Request> {
    let api = shop();
    let reading = read(&connector(&api), &[stream]);
    assert!(reading.error.is_none(), "{stream}: {:?}", reading.error);
    api.requests()
}

/// What one request carried, and what it says of it.
fn sent(stream: &str) -> (String, Option<String>) {
    let requests = requests(stream);
    let [request] = requests.as_slice() else { panic!("{stream}: {requests:?}") };
    let kind = request.header("content-type").map(str::to_owned);
    (String::from_utf8(request.body.to_vec()).expect("text"), kind)
}

#[test]
fn a_json_body_keeps_types_and_leaves_out_what_is_not_set() {
    let requests = requests("object");
    let bodies: Vec<Value> =
        requests.iter().map(|request| serde_json::from_slice(&request.body).expect("JSON")).collect();
    let body = |n: u64| json!({"account": "a&b", "n": n, "text": format!("n{n}"), "list": [1, "é", {"deep": null}]});
    assert_eq!(bodies, [body(1), body(2)]);
    assert!(
        requests
            .iter()
            .all(|request| request.method == "POST" && request.header("content-type") == Some("application/json"))
    );
}

#[test]
fn a_form_is_encoded() {
    let (body, kind) = sent("form");
    assert_eq!(body, "account=a%26b&tag%5B%5D=a+b&tag%5B%5D=c%26d&n=1");
    assert_eq!(kind.as_deref(), Some("application/x-www-form-urlencoded"));
}

#[test]
fn a_text_is_sent_as_it_stands() {
    let (body, kind) = sent("text");
    assert_eq!(body, "<Get account=\"a&b\"><From>2024-01-01</From></Get>");
    assert_eq!(kind.as_deref(), Some("text/xml"));
}

/// Values of the paginator, of the partition and of the cursor go where the attribute says.
#[test]
fn values_go_to_their_place_in_the_request() {
    let requests = requests("in_query");
    let value = |name: &str| requests[0].query_param(name).map(str::to_owned);
    let found = ["page", "size", "region", "since"].map(value);
    assert_eq!(found.each_ref().map(|value| value.as_deref()), [Some("1"), Some("2"), Some("eu"), Some("2024-01-01")]);
    let requests = self::requests("in_header");
    let found = ["x-page", "x-size", "x-region", "x-since"].map(|name| requests[0].header(name).map(str::to_owned));
    assert_eq!(found.each_ref().map(|value| value.as_deref()), [Some("1"), Some("2"), Some("eu"), Some("2024-01-01")]);
    assert_eq!(requests[0].query_param("region"), None);
    let (body, _) = sent("in_body");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body, json!({"paging": {"page": 1, "size": 2}, "where": {"region": "eu", "since": "2024-01-01"}}));
    let (body, _) = sent("in_form");
    let fields: Vec<&str> = body.split('&').collect();
    assert_eq!(fields.len(), 4, "{body}");
    assert!(["page=1", "size=2", "region=eu", "since=2024-01-01"].iter().all(|field| fields.contains(field)), "{body}");
}

#[test]
fn without_pagination_there_is_one_request() {
    assert_eq!(requests("once").len(), 1);
}

/// `check` asks the streams that it names, and no others.
#[test]
fn check_asks_the_streams_that_it_names() {
    for (broken, expected) in [("/object", None), ("/form", Some("stream `form`")), ("/text", Some("stream `text`"))] {
        let api = Api::answering(move |request: &Request| match request.path == broken {
            true => Response::json(400, &json!({"message": "no"})),
            false => Response::json(200, &json!([{"id": 1, "at": "2024-01-01"}])),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let result = runtime.block_on(connector(&api).check()).map_err(|error| error.message().to_owned());
        let paths: Vec<String> = api.requests().iter().map(|request| request.path.clone()).collect();
        match (result, expected) {
            (Ok(()), None) => assert_eq!(paths, ["/form", "/text"]),
            (Err(message), Some(expected)) => assert!(message.contains(expected), "{message}"),
            (result, _) => panic!("{broken}: {result:?}, {paths:?}"),
        }
    }
}
