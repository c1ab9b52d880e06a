//! Records in records: without doc comments, as enums, in collections, containing themselves.

use std::collections::HashMap;

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = author.name)]
struct Task {
    author: User,
    reviewers: Option<Vec<User>>,
    status: Status,
    target: Target,
    subtasks: Vec<Node>,
    labels: HashMap<String, Label>,
    pair: (u64, String),
    extra: serde_json::Value,
}

#[record]
struct User {
    name: String,
}

#[record]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    Done,
}

#[record]
#[serde(tag = "type")]
enum Target {
    Person { name: String },
    Team { members: Vec<User> },
}

#[record]
struct Node {
    children: Vec<Node>,
    parent: Option<Box<Node>>,
}

#[record]
struct Label(String);

fn main() {}
