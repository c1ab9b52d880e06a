//! The page where a user agrees is below the base URL.
// Underlined: consent_url and its value

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = bearer(config.refresh_token),
    advanced_auth = oauth2(
        consent_url = "/authorize", access_token_url = "https://example.com/token",
        output = { refresh_token = config.refresh_token },
    ),
    streams = [Task],
)]
struct Tracker {
    /// The refresh token.
    refresh_token: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
