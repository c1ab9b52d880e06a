//! A form names a config field that the source does not have.
// Underlined: the text in the form.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The status to read.
    status: String,
}

#[stream(source = Tracker, path = "/tasks", method = POST, form = { status = "{config.statuss}" })]
struct Task {
    id: u64,
}

fn main() {}
