//! The name of an argument is that of another library.
// Underlined: the argument's name

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = aws_sigv4(access_key = config.key_id, secret_access_key = config.secret, region = "us-east-1", service = "s3"),
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
