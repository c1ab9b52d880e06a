//! No variant of the enum has the field.
// Underlined: `tokn`, the last segment of `config.login.tokn`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = bearer(config.login.tokn), streams = [Task])]
struct Tracker {
    /// How to log in.
    login: Login,
}

#[config]
enum Login {
    /// A personal access token.
    Token {
        /// The token.
        #[config(secret)]
        token: Secret,
    },
    /// User name and password.
    Password {
        /// The user name.
        username: String,
        /// The password.
        #[config(secret)]
        password: Secret,
    },
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
