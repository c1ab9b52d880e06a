//! The group's name is misspelled, so that the stream is alone in it.
// Underlined: the stream in `streams`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, Report, Project])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", group = "exports")]
struct Task {
    id: u64,
}

#[stream(source = Tracker, path = "/reports", group = "exprots")]
struct Report {
    id: u64,
}

#[stream(source = Tracker, path = "/projects", group = "exports")]
struct Project {
    id: u64,
}

fn main() {}
