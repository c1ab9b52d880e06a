//! New tokens are stored in something that is no config field.
// Underlined: `access_token = "access_token"`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = oauth(
        token_url = "/token",
        client_id = config.client_id,
        client_secret = config.client_secret,
        refresh_token = config.refresh_token,
        single_use = write_back(access_token = "access_token", token_expiry_date = config.token_expiry_date)
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
    /// When the access token ends.
    token_expiry_date: Option<String>,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
