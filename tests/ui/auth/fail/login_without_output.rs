//! Nothing says where the tokens of a login go.
// Underlined: the kind, oauth2

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = bearer(config.refresh_token),
    advanced_auth = oauth2(consent_url = "https://example.com/authorize", access_token_url = "https://example.com/token"),
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
