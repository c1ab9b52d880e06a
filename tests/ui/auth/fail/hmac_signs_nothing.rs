//! Nothing is signed.
// Underlined: the kind, hmac

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = hmac(secret = config.secret, header = "X-Signature"),
    streams = [Task],
)]
struct Tracker {
    /// The id of the key.
    key_id: String,
    /// The secret of the key.
    secret: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
