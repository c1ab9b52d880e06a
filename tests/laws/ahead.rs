//! Pages that are asked for ahead change how long a read takes, and nothing that it says.
//!
//! `AIRBYTE_AHEAD_SEEDS=150` reads that many random APIs, `AIRBYTE_AHEAD_SEED=7` the one that failed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::{Api, mix};
use super::barrier::{Barrier, Shared};
use super::reading::{Reading, Said, read};

/// Rows behind page numbers and offsets, each way with and without pages ahead.
#[source(
    base_url = "{config.base_url}", backoff = constant("PT0.001S"), max_retries = 2,
    concurrency = config.concurrency,
    streams = [Numbers, NumbersInTurn, Offsets, OffsetsInTurn, Many],
)]
struct Ahead {
    /// Where the API is.
    base_url: String,
    /// Requests in flight.
    concurrency: Option<u32>,
}

macro_rules! stream {
    ($name:ident, $stream:literal, $($rest:tt)*) => {
        #[stream(
            source = Ahead, name = $stream, path = "/rows", primary_key = id, cursor = integer(id, start_param = "since_id", sorted = ASCENDING),
            $($rest)*
        )]
        struct $name {
            id: u64,
        }
    };
}

stream!(Numbers, "numbers", paginator = page_increment(page_size = 3, prefetch = 8));
stream!(NumbersInTurn, "numbers_in_turn", paginator = page_increment(page_size = 3));
stream!(Offsets, "offsets", paginator = offset_increment(page_size = 3, prefetch = 8));
stream!(OffsetsInTurn, "offsets_in_turn", paginator = offset_increment(page_size = 3));
stream!(Many, "many", paginator = page_increment(page_size = 3, prefetch = 16));

/// What an API does, all of it drawn from a seed.
#[derive(Clone, Copy, Debug)]
struct Habits {
    seed: u64,
    rows: u64,
    beyond: Beyond,
    /// The page that has only one row although others follow.
    short: Option<u64>,
    /// Of so many pages one fails the first time that it is asked for.
    failing: Option<u64>,
    /// How it fails.
    status: u16,
}

/// What stands behind the last page.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beyond {
    Nothing,
    NotFound,
    Invalid,
    Crash,
    LastPage,
    NoJson,
}

impl Habits {
    fn of(seed: u64) -> Self {
        let draw = |number: u64, most: u64| mix(seed.wrapping_mul(31).wrapping_add(number)) % most;
        const BEYOND: [Beyond; 6] =
            [Beyond::Nothing, Beyond::NotFound, Beyond::Invalid, Beyond::Crash, Beyond::LastPage, Beyond::NoJson];
        let short = draw(2, 40);
        Self {
            seed,
            rows: 1 + draw(0, 120),
            beyond: BEYOND[draw(1, 6) as usize],
            short: (short > 4 && draw(3, 4) == 0).then_some(short),
            failing: (draw(4, 2) == 0).then(|| 2 + draw(5, 8)),
            status: [500, 429, 503][draw(6, 3) as usize],
        }
    }

    /// The rows of the page that begins behind so many.
    fn page(&self, start: u64) -> Response {
        let rows = |start: u64, count: u64| {
            let ids = start + 1..=(start + count).min(self.rows);
            Response::json(200, &ids.map(|id| json!({"id": id})).collect::<Value>())
        };
        if self.short == Some(start / 3) {
            return rows(start, 1);
        }
        if start < self.rows {
            return rows(start, 3);
        }
        match self.beyond {
            Beyond::Nothing => rows(start, 0),
            Beyond::NotFound => Response::json(404, &json!({"message": "no such page"})),
            Beyond::Invalid => Response::json(400, &json!({"message": "the page is too high"})),
            Beyond::Crash => Response::new(500),
            Beyond::LastPage => rows((self.rows - 1) / 3 * 3, 3),
            Beyond::NoJson => Response::new(200).body("<html>"),
        }
    }

    fn api(self) -> Api {
        let asked = Mutex::new(HashMap::<u64, u64>::new());
        Api::answering(move |request: &Request| {
            let start = start_of(request);
            let times = {
                let mut asked = asked.lock().expect("no handler panics");
                let times = asked.entry(start).or_default();
                *times += 1;
                *times
            };
            let page = mix(self.seed ^ start);
            let delay = Duration::from_micros(mix(page ^ times) % 4_000);
            match self.failing {
                Some(one) if page.is_multiple_of(one) && times == 1 => Response::new(self.status).delay(delay),
                _ => self.page(start).delay(delay),
            }
        })
    }

    fn read(self, stream: &str) -> (Reading, Vec<u64>) {
        let api = self.api();
        let reading = read(&Connector::<Ahead>::new(json!({"base_url": api.url()})), &[stream]);
        (reading, api.requests().iter().map(start_of).collect())
    }
}

/// The number of rows before the page that is asked for.
pub(crate) fn start_of(request: &Request) -> u64 {
    let number = |name: &str| request.query_param(name).map(|text| text.parse::<u64>().expect("a number"));
    number("offset").or_else(|| Some((number("page")? - 1) * 3)).unwrap_or(0)
}

/// What was said, but for the names of streams and the times of pauses.
pub(crate) fn told(reading: &Reading) -> Vec<String> {
    let told = reading.said.iter().filter_map(|said| match said {
        Said::Record { data, .. } => Some(format!("record {data}")),
        Said::State { blob, count, .. } => Some(format!("state {blob} after {count}")),
        // The port is another one.
        Said::Failure { kind, message, .. } => {
            Some(format!("{kind}: {}", message.replace(|sign: char| sign.is_ascii_digit(), "")))
        }
        Said::Status { status, .. } => matches!(status.as_str(), "COMPLETE" | "INCOMPLETE").then(|| status.clone()),
    });
    told.collect()
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

/// The seeds to read.
pub(crate) fn seeds() -> std::ops::Range<u64> {
    match number_of("AIRBYTE_AHEAD_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number_of("AIRBYTE_AHEAD_SEEDS").unwrap_or(20),
    }
}

#[test]
fn pages_ahead_change_nothing_that_is_said() {
    for seed in seeds() {
        let habits = Habits::of(seed);
        for (stream, in_turn) in [("numbers", "numbers_in_turn"), ("offsets", "offsets_in_turn")] {
            let ((with, asked), (without, needed)) = (habits.read(stream), habits.read(in_turn));
            assert_eq!(
                told(&with),
                told(&without),
                "{stream}: AIRBYTE_AHEAD_SEED={seed} {habits:?} asked {asked:?}, needed {needed:?}"
            );
            // A page of no use, and those behind it.
            let useless = asked.len().saturating_sub(needed.len());
            assert!(useless <= 1 + 8.min(needed.len() / 4), "AIRBYTE_AHEAD_SEED={seed} {habits:?} asked {asked:?}");
        }
    }
}

/// The same for an address.
pub(crate) fn start_in(target: &str) -> u64 {
    let parameters = target.split(['?', '&']).filter_map(|pair| pair.split_once('='));
    let place = parameters.filter_map(|(name, value)| match name {
        "page" => Some((value.parse::<u64>().expect("a number") - 1) * 3),
        "offset" => Some(value.parse().expect("a number")),
        _ => None,
    });
    place.max().unwrap_or_default()
}

/// A page of ids.
pub(crate) fn page_of(ids: impl Iterator<Item = u64>) -> String {
    ids.map(|id| json!({"id": id})).collect::<Value>().to_string()
}

/// Holds back the answer to one page until others were asked for; the numbers of those that were asked for by then.
fn asked_behind(stream: &str, held: u64, ahead: u64) -> Vec<u64> {
    let shared = Arc::new(Shared::<(Vec<u64>, Option<Vec<u64>>)>::default());
    let asked = Arc::clone(&shared);
    let api = Barrier::start(move |target| {
        let page = start_in(target) / 3;
        asked.with(|(all, _)| all.push(page));
        if page == held {
            let came = asked.wait_until(|(all, _)| (held + 1..=held + ahead).all(|page| all.contains(&page)));
            // Time for those that are too many.
            std::thread::sleep(Duration::from_millis(20));
            asked.with(|(all, behind)| {
                *behind = came.then(|| all.iter().copied().filter(|page| *page > held).collect())
            });
        }
        (200, page_of((page * 3 + 1..=page * 3 + 3).filter(|id| *id <= 400)))
    });
    let reading = read(&Connector::<Ahead>::new(json!({"base_url": api.url(), "concurrency": 64})), &[stream]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    shared.with(|(asked, behind)| behind.take().unwrap_or_else(|| panic!("{stream}: only {asked:?} were asked for")))
}

/// As many pages are asked for ahead as the paginator says; one for each four that came.
#[test]
fn so_many_pages_are_asked_for_ahead() {
    for (stream, held, ahead) in [
        ("numbers", 3, 0),
        ("numbers", 4, 1),
        ("numbers", 40, 8),
        ("offsets", 40, 8),
        ("many", 100, 16),
        ("numbers_in_turn", 40, 0),
        ("offsets_in_turn", 40, 0),
    ] {
        let mut asked = asked_behind(stream, held, ahead);
        asked.sort_unstable();
        assert_eq!(asked, (held + 1..=held + ahead).collect::<Vec<_>>(), "{stream} while page {held} is on its way");
    }
}

/// What happens to a page whose turn it is, while those behind it are here already.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Crash,
    Garbled,
}

/// A row is inserted before all others between the first try of a page and the second. What came behind that page before
/// does not fit any more: a row would be lost between them, and no later read would find it.
#[test]
fn no_page_is_older_than_one_before_it() {
    // The fifth page is asked for when it is needed, together with the one behind it; the eleventh was asked for ahead.
    for (fault, start) in [(Fault::Crash, 12), (Fault::Crash, 30), (Fault::Garbled, 12), (Fault::Garbled, 30)] {
        let shared = Arc::new(Shared::<(Vec<u64>, bool)>::default());
        let rows = Arc::clone(&shared);
        let behind = if start == 12 { 15 } else { 36 };
        let api = Barrier::start(move |target| {
            let asked = start_in(target);
            let (is_first, is_shifted) = rows.with(|(answered, is_shifted)| (!answered.contains(&asked), *is_shifted));
            let ids = || {
                page_of((asked + 1..=asked + 3).map(|id| if is_shifted { id - 1 } else { id }).filter(|id| *id <= 90))
            };
            if asked != start || !is_first {
                let page = ids();
                rows.with(|(answered, _)| answered.push(asked));
                return (200, page);
            }
            assert!(rows.wait_until(|(answered, _)| answered.contains(&behind)), "no page is asked for ahead");
            rows.with(|(answered, is_shifted)| {
                answered.push(asked);
                *is_shifted = true;
            });
            match fault {
                Fault::Crash => (500, String::new()),
                Fault::Garbled => (200, ids().replace(']', ",")),
            }
        });
        for stream in ["numbers", "offsets"] {
            shared.with(|state| *state = Default::default());
            let reading = read(&Connector::<Ahead>::new(json!({"base_url": api.url(), "concurrency": 64})), &[stream]);
            assert!(reading.error.is_none(), "{:?}", reading.error);
            let mut ids = reading.ids(stream);
            ids.dedup();
            assert_eq!(ids, (1..=90).collect::<Vec<_>>(), "{stream}, {fault:?} behind {start} rows");
        }
    }
}
