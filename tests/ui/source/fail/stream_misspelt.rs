//! There is no stream of a listed name.
// Underlined: `Taks`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Taks])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
