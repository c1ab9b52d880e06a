//! `check` names a struct without `#[stream]`.
// Underlined: `User` behind `check =`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task], check = User)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

#[record]
struct User {
    name: String,
}

fn main() {}
