//! A property that each request names is no field.
// Underlined: `idd`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", properties = columns(param = "fields", always_include = [idd]))]
struct Task {
    id: u64,
}

fn main() {}
