//! A config field has a type that no form can offer.
// Underlined: `HashMap<String, String>`.

use std::collections::HashMap;

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// Labels to look for.
    labels: HashMap<String, String>,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
