//! `check` names a stream that is not listed.
// Underlined: `Project` behind `check =`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task], check = Project)]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
