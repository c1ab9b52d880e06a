//! A limit makes the pages begin anew with the first one, which reaches the same limit.
// Underlined: `number_of_records = 10_000`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    paginator = page_increment(page_size = 100),
    pagination_reset = reset(number_of_records = 10_000),
)]
struct Task {
    id: u64,
}

fn main() {}
