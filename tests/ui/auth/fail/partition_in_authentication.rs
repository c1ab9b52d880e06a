//! Credentials that depend on a partition.
// Underlined: `"Token {partition.region}"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    partition = list(region = ["eu", "us"]),
    auth = api_key(header = "X-Api-Key", value = "Token {partition.region}"),
)]
struct Task {
    id: u64,
}

fn main() {}
