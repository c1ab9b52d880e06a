//! The reading function takes another source's configuration.
// Underlined: `read_rows`.

use airbyte_runtime::prelude::*;

#[source(streams = [Row])]
struct Database;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

async fn read_rows(_: &Tracker, _: &Slice, _: &mut Records<'_, Row>) -> Result<()> {
    Ok(())
}

#[stream(source = Database, read = read_rows)]
struct Row {
    id: u64,
}

fn main() {}
