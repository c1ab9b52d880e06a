//! The path of the login has no slash.
// Underlined: `"login"`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = session_token(login = post("login", body = { password = config.password }), token = "token"),
    streams = [Task],
)]
struct Tracker {
    /// The password.
    password: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
