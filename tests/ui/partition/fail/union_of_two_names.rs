//! The partitions of a union have two names.
// Underlined: `union`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{partition.a}/tasks", partition = union(list(a = ["1"]), list(b = ["2"])))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
