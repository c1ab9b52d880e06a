//! Where a request that nobody needs may do harm, one page is asked for after the other, whatever the paginator allows.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::ahead::{start_in, start_of};
use super::api::Api;
use super::barrier::{Barrier, Shared};
use super::reading::{catalog, read, read_catalog};

/// Twenty pages of three rows, and one of one.
const ROWS: u64 = 61;
const NEEDED: usize = 21;

/// Streams whose pages may be asked for ahead, and those where something speaks against it.
#[source(
    base_url = "{config.base_url}", backoff = constant("PT0.001S"),
    concurrency = config.concurrency,
    streams = [
        Numbers, Offsets, Posted, Limited, Grouped, Twin, Newest, Parent, Child, Tokens, Union, Filed, Bulky, Larger,
        Uneven,
    ],
)]
struct Allowed {
    /// Where the API is.
    base_url: String,
    /// Requests in flight.
    concurrency: Option<u32>,
    /// Tokens, each with quotas.
    tokens: Option<Secret>,
}

/// The same with a bound on calls.
#[source(
    base_url = "{config.base_url}", streams = [Counted],
    budget = [requests(url_path_pattern = "^/rows") => fixed_window(call_limit = 1000, period = "PT1H")],
)]
struct Bounded {
    /// Where the API is.
    base_url: String,
}

stream!(Numbers of Allowed, "numbers", "/rows", paginator = page_increment(page_size = 3, prefetch = 8));
stream!(Offsets of Allowed, "offsets", "/rows", paginator = offset_increment(page_size = 3, prefetch = 8));
stream!(Posted of Allowed, "posted", "/rows", paginator = page_increment(page_size = 3, prefetch = 8), method = "POST");
stream!(
    Limited of Allowed, "limited", "/rows", paginator = page_increment(page_size = 3, prefetch = 8),
    pagination_reset = split_using_cursor(number_of_records = 10_000), cursor = integer(id, start_param = "since_id")
);
stream!(Grouped of Allowed, "grouped", "/rows", paginator = page_increment(page_size = 3, prefetch = 8), group = "one");
stream!(Twin of Allowed, "twin", "/rows", paginator = page_increment(page_size = 3, prefetch = 8), group = "one");
stream!(
    Newest of Allowed, "newest", "/newest", paginator = page_increment(page_size = 3, prefetch = 8),
    cursor = integer(id, sorted = DESCENDING)
);
stream!(Parent of Allowed, "parent", "/rows", paginator = page_increment(page_size = 3, prefetch = 8));
stream!(Child of Allowed, "child", "/child/{parent.id}", parent = Parent(id));
stream!(
    Tokens of Allowed, "tokens", "/rows", paginator = page_increment(page_size = 3, prefetch = 8),
    auth = multiple_tokens(
        [config.tokens], quota_status = get("/rate_limit"),
        quotas = [quota("rows", remaining = "rows.remaining", reset = "rows.reset", limit = "rows.limit")],
    )
);
stream!(
    Union of Allowed, "union", "/union", paginator = page_increment(page_size = 3, prefetch = 8),
    records = union("odd", "even")
);
stream!(
    Filed of Allowed, "filed", "/rows", paginator = page_increment(page_size = 3, prefetch = 8),
    files = download(get("/file/{record.id}"), name = "ahead/{record.id}")
);
stream!(Bulky of Allowed, "bulky", "/bulky", paginator = page_increment(page_size = 3, prefetch = 8));
stream!(Larger of Allowed, "larger", "/larger", paginator = offset_increment(page_size = 2, prefetch = 8));
stream!(Uneven of Allowed, "uneven", "/uneven", paginator = page_increment(page_size = 3, prefetch = 8));
stream!(Counted of Bounded, "counted", "/rows", paginator = page_increment(page_size = 3, prefetch = 8));

/// The rows that stand on a page behind so many.
fn ids(path: &str, start: u64) -> impl Iterator<Item = u64> {
    let length = if path == "/larger" { 5 } else { 3 };
    (start + 1..=start + length).filter(|id| *id <= ROWS)
}

fn row(path: &str, start: u64, id: u64) -> Value {
    let padding = match path {
        "/bulky" => 400_000,
        "/uneven" if start == 30 => 400_000,
        _ => 0,
    };
    json!({"id": id, "padding": " ".repeat(padding)})
}

fn answer(request: &Request) -> Response {
    let (path, start) = (request.path.as_str(), start_of(request));
    let ids = ids(path, start);
    let row = |id: u64| row(path, start, id);
    match path {
        "/rate_limit" => {
            let quota = json!({"remaining": 1_000, "limit": 1_000, "reset": "2999-01-01T00:00:00Z"});
            return Response::json(200, &json!({"rows": quota}));
        }
        "/union" => {
            let (odd, even): (Vec<Value>, Vec<Value>) =
                ids.map(row).partition(|row| row["id"].as_u64().is_some_and(|id| id % 2 == 1));
            return Response::json(200, &json!({"odd": odd, "even": even})).delay(Duration::from_millis(2));
        }
        "/newest" => {
            let rows = ids.map(|id| row(ROWS + 1 - id)).collect::<Value>();
            return Response::json(200, &rows).delay(Duration::from_millis(2));
        }
        path if path.starts_with("/child/") || path.starts_with("/file/") => return Response::json(200, &json!([])),
        _ => {}
    }
    Response::json(200, &ids.map(row).collect::<Value>()).delay(Duration::from_millis(2))
}

/// Reads to the end, and returns what was asked for of the pages of the first stream.
fn pages<S: airbyte_runtime::define::Source>(streams: &[&str], concurrency: Option<u32>) -> Vec<u64> {
    let api = Api::answering(answer);
    let config = json!({"base_url": api.url(), "concurrency": concurrency, "tokens": "one,two"});
    let mut catalog = catalog(streams);
    if streams == ["filed"] {
        catalog["streams"][0]["include_files"] = json!(true);
    }
    let reading = read_catalog(&Connector::<S>::new(config), catalog);
    assert!(reading.error.is_none(), "{streams:?}: {:?}", reading.error);
    let mut ids = reading.ids(streams[0]);
    ids.dedup();
    assert_eq!(ids, (1..=ROWS).collect::<Vec<_>>(), "{streams:?}");
    let asked = api.requests();
    let others = |path: &str| ["/rate_limit", "/child/", "/file/"].iter().any(|other| path.starts_with(other));
    asked.iter().filter(|request| !others(&request.path)).map(start_of).collect()
}

#[test]
fn pages_are_asked_for_in_turn_where_it_is_not_safe_to_ask_ahead() {
    for (streams, why) in [
        (&["posted"][..], "a request with a body may do more than read"),
        (&["limited"], "the pages may begin anew"),
        (&["grouped"], "others of the group wait"),
        (&["newest"], "the read may end at the state"),
        (&["parent", "child"], "children wait for the room"),
        (&["tokens"], "a quota is counted"),
        (&["union"], "a page is held whole, however long it is"),
        (&["filed"], "files wait for the room"),
        (&["bulky"], "a page is long"),
    ] {
        let asked = pages::<Allowed>(streams, Some(64));
        assert_eq!(asked, (0..ROWS).step_by(3).collect::<Vec<_>>(), "{streams:?}: {why}");
    }
    let asked = pages::<Allowed>(&["numbers"], Some(1));
    assert_eq!(asked.len(), NEEDED, "one request at a time is allowed");
    let asked = pages::<Bounded>(&["counted"], None);
    assert_eq!(asked.len(), NEEDED, "a budget is counted");
}

/// Reads from an API that holds one page back until another one was asked for and taken, or refused; what was asked for.
fn pages_while_held(stream: &str, held: u64, ahead: u64) -> Vec<u64> {
    let shared = Arc::new(Shared::<(Vec<u64>, bool)>::default());
    let log = Arc::clone(&shared);
    let api = Barrier::writing(move |target, stream| {
        let (path, start) = (target.split('?').next().unwrap_or_default(), start_in(target));
        log.with(|(asked, _)| asked.push(start));
        if start == held {
            log.wait_until(|(_, is_over)| *is_over);
        }
        let body = ids(path, start).map(|id| row(path, start, id)).collect::<Value>().to_string();
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        let written = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        log.with(|(_, is_over)| *is_over |= start == ahead);
        written
    });
    let config = json!({"base_url": api.url(), "concurrency": 64, "tokens": "one,two"});
    let reading = read(&Connector::<Allowed>::new(config), &[stream]);
    assert!(reading.error.is_none(), "{stream}: {:?}", reading.error);
    let mut ids = reading.ids(stream);
    ids.dedup();
    assert_eq!(ids, (1..=ROWS).collect::<Vec<_>>(), "{stream}");
    let asked = shared.with(|(asked, _)| std::mem::take(asked));
    let useless = asked.len().saturating_sub(NEEDED);
    assert!(useless <= 1 + NEEDED / 4, "{stream}: {asked:?}");
    asked
}

/// The check above can fail: where nothing speaks against it, pages behind the last one are asked for.
#[test]
fn pages_are_asked_for_ahead_where_it_is_safe() {
    for stream in ["numbers", "offsets"] {
        let asked = pages_while_held(stream, 60, 63);
        assert!(asked.contains(&63), "{stream}: {asked:?}");
    }
}

/// An API that sends more rows than it was asked for is at other offsets than expected: that is found out once.
#[test]
fn a_wrong_guess_is_the_last_one() {
    // The fifth page begins behind 20 rows.
    let asked = pages_while_held("larger", 20, 22);
    let guesses: Vec<u64> = asked.iter().copied().filter(|start| start % 5 != 0).collect();
    assert_eq!(guesses, [22], "{asked:?}");
}

/// A page that turns out to be long is not kept, but read as it arrives when its turn comes.
#[test]
fn a_long_page_is_not_kept_until_its_turn() {
    let asked = pages_while_held("uneven", 27, 30);
    assert!(asked.iter().all(|start| *start < ROWS), "no page is asked for ahead behind a long one: {asked:?}");
    assert_eq!(asked.iter().filter(|start| **start == 30).count(), 2, "{asked:?}");
}
