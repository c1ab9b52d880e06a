//! The algorithm does not exist.
// Underlined: `RS265`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = jwt(algorithm = RS265, secret_key = config.private_key),
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
