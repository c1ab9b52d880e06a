//! A header of the source names a partition, which only streams have.
// Underlined: the header's text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", headers = { "X-Region" = "{partition.region}" }, streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = ["eu", "us"]))]
struct Task {
    id: u64,
}

fn main() {}
