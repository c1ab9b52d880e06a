//! An argument of a list is misspelt.
// Underlined: `parm`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = ["eu", "us"], parm = "region"))]
struct Task {
    id: u64,
}

fn main() {}
