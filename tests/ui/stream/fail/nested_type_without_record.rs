//! A field's type is a struct without `#[record]`.
// Underlined: `User`, the field's type.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
    assignee: Option<User>,
}

struct User {
    name: String,
}

fn main() {}
