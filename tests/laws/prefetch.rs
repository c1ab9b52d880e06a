//! What becomes of pages that came ahead when one before them goes wrong, ends the stream, or is never read: nobody hears
//! of them, and no state covers them.

use std::sync::Arc;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use serde_json::{Value, json};

use super::ahead::{page_of, start_in};
use super::barrier::{Barrier, Shared};
use super::child;
use super::reading::{Reading, catalog, read, read_enough};

/// Rows behind page numbers and offsets, and an API that refuses a page in several ways.
#[source(
    base_url = "{config.base_url}", backoff = constant("PT0.001S"), max_retries = 2, concurrency = 64,
    error_handler = [
        status(418) => retry,
        status(430) => rate_limited,
        status(440) => retry(transient_error = "the page is being made"),
        status(410) => ignore,
    ],
    streams = [Numbers, Offsets],
)]
pub(crate) struct Fetching {
    /// Where the API is.
    base_url: String,
}

#[stream(
    source = Fetching, name = "numbers", path = "/rows", primary_key = id,
    cursor = integer(id, start_param = "since", sorted = ASCENDING),
    paginator = page_increment(page_size = 3, prefetch = 8),
)]
struct Numbers {
    id: u64,
}

#[stream(
    source = Fetching, name = "offsets", path = "/rows", primary_key = id,
    cursor = integer(id, start_param = "since", sorted = ASCENDING),
    paginator = offset_increment(page_size = 3, prefetch = 8),
)]
struct Offsets {
    id: u64,
}

const STREAMS: [&str; 2] = ["numbers", "offsets"];
/// Rows that there are.
const ROWS: u64 = 90;
/// A page by the rows before it, which was asked for ahead itself, and one behind it.
const AHEAD: Place = Place { held: 30, behind: 36 };
/// A page that is asked for when it is needed, together with the one behind it.
const NEEDED: Place = Place { held: 12, behind: 15 };

/// Where something happens.
#[derive(Clone, Copy, Debug)]
struct Place {
    held: u64,
    behind: u64,
}

/// The rows since the one that is asked for, as they stand on a page; each may have moved back by some.
fn page(target: &str, moved: u64) -> String {
    let since = target.split(['?', '&']).find_map(|pair| pair.strip_prefix("since="));
    let since = since.map_or(1, |since| since.parse::<u64>().expect("a number").max(1));
    let (start, ids) = (start_in(target), since..=ROWS);
    page_of((start + since - moved..start + since + 3 - moved).filter(|id| ids.contains(id)))
}

/// What an API was asked for, in order, and whether a test is done with it.
#[derive(Default)]
struct Log {
    answered: Vec<u64>,
    is_over: bool,
}

impl Log {
    fn times(&self, start: u64) -> usize {
        self.answered.iter().filter(|answered| **answered == start).count()
    }
}

/// An API that holds one page back until one behind it has been answered, and then answers otherwise, so many times.
/// From then on there are so many rows more at the beginning.
fn holding(
    place: Place,
    times: usize,
    held: impl Fn(&Shared<Log>, &str) -> (u16, String) + Send + Sync + 'static,
    moved: u64,
) -> (Barrier, Arc<Shared<Log>>) {
    let log = Arc::new(Shared::<Log>::default());
    let shared = Arc::clone(&log);
    let api = Barrier::start(move |target| {
        let start = start_in(target);
        if start == place.held && shared.with(|log| log.times(place.held) < times) {
            assert!(shared.wait_until(|log| log.times(place.behind) > 0), "no page is asked for ahead");
            shared.with(|log| log.answered.push(start));
            return held(&shared, target);
        }
        let moved = if shared.with(|log| log.times(place.held) > 0) { moved } else { 0 };
        let body = page(target, moved);
        shared.with(|log| log.answered.push(start));
        (200, body)
    });
    (api, log)
}

/// Keeps a page until the test needs it no more.
fn until_it_is_over(log: &Shared<Log>, target: &str) -> (u16, String) {
    log.wait_until(|log| log.is_over);
    (200, page(target, 0))
}

fn connector(api: &Barrier) -> Connector<Fetching> {
    Connector::new(json!({"base_url": api.url()}))
}

/// A page in the middle that an error handler has asked for again: what came behind it is asked for again, too, because a
/// row may have been inserted before it meanwhile.
#[test]
fn a_page_that_a_rule_tries_again_is_followed_by_new_pages() {
    for (place, times) in [(NEEDED, 1), (NEEDED, 2), (AHEAD, 1), (AHEAD, 2)] {
        for (status, stream) in [418, 430, 440].into_iter().flat_map(|status| STREAMS.map(|stream| (status, stream))) {
            let what = format!("{stream}, {status} {times} times at {place:?}");
            let (api, log) = holding(place, times, move |_, _| (status, String::new()), 1);
            let reading = read(&connector(&api), &[stream]);
            assert!(reading.error.is_none(), "{what}: {:?}", reading.error);
            let mut ids = reading.ids(stream);
            ids.dedup();
            assert_eq!(ids, (1..=ROWS).collect::<Vec<_>>(), "{what}");
            let asked = log.with(|log| (log.times(place.held), log.times(place.behind)));
            assert_eq!(asked, (1 + times, 2), "{what}");
        }
    }
}

/// A page in the middle that ends the stream: the pages behind it are here and full, and belong to nobody.
#[test]
fn pages_behind_the_end_are_not_read() {
    let short = |target: &str| page_of([start_in(target) + 1].into_iter());
    for (place, status, more) in [(NEEDED, 410, 0), (NEEDED, 200, 1), (AHEAD, 410, 0), (AHEAD, 200, 1)] {
        let rows = place.held + more;
        for stream in STREAMS {
            let (api, _) = holding(place, usize::MAX, move |_, target| (status, short(target)), 0);
            let first = read(&connector(&api), &[stream]);
            assert!(first.error.is_none(), "{stream}, {status}: {:?}", first.error);
            assert_eq!(first.ids(stream), (1..=rows).collect::<Vec<_>>(), "{stream}, {status}");
            require_rest(stream, &first, &format!("{status}"));
        }
    }
}

/// The state covers nothing that was not said: the next read brings the rest.
fn require_rest(stream: &str, first: &Reading, what: &str) {
    let known = first.ids(stream).last().copied().unwrap_or(0);
    for (said, state) in first.states().filter(|(said, _)| *said == stream) {
        let covered = state["id"].as_str().and_then(|id| id.parse().ok()).or(state["id"].as_u64());
        assert!(covered.is_some_and(|covered| covered <= known), "{said}, {what}: {state} after {known}");
    }
    let api = Barrier::start(|target| (200, page(target, 0)));
    let mut connector = connector(&api);
    if first.last_state(stream).is_some() {
        connector = connector.with_state(first.state_file());
    }
    let second = read(&connector, &[stream]);
    assert!(second.error.is_none(), "{stream}, {what}: {:?}", second.error);
    let mut ids = [first.ids(stream), second.ids(stream)].concat();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, (1..=ROWS).collect::<Vec<_>>(), "{stream}, {what}: {:?}", first.last_state(stream));
}

/// SIGTERM while a page is on its way and those behind it are here.
#[cfg(unix)]
#[test]
fn a_stop_covers_no_page_behind_the_one_that_has_not_come() {
    use std::os::unix::process::ExitStatusExt as _;

    for stream in STREAMS {
        let (api, log) = holding(AHEAD, 1, until_it_is_over, 0);
        let config = json!({"base_url": api.url()});
        let files: [(&str, &Value); 2] = [("config", &config), ("catalog", &catalog(&[stream]))];
        let mut running = child::start("fetching", "read", &files);
        running.wait_for(|said| {
            let reading = Reading::of_lines(said.rsplit_once('\n').map_or("", |(lines, _)| lines));
            reading.ids(stream).len() as u64 == AHEAD.held
        });
        assert!(log.wait_until(|log| log.times(AHEAD.behind) > 0), "no page is asked for ahead");
        running.terminate();
        let (status, said) = running.end();
        log.with(|log| log.is_over = true);
        assert_eq!(status.signal(), Some(15), "{status:?}");
        let first = Reading::of_lines(&said);
        assert_eq!(first.ids(stream), (1..=AHEAD.held).collect::<Vec<_>>());
        assert_eq!(first.statuses(stream).last(), Some(&"INCOMPLETE"));
        assert!(first.last_state(stream).is_some(), "{said}");
        require_rest(stream, &first, "stopped");
    }
}

/// A reader that goes away while a page is on its way and those behind it are here.
#[test]
fn a_read_that_is_dropped_covers_what_it_said() {
    for place in [Place { held: 15, behind: 18 }, AHEAD, Place { held: 60, behind: 66 }] {
        for stream in STREAMS {
            let (api, log) = holding(place, 1, until_it_is_over, 0);
            let first = read_enough(&connector(&api), &[stream], |reading| {
                reading.ids(stream).len() as u64 == place.held && log.wait_until(|log| log.times(place.behind) > 0)
            });
            log.with(|log| log.is_over = true);
            assert_eq!(first.ids(stream), (1..=place.held).collect::<Vec<_>>(), "{stream}, {place:?}");
            require_rest(stream, &first, &format!("{place:?}"));
        }
    }
}
