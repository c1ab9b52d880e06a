//! All parents are read for the names of the streams.
// Underlined: `new_parents_only`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Board, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/boards")]
struct Board {
    id: u64,
}

#[stream(source = Tracker, name = "tasks_{parent.id}", path = "/tasks/{parent.id}", parent = Board(id, new_parents_only = true))]
struct Task {
    id: u64,
}

fn main() {}
