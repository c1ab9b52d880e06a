//! An argument of `graphql` is misspelt.
// Underlined: `variable`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/graphql", body = graphql("{ tasks { id } }", variable = { first = 100 }))]
struct Task {
    id: u64,
}

fn main() {}
