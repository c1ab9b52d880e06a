//! The address of the token service names a config field that does not exist.
// Underlined: the address.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = oauth(
        token_url = "https://{config.domain}.example.com/token",
        client_id = config.client_id,
        client_secret = config.client_secret,
        refresh_token = config.refresh_token
    ),
    streams = [Task],
)]
struct Tracker {
    /// The id of the client.
    client_id: String,
    /// The secret of the client.
    client_secret: Secret,
    /// The refresh token.
    refresh_token: Secret,
    /// The domain.
    sub_domain: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
