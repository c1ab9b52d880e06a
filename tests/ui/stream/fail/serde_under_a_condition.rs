//! A rename that only the compiler can see: the attribute would use the wrong JSON key.
// Underlined: the `cfg_attr`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = id)]
struct Task {
    #[cfg_attr(all(), serde(rename = "ID"))]
    id: u64,
}

fn main() {}
