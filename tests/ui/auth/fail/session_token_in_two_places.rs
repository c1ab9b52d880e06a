//! The session's token goes to two places.
// Underlined: `param = "session"`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = session_token(
        login = post("/login", body = { user = config.username, password = config.password }),
        token = "token",
        header = "X-Session",
        param = "session"
    ),
    streams = [Task],
)]
struct Tracker {
    /// The name.
    username: String,
    /// The password.
    password: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
