//! A claim stands in the map that has an argument of its own.
// Underlined: `additional_payload = { … }`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = jwt(algorithm = RS256, secret_key = config.private_key, additional_payload = { iss = config.client_id }),
    streams = [Task],
)]
struct Tracker {
    /// The private key.
    private_key: Secret,
    /// The id of the client.
    client_id: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
