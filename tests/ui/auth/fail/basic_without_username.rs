//! Basic authentication has no user name.
// Underlined: `basic`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = basic(password = config.password), streams = [Task])]
struct Tracker {
    /// The password.
    #[config(secret)]
    password: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
