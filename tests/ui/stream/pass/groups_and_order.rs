//! Groups of children and parents of different groups, and streams that come after children.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Last, Project, Task, Comment])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project, group = "two", after = Project)]
struct Task {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks/{parent.id}/comments", parent = Task, after = [])]
struct Comment {
    id: u64,
}

#[stream(source = Tracker, path = "/last", after = [Comment, self::Task,], group = "two")]
struct Last {
    id: u64,
}

fn main() {}
