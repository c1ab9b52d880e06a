//! The source is generic.
// Underlined: `<T>`, or `T`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker<T> {
    /// The access token.
    token: T,
}

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Other;

#[stream(source = Other, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
