//! A record field is a `Secret`, which cannot be written out.
// Underlined: `Secret`, the field's type.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
    share_token: Secret,
}

fn main() {}
