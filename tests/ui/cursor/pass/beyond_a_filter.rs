//! Cursors of APIs that cannot filter: what has no order in a record has its order in the attribute.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Feed, Log, Report, Audit])]
struct Tracker {
    /// Where the first sync starts.
    start_date: Date,
}

#[stream(source = Tracker, path = "/feed", cursor = datetime(at, start = config.start_date, sorted = DESCENDING))]
struct Feed {
    at: Timestamp,
}

#[stream(source = Tracker, path = "/log", cursor = integer(number, sorted = ASCENDING))]
struct Log {
    number: u64,
}

#[stream(
    source = Tracker, path = "/report",
    cursor = datetime(
        day, start = config.start_date, start_min = "now-P2Y", end = "now-P1D", clamping = WEEK, week_start = SUNDAY,
        start_param = "from", end_param = "to",
    ),
)]
struct Report {
    day: Date,
}

#[stream(
    source = Tracker, path = "/audit", cursor = datetime(at, start = "now", allow_catalog_defined_cursor_field = true),
)]
struct Audit {
    at: Timestamp,
}

fn main() {}
