//! A child without a state is to keep the state of its parent.
// Underlined: `Project`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects", cursor = datetime(updated_at))]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{parent.id}/tasks", parent = Project(id, incremental_dependency = true))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
