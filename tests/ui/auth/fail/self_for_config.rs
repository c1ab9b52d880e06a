//! A config field is written as a field of `self`.
// Underlined: `self`, or `self.token`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = bearer(self.token), streams = [Task])]
struct Tracker {
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
