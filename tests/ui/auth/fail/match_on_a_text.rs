//! `match` in a stream chooses by a config field that is not an enum.
// Underlined: `Token`, or `region`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The region of the account.
    region: String,
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[config]
enum Login {
    /// A personal access token.
    Token,
    /// Nothing.
    Guest,
}

#[stream(
    source = Tracker,
    path = "/tasks",
    auth = match config.region {
        Login::Token => bearer(config.token),
        Login::Guest => none,
    },
)]
struct Task {
    id: u64,
}

fn main() {}
