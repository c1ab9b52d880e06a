//! A config field's struct has no `#[config]`.
// Underlined: `Proxy`, the field's type.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The proxy to use.
    proxy: Proxy,
}

struct Proxy {
    host: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
