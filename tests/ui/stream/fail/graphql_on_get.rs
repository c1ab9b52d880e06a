//! A GraphQL query, and `GET` in so many words.
// Underlined: `body`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/graphql", method = GET, body = graphql("{ tasks { id } }"))]
struct Task {
    id: u64,
}

fn main() {}
