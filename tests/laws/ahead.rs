//! Pages that are asked for ahead change how long a read takes, and nothing that it says.
//!
//! `AIRBYTE_AHEAD_SEEDS=150` reads that many random APIs, `AIRBYTE_AHEAD_SEED=7` the one that failed.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::{Api, mix};
use super::reading::{Reading, Said, read};

/// Rows behind page numbers and offsets, each way with and without pages ahead.
#[source(
    base_url = "{config.base_url}", backoff = constant("PT0.001S"), max_retries = 2,
    concurrency = config.concurrency,
    streams = [Numbers, NumbersInTurn, Offsets, OffsetsInTurn, Posted, Limited, Parts],
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

stream!(Numbers, "numbers", paginator = page_increment(page_size = 3));
stream!(NumbersInTurn, "numbers_in_turn", paginator = page_increment(page_size = 3, prefetch = 0));
stream!(Offsets, "offsets", paginator = offset_increment(page_size = 3));
stream!(OffsetsInTurn, "offsets_in_turn", paginator = offset_increment(page_size = 3, prefetch = 0));
stream!(Posted, "posted", paginator = page_increment(page_size = 3), method = "POST");
stream!(
    Limited,
    "limited",
    paginator = page_increment(page_size = 3),
    pagination_reset = split_using_cursor(number_of_records = 10_000)
);
stream!(Parts, "parts", paginator = page_increment(page_size = 3), partition = list(part = [1, 2, 3, 4, 5, 6, 7, 8]));

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
fn start_of(request: &Request) -> u64 {
    let number = |name: &str| request.query_param(name).map(|text| text.parse::<u64>().expect("a number"));
    number("offset").or_else(|| Some((number("page")? - 1) * 3)).unwrap_or(0)
}

/// What was said, but for the names of streams and the times of pauses.
fn told(reading: &Reading) -> Vec<String> {
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

#[test]
fn pages_ahead_change_nothing_that_is_said() {
    let seeds = match number_of("AIRBYTE_AHEAD_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number_of("AIRBYTE_AHEAD_SEEDS").unwrap_or(20),
    };
    let mut ahead = 0;
    for seed in seeds.clone() {
        let habits = Habits::of(seed);
        for (stream, in_turn) in [("numbers", "numbers_in_turn"), ("offsets", "offsets_in_turn")] {
            let ((with, asked), (without, needed)) = (habits.read(stream), habits.read(in_turn));
            assert_eq!(
                told(&with),
                told(&without),
                "{stream}: AIRBYTE_AHEAD_SEED={seed} {habits:?} asked {asked:?}, needed {needed:?}"
            );
            let useless = asked.iter().filter(|start| !needed.contains(start)).count();
            assert!(useless <= 8.min(needed.len() / 4), "AIRBYTE_AHEAD_SEED={seed} {habits:?} asked {asked:?}");
            ahead += useless;
        }
    }
    assert!(seeds.end - seeds.start < 20 || ahead > 0, "no page was asked for ahead");
}

/// How many requests were on their way at once, at most.
fn most_at_once(stream: &str, concurrency: Option<u32>) -> usize {
    let now = std::sync::Arc::new(Mutex::new((Vec::new(), 0)));
    let shared = std::sync::Arc::clone(&now);
    let api = Api::answering(move |request: &Request| {
        let start = start_of(request);
        let began = std::time::Instant::now();
        let mut now = shared.lock().expect("no handler panics");
        now.0.retain(|end: &std::time::Instant| *end > began);
        now.0.push(began + Duration::from_millis(20));
        now.1 = now.1.max(now.0.len());
        let ids = start + 1..=(start + 3).min(200);
        Response::json(200, &ids.map(|id| json!({"id": id})).collect::<Value>()).delay(Duration::from_millis(20))
    });
    let config = json!({"base_url": api.url(), "concurrency": concurrency});
    let reading = read(&Connector::<Ahead>::new(config), &[stream]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    now.lock().expect("no handler panics").1
}

/// A page is asked for ahead only where that can do no harm.
#[test]
fn pages_are_asked_for_ahead_where_it_is_safe() {
    let (numbers, offsets) = (most_at_once("numbers", None), most_at_once("offsets", None));
    assert!(numbers.min(offsets) > 4, "{numbers} and {offsets}");
    assert_eq!(most_at_once("numbers_in_turn", None), 1);
    assert_eq!(most_at_once("numbers", Some(1)), 1);
    assert_eq!(most_at_once("posted", None), 1, "a request with a body may do more than read");
    assert_eq!(most_at_once("limited", None), 1, "the pages may begin anew");
}

/// Partitions side by side fill the room, and no page ahead takes their place.
#[test]
fn pages_ahead_take_no_place_of_other_requests() {
    let at_once = most_at_once("parts", Some(8));
    assert!(at_once <= 8, "{at_once}");
}
