//! Pages that lead nowhere end the stream with a reason, and pages that only look like that do not.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::{Reading, read};

/// Streams with odd tokens.
#[source(base_url = "{config.base_url}", streams = [Odd])]
struct Pages {
    /// Where the API is.
    base_url: String,
}

/// A token in the body.
#[stream(
    source = Pages, path = "/odd", records = "data",
    paginator = cursor_token(from_body = "next", token_param = "cursor"),
)]
struct Odd {
    id: u64,
}

/// Reads pages of an API that gives up its game after a hundred of them.
fn read_odd(page: impl Fn(&Request) -> (Vec<u64>, Value) + Send + Sync + 'static) -> (Reading, usize) {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let api = Api::answering(move |request| {
        if asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= 100 {
            return Response::new(410);
        }
        let (ids, next) = page(request);
        Response::json(200, &json!({"data": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(), "next": next}))
    });
    let reading = read(&Connector::<Pages>::new(json!({"base_url": api.url()})), &["odd"]);
    let asked = api.requests().len();
    (reading, asked)
}

/// One page names the other, for ever.
#[test]
fn a_circle_of_pages_ends() {
    for length in [1, 2, 7] {
        let (reading, asked) = read_odd(move |request| {
            let at: u64 = request.query_param("cursor").and_then(|token| token.parse().ok()).unwrap_or(0);
            (vec![at], json!(((at + 1) % length).to_string()))
        });
        let [(kind, message, _)] = reading.failures("odd")[..] else {
            panic!("a circle of {length} pages is no failure")
        };
        assert_eq!(kind, "system_error", "{message}");
        assert!(asked < 50, "it took {asked} requests to see a circle of {length} pages: {message}");
        assert!(message.contains("never end"), "{message}");
    }
}

/// A scroll keeps its token while it moves on, as in Elasticsearch.
#[test]
fn a_token_that_stays_while_the_records_change_is_no_circle() {
    let page = std::sync::atomic::AtomicU64::new(0);
    let (reading, _) = read_odd(move |_| match page.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        page @ 0..20 => (vec![page], json!("the-scroll")),
        _ => (Vec::new(), json!("the-scroll")),
    });
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("odd"), (0..20).collect::<Vec<_>>());
}
