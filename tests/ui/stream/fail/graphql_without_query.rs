//! `graphql` has no query.
// Underlined: `graphql`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/graphql", body = graphql())]
struct Task {
    id: u64,
}

fn main() {}
