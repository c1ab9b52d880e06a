//! A name of the answer is kept, and has no place in the configuration.
// Underlined: `oauth2`.

use airbyte_runtime::prelude::*;

#[source(
    base_url      = "https://api.example.com",
    advanced_auth = oauth2(
        consent_url      = "https://example.com/authorize?{{client_id_param}}&{{redirect_uri_param}}&{{state_param}}",
        access_token_url = "https://example.com/token?grant_type=authorization_code&{{auth_code_param}}",
        extract_output   = ["refresh_token", "access_token"],
        output           = { refresh_token = config.token },
    ),
    streams       = [Task],
)]
struct Tracker {
    /// The refresh token.
    token: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
