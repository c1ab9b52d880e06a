//! Components within components, references in them, and lists of components.

use airbyte_runtime::prelude::*;

/// How to log in.
#[config]
enum Login {
    /// By OAuth.
    OAuth(OAuth),
    /// By a client.
    Client {
        /// The client's id.
        id: String,
        /// The client's secret.
        secret: Secret,
    },
    /// By a key that signs.
    Key {
        /// The key.
        #[config(multiline)]
        key: Secret,
    },
    /// By name and password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// By several tokens.
    Tokens {
        /// The tokens.
        tokens: Vec<Secret>,
    },
}

/// What OAuth needs.
#[config]
struct OAuth {
    /// The client's id.
    client_id: String,
    /// The client's secret.
    client_secret: Secret,
    /// The refresh token.
    refresh_token: Secret,
    /// The access token.
    access_token: Option<Secret>,
    /// Its end.
    ends: Option<String>,
}

#[source(
    base_url = "https://{config.region}.example.com",
    auth = match config.login {
        Login::OAuth(oauth_of) => oauth(
            token_url = "https://{config.region}.example.com/token",
            client_id = oauth_of.client_id,
            client_secret = oauth_of.client_secret,
            refresh_token = oauth_of.refresh_token,
            single_use = write_back(access_token = oauth_of.access_token, token_expiry_date = oauth_of.ends),
        ),
        Login::Client { id, secret } => client_credentials(
            token_url = "/token",
            client_id = id,
            client_secret = secret,
            scopes = ["a", "b"],
            refresh_token_error_status_codes = [400, 401],
        ),
        Login::Key { key } => oauth(token_url = "/token", profile_assertion = jwt(algorithm = ES256, secret_key = key)),
        Login::Password { user, password } => session_token(
            login = post("/login", form = { user = "{config.region}\\{config.login.user}", "pass word" = "x" }),
            token_header = "X-Token",
            param = "session",
        ),
        Login::Tokens { tokens } => multiple_tokens(
            [tokens],
            quota_status = get("/limits"),
            quotas = [
                quota("a", remaining = "a", reset = "b", matchers = [matcher(url_path_pattern = "^/x{{2}}")]),
                quota("b", remaining = "c", reset = "d"),
            ],
        ),
    },
    streams = [Task],
)]
struct Tracker {
    /// The region.
    region: String,
    /// How to log in.
    login: Login,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
