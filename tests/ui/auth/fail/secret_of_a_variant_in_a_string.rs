//! The key of a variant is a plain text.
// Underlined: `key` of the argument.

use airbyte_runtime::prelude::*;

/// How to log in.
#[config]
enum Login {
    /// With a key.
    Key {
        /// The key.
        key: String,
    },
}

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        Login::Key { key } => api_key(header = "X-Api-Key", value = key),
    },
    streams = [Task],
)]
struct Tracker {
    /// How to log in.
    login: Login,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
