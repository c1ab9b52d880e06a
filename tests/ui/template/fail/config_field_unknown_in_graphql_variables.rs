//! A GraphQL variable names a config field that the source does not have.
// Underlined: `regoin`, the last segment of `config.regoin`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The region of the account.
    region: String,
}

#[stream(
    source = Tracker,
    path = "/graphql",
    body = graphql("query($r: ID) { tasks(region: $r) { id } }", variables = { r = config.regoin }),
)]
struct Task {
    id: u64,
}

fn main() {}
