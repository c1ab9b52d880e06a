//! A public stream of a private source.
// Underlined: `Tracker` behind `source =`.

mod api {
    use airbyte_runtime::prelude::*;

    #[source(base_url = "https://api.example.com", streams = [Task])]
    struct Tracker;

    #[stream(source = Tracker, path = "/tasks")]
    pub struct Task {
        id: u64,
    }
}

fn main() {}
