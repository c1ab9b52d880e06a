//! The path of `pageInfo` is empty.
// Underlined: `relay("")`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/graphql", body = graphql("{ tasks { id } }"), paginator = relay(""))]
struct Task {
    id: u64,
}

fn main() {}
