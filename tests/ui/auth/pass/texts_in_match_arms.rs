//! Texts around the names that a `match` arm binds.

use airbyte_runtime::prelude::*;

/// How to log in.
#[config]
enum Login {
    /// With a token.
    Token {
        /// The token.
        token: Secret,
    },
    /// With a pair of keys.
    Keys(Keys),
    /// Without.
    Guest,
}

/// A pair of keys.
#[config]
struct Keys {
    /// The name of the pair.
    name: String,
    /// Its secret half.
    half: Secret,
}

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        Login::Token { token: found } => api_key(header = "X-Api-Key", value = "Token {found}"),
        Login::Keys(keys) => api_key(header = "X-Api-Key", value = "{keys.name}:{keys.half}"),
        Login::Guest => none,
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
