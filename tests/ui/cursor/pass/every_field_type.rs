//! Cursors of every type that has an order, with formats that fit.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [A, B, C, D, E, F, G])]
struct Tracker {
    /// The first day to sync.
    start: Option<Date>,
}

#[stream(
    source = Tracker,
    path = "/a",
    cursor = datetime(
        updated_at,
        start = config.start,
        end = "2030-01-01",
        step = "P1M",
        granularity = "PT1S",
        lookback = "P3D",
        start_param = "since",
        end_header = "X-Until",
        client_side = true,
    ),
)]
struct A {
    updated_at: Timestamp,
}

#[stream(
    source = Tracker,
    path = "/b",
    cursor = datetime(day, start = "2020-01-01", step = "P1D", granularity = "P1D"),
)]
struct B {
    day: Date,
}

#[stream(
    source = Tracker,
    path = "/c",
    cursor = datetime(at, format = "%d/%m/%Y %H:%M", formats = ["%Y-%m-%d", "%s", "%ms"]),
)]
struct C {
    at: String,
}

#[stream(source = Tracker, path = "/d", cursor = datetime(at, format = "%s"))]
struct D {
    at: i64,
}

#[stream(source = Tracker, path = "/e", cursor = datetime(at, format = "%ms", start = "2020-01-01", step = "PT0.5S"))]
struct E {
    at: f64,
}

#[stream(
    source = Tracker,
    path = "/f/{interval.start}",
    cursor = integer(number, start = -1, start_param = "after", client_side = false),
)]
struct F {
    number: u32,
}

#[stream(source = Tracker, path = "/g", cursor = datetime(at))]
struct G {
    at: Instant,
}

type Instant = Timestamp;

fn main() {}
