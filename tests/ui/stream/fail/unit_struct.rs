//! There are no fields at all.
// Underlined: `Task`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task;

fn main() {}
