//! An argument is misspelt.
// Underlined: `user_name`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = basic(user_name = config.user, password = config.password),
    streams = [Task],
)]
struct Tracker {
    /// The user name.
    user: String,
    /// The password.
    #[config(secret)]
    password: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
