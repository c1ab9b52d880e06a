//! What a login gives goes to a field that does not exist.
// Underlined: config.refresh_tokn

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = bearer(config.refresh_token),
    advanced_auth = oauth2(
        consent_url = "https://example.com/authorize", access_token_url = "https://example.com/token?{{auth_code_param}}",
        output = { refresh_token = config.refresh_tokn },
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
