//! The connector derives by itself, above and below the attribute; nothing is derived twice.

use airbyte_runtime::prelude::*;

#[derive(Debug, Clone)]
#[source(base_url = "https://api.example.com", streams = [Task, Project])]
#[derive(PartialEq)]
struct Tracker {
    /// The access token.
    token: Secret,
}

#[derive(Debug, Default)]
#[stream(source = Tracker, path = "/tasks", primary_key = id)]
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default)]
struct Task {
    id: u64,
    author: User,
}

#[stream(source = Tracker, path = "/projects")]
#[derive(serde::Deserialize)]
struct Project {
    author: User,
}

#[record]
#[derive(Debug, Default, Clone, PartialEq)]
struct User {
    name: String,
}

fn main() {
    let task = Task { id: 1, ..Task::default() };
    assert_eq!(task.clone(), task);
}
