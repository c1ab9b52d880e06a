//! A secret, which is one by its type alone, would stand in the base URL.
// Underlined: the URL.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://hooks.example.com/{config.login.key}", streams = [Task])]
struct Tracker {
    /// How to log in.
    login: Login,
}

#[config]
struct Login {
    /// The access key.
    key: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
