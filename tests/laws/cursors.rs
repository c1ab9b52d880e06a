//! Cursors beyond a filter of the API: sorted records, whole units of the calendar, one state for all partitions, and
//! a field that the catalog names.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::{Reading, read, read_until, state_of};

/// Notes in every order that an API may have.
#[source(
    base_url = "{config.base_url}", concurrency = config.concurrency, backoff = constant("PT0.001S"),
    streams = [Newest, Oldest, Promised, Numbers, Daily, Recent, Monthly, Shared, Chosen],
)]
struct Notes {
    /// Where the API is.
    base_url: String,
    /// The most requests in flight at one time.
    concurrency: u32,
}

/// The newest come first, and nothing can be asked for.
#[stream(
    source = Notes, path = "/descending", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = datetime(at, start = "2024-01-01", end = "2024-03-01", sorted = DESCENDING),
)]
struct Newest {
    id: u64,
    at: Timestamp,
}

/// The oldest come first.
#[stream(
    source = Notes, path = "/ascending", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = datetime(at, start = "2024-01-01", end = "2024-03-01", start_param = "since", sorted = ASCENDING),
)]
struct Oldest {
    id: u64,
    at: Timestamp,
}

/// The API breaks the promise that the newest come first.
#[stream(
    source = Notes, path = "/chaos", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = datetime(at, start = "2024-01-01", end = "2024-03-01", sorted = DESCENDING),
)]
struct Promised {
    id: u64,
    at: Timestamp,
}

/// The greatest number comes first.
#[stream(
    source = Notes, path = "/descending", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = integer(id, sorted = DESCENDING),
)]
struct Numbers {
    id: u64,
}

/// Whole weeks that begin on Sunday.
#[stream(
    source = Notes, path = "/days", primary_key = id,
    cursor = datetime(
        day, start = "2024-01-03", end = "2024-01-30", clamping = WEEK, week_start = SUNDAY, step = "P1W",
        start_param = "from", end_param = "to",
    ),
)]
struct Daily {
    id: u64,
    day: Date,
}

/// Not further back than the API keeps its data.
#[stream(
    source = Notes, path = "/recent", primary_key = id,
    cursor = datetime(
        day, start = "2001-01-01", start_min = "now-P10D", end = "now-P2D", end_max = "now-P3D",
        start_param = "from", end_param = "to",
    ),
)]
struct Recent {
    id: u64,
    day: Date,
}

/// Asked for month by month, of an API that sends everything each time; the records have days.
#[stream(
    source = Notes, path = "/months", primary_key = id,
    cursor = datetime(
        day, format = "%Y-%m", formats = ["%Y-%m-%d"], start = "2024-01", end = "2024-03", step = "P1M",
        client_side = true, start_param = "from", end_param = "to",
    ),
)]
struct Monthly {
    id: u64,
    day: Date,
}

/// One state for three partitions.
#[stream(
    source = Notes, path = "/shared/{partition.part}", primary_key = id, partition = list(part = ["0", "1", "2"]),
    cursor = datetime(at, start = "2024-01-01", end = "2024-03-01", start_param = "since", global = true),
)]
struct Shared {
    id: u64,
    at: Timestamp,
}

/// A cursor that the catalog may replace.
#[stream(
    source = Notes, path = "/ascending", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = datetime(at, start = "2024-01-01", end = "2024-03-01", allow_catalog_defined_cursor_field = true),
)]
struct Chosen {
    id: u64,
    at: Timestamp,
}

const COUNT: u64 = 20;

/// Two notes of each moment, so that pages end between equals.
fn at(id: u64) -> String {
    format!("2024-01-{:02}T00:00:00Z", id.div_ceil(2))
}

fn answer(request: &Request, count: u64) -> Response {
    let since = request.query_param("since").unwrap_or_default();
    let mut ids: Vec<u64> = (1..=count).filter(|id| at(*id).as_str() >= since).collect();
    match request.path.as_str() {
        "/descending" => ids.reverse(),
        // The oldest come first, although the stream expects the newest.
        "/chaos" | "/ascending" => {}
        "/days" => {
            let day = request.query_param("from").expect("a range");
            return Response::json(200, &json!([{"id": 1, "day": day}]));
        }
        "/months" => {
            let days = ["01-01", "01-15", "01-31", "02-01", "02-29", "03-01", "03-31"];
            let record = |(id, day): (usize, &&str)| json!({"id": id, "day": format!("2024-{day}")});
            return Response::json(200, &days.iter().enumerate().map(record).collect());
        }
        "/recent" => return Response::json(200, &json!([])),
        path => {
            let part: u64 = path.trim_start_matches("/shared/").parse().expect("a part");
            ids.retain(|id| id % 3 == part);
            return Response::json(200, &notes(&ids));
        }
    }
    let page: usize = request.query_param("page").map_or(1, |page| page.parse().expect("a page"));
    let ids: Vec<u64> = ids.into_iter().skip((page - 1) * 3).take(3).collect();
    Response::json(200, &notes(&ids))
}

fn notes(ids: &[u64]) -> Value {
    ids.iter().map(|id| json!({"id": id, "at": at(*id), "made": format!("2024-02-{id:02}T00:00:00Z")})).collect()
}

fn api(count: u64) -> Api {
    Api::answering(move |request| answer(request, count))
}

fn connector(api: &Api, concurrency: u32) -> Connector<Notes> {
    Connector::new(json!({"base_url": api.url(), "concurrency": concurrency}))
}

fn requests_to(api: &Api, path: &str) -> Vec<Request> {
    api.requests().into_iter().filter(|request| request.path == path).collect()
}

fn together(first: &Reading, second: &Reading, stream: &str) -> Vec<u64> {
    let mut ids = [first.ids(stream), second.ids(stream)].concat();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[test]
fn a_feed_is_read_as_far_as_the_state() {
    let first = read(&connector(&api(COUNT - 4), 4), &["newest", "numbers"]);
    for (stream, path) in [("newest", "/descending"), ("numbers", "/descending")] {
        assert_eq!(first.ids(stream), (1..=COUNT - 4).collect::<Vec<_>>());
        let state = first.last_state(stream).expect("a state");
        let api = api(COUNT);
        let second = read(&connector(&api, 4).with_state(state_of(stream, state)), &[stream]);
        assert!(second.ids(stream).contains(&COUNT), "{stream}: {state}");
        assert_eq!(together(&first, &second, stream), (1..=COUNT).collect::<Vec<_>>());
        // Twenty records are seven pages; four are new, and two more have the state's own value.
        let pages = requests_to(&api, path).len();
        assert!(pages <= 3, "{stream}: {pages} pages");
        assert!(second.ids(stream).len() <= 6, "{stream}: {:?}", second.ids(stream));
    }
}

#[test]
fn a_feed_that_is_not_sorted_loses_nothing() {
    let first = read(&connector(&api(COUNT - 4), 4), &["promised"]);
    let state = first.last_state("promised").expect("a state");
    let second = read(&connector(&api(COUNT), 4).with_state(state_of("promised", state)), &["promised"]);
    assert_eq!(together(&first, &second, "promised"), (1..=COUNT).collect::<Vec<_>>());
}

/// Every page is a place to go on from.
#[test]
fn a_stop_after_any_page_of_ascending_records_goes_on_from_there() {
    let api = api(COUNT);
    let states = read(&connector(&api, 2), &["oldest"]).states().count();
    assert!(states >= 6, "{states} states for seven pages");
    for stop in 1..=states {
        let first = read_until(&connector(&api, 2), &["oldest"], stop);
        let state = first.last_state("oldest").expect("a state");
        let second = read(&connector(&api, 2).with_state(state_of("oldest", state)), &["oldest"]);
        assert_eq!(together(&first, &second, "oldest"), (1..=COUNT).collect::<Vec<_>>(), "stopped at {state}");
        let again = first.ids("oldest").iter().filter(|id| second.ids("oldest").contains(id)).count();
        assert!(again <= 5, "{again} records again after {state}");
    }
}

#[test]
fn only_whole_weeks_are_asked_for() {
    let api = api(COUNT);
    read(&connector(&api, 1), &["daily"]);
    let ranges: Vec<_> = requests_to(&api, "/days")
        .iter()
        .map(|request| {
            format!("{}..{}", request.query_param("from").unwrap_or(""), request.query_param("to").unwrap_or(""))
        })
        .collect();
    assert_eq!(ranges, ["2024-01-07..2024-01-13", "2024-01-14..2024-01-20", "2024-01-21..2024-01-27"]);
}

#[test]
fn records_of_days_are_in_their_months() {
    let api = api(COUNT);
    let first = read(&connector(&api, 1), &["monthly"]);
    assert_eq!(first.ids("monthly"), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(first.last_state("monthly"), Some(&json!({"day": "2024-03"})));
    assert_eq!(requests_to(&api, "/months").len(), 2, "January, and what comes behind it");
    let second = read(&connector(&api, 1).with_state(first.state_file()), &["monthly"]);
    assert_eq!(second.ids("monthly"), [5, 6], "what is not before the state");
}

#[test]
fn the_ends_of_a_range_stay_within_their_bounds() {
    let api = api(COUNT);
    let today = || jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let before = today();
    read(&connector(&api, 1), &["recent"]);
    let request = requests_to(&api, "/recent").remove(0);
    let asked = ["from", "to"].map(|bound| request.query_param(bound).unwrap_or_default().to_owned());
    // The read may have begun on the one day, and have ended on the next.
    let bounds = [before, today()]
        .map(|day| [10, 3].map(|back| day.checked_sub(jiff::Span::new().days(back)).expect("a day").to_string()));
    assert!(bounds.contains(&asked), "{asked:?} is neither of {bounds:?}");
}

#[test]
fn one_state_for_all_partitions_moves_when_all_are_read() {
    let mut finals = Vec::new();
    for concurrency in [1, 32] {
        let first = read(&connector(&api(COUNT - 4), concurrency), &["shared"]);
        let states: Vec<&Value> = first.states().map(|(_, blob)| blob).collect();
        let [state] = states[..] else { panic!("{states:?}") };
        assert_eq!(state["use_global_cursor"], json!(true));
        assert_eq!(state["state"], json!({"at": at(COUNT - 4)}));
        assert!(state["states"].is_null(), "{state}");
        let second = read(&connector(&api(COUNT), concurrency).with_state(state_of("shared", state)), &["shared"]);
        assert_eq!(together(&first, &second, "shared"), (1..=COUNT).collect::<Vec<_>>());
        assert!(second.ids("shared").len() <= 7, "{:?}", second.ids("shared"));
        finals.push(state["state"].clone());
    }
    assert_eq!(finals[0], finals[1]);
}

#[test]
fn the_catalog_may_name_the_cursor() {
    let api = api(4);
    let discovered = connector(&api, 1).discover().expect("a catalog");
    let entry = |name: &str| {
        let entries = discovered.as_array().expect("streams");
        entries.iter().find(|entry| entry["name"] == name).expect("the stream").clone()
    };
    assert_eq!(entry("chosen")["source_defined_cursor"], json!(false));
    assert_eq!(entry("newest")["source_defined_cursor"], json!(true));
    for (field, state) in [("made", json!({"made": "2024-02-04T00:00:00Z"})), ("at", json!({"at": at(4)}))] {
        let stream = json!({"name": "chosen", "json_schema": {}});
        let catalog = json!({"streams": [{"stream": stream, "sync_mode": "incremental", "cursor_field": [field]}]});
        let reading = super::reading::read_catalog(&connector(&api, 1), catalog);
        assert_eq!(reading.last_state("chosen"), Some(&state));
    }
}
