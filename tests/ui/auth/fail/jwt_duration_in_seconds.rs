//! The duration is a number of seconds.
// Underlined: `1200`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = jwt(algorithm = RS256, secret_key = config.private_key, token_duration = 1200),
    streams = [Task],
)]
struct Tracker {
    /// The private key.
    private_key: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
