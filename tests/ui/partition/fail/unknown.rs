//! There is no such partition router.
// Underlined: `lst`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = lst(region = ["eu", "us"]))]
struct Task {
    id: u64,
}

fn main() {}
