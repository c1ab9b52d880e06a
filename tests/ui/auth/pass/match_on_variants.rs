//! `match` over variants of every shape, in a source and in a stream.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        Login::Token { token, .. } => bearer(token),
        Login::Password { username: user, password } => basic(username = user, password = password),
        Login::Key(settings) => api_key(header = "X-Key", value = settings.key),
        login::Login::Other(_) => api_key(cookie = "session", value = "guest"),
        Login::Guest => none,
    },
    streams = [Task],
)]
struct Tracker {
    /// How to log in.
    login: Login,
}

use login::Login;

mod login {
    use airbyte_runtime::prelude::*;

    #[config]
    pub enum Login {
        /// A personal access token.
        Token {
            /// The token.
            #[config(secret)]
            token: Secret,
            /// What it may read.
            scope: Option<String>,
        },
        /// User name and password.
        Password {
            /// The user name.
            username: String,
            /// The password.
            #[config(secret)]
            password: Secret,
        },
        /// A key.
        Key(Key),
        /// Another key.
        Other(Key),
        /// Nothing.
        Guest,
    }

    #[config]
    pub struct Key {
        /// The key.
        #[config(secret)]
        pub key: Secret,
    }
}

#[stream(
    source = Tracker,
    path = "/tasks",
    auth = match config.login {
        Login::Token { token, scope: _ } => api_key(header = "Authorization", value = token),
        _ => none(),
    },
)]
struct Task {
    id: u64,
}

fn main() {}
