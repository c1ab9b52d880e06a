//! A failure has no sentence for the user.
// Underlined: `config_error`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [status(403) => config_error])]
struct Task {
    id: u64,
}

fn main() {}
