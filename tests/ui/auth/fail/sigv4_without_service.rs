//! The service that requests are signed for is missing.
// Underlined: the kind, aws_sigv4

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = aws_sigv4(access_key_id = config.key_id, secret_access_key = config.secret, region = "us-east-1"),
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
