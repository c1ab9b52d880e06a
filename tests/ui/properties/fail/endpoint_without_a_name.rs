//! The records of an endpoint describe properties, but where is the name?
// Underlined: `endpoint`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", properties = endpoint("/fields", param = "fields"))]
struct Task {
    id: u64,
}

fn main() {}
