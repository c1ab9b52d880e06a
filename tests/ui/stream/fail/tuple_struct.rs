//! The fields have no names.
// Underlined: `Task`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task(u64, String);

fn main() {}
