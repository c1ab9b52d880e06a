//! `oauth` has nothing to fetch a token with.
// Underlined: `oauth`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = oauth(token_url = "/token", client_id = config.client_id, client_secret = config.client_secret),
    streams = [Task],
)]
struct Tracker {
    /// The id of the client.
    client_id: String,
    /// The secret of the client.
    client_secret: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
