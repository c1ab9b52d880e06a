//! A broken stream is listed, checked and a parent: nothing of that is reported.
// Underlined: `primary_ky` only.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task], check = Project)]
struct Tracker;

#[stream(source = Tracker, path = "/projects", primary_ky = id)]
struct Project {
    id: u64,
    name: String,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project)]
struct Task {
    id: u64,
}

fn main() {}
