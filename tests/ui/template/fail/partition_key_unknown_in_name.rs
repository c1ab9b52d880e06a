//! A name has a key that the partitions do not have.
// Underlined: the name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, name = "{partition.bord}", path = "/tasks", partition = list(board = ["a", "b"]))]
struct Task {
    id: u64,
}

fn main() {}
