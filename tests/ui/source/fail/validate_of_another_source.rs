//! The condition is one on another struct.
// Underlined: `is_sound`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", validate = is_sound, streams = [Task])]
struct Tracker {
    /// The access token.
    token: String,
    /// Where the tracker is.
    region: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn is_sound(task: &Task) -> Result<()> {
    if task.id > 0 { Ok(()) } else { Err(Error::config("there is no task")) }
}

fn main() {}
