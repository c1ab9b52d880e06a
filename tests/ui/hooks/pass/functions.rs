//! Filters, transformations and readers: functions, methods, closures.

use airbyte_runtime::prelude::*;

#[source(streams = [Row, Task, Project, User])]
struct Tracker {
    /// How many rows.
    rows: u64,
}

async fn read_rows(tracker: &Tracker, slice: &Slice, rows: &mut Records<'_, Row>) -> Result<()> {
    let kind = slice.partition("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
    for number in 0..tracker.rows {
        rows.push(Row { number, kind: kind.to_owned() }).await?;
    }
    Ok(())
}

#[stream(
    source = Tracker,
    read = read_rows,
    partition = list(kind = ["a", "b"]),
    cursor = integer(number),
    primary_key = number,
)]
struct Row {
    number: u64,
    kind: String,
}

#[stream(
    source = Tracker,
    base_url = "https://api.example.com",
    path = "/tasks",
    filter = Task::is_open,
    transform = Task::shorten,
)]
struct Task {
    title: String,
    open: bool,
}

impl Task {
    fn is_open(&self) -> bool {
        self.open
    }

    fn shorten(&mut self) {
        self.title.truncate(80);
    }
}

fn is_open(project: &Project) -> bool {
    project.open
}

mod changes {
    pub fn clear(project: &mut super::Project) {
        project.name.clear();
    }
}

#[stream(
    source = Tracker,
    base_url = "https://api.example.com",
    path = "/projects",
    filter = is_open,
    transform = changes::clear,
)]
struct Project {
    name: String,
    open: bool,
}

#[stream(
    source = Tracker,
    base_url = "https://api.example.com",
    path = "/users",
    filter = |user: &User| !user.name.is_empty(),
    transform = |user: &mut User| user.name.make_ascii_lowercase(),
)]
struct User {
    name: String,
}

fn main() {}
