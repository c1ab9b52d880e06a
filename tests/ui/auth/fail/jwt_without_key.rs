//! `jwt` has nothing to sign with.
// Underlined: `jwt`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = jwt(algorithm = RS256, iss = config.client_id),
    streams = [Task],
)]
struct Tracker {
    /// The id of the client.
    client_id: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
