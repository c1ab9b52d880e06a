//! A function for `with` does not take the request.
// Underlined: `sign`.

use airbyte_runtime::prelude::*;

fn sign(tracker: &Tracker) -> Result<()> {
    let _ = &tracker.key;
    Ok(())
}

#[source(base_url = "https://api.example.com", auth = with(sign), streams = [Task])]
struct Tracker {
    /// The access key.
    #[config(secret)]
    key: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
