//! The path names a partition key that the stream does not have.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/{partition.regoin}/tasks", partition = list(region = ["eu", "us"]))]
struct Task {
    id: u64,
}

fn main() {}
