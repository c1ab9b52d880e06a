//! A page that is ignored fails nothing, so it needs no sentence.
// Underlined: `transient_error`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [status(404) => ignore(transient_error = "gone")])]
struct Task {
    id: u64,
}

fn main() {}
