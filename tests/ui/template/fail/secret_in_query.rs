//! A secret would stand in the URL's query.
// Underlined: `token`, the last segment of `config.token`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(source = Tracker, path = "/tasks", query = { access_token = config.token })]
struct Task {
    id: u64,
}

fn main() {}
