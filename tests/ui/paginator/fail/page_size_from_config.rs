//! The page size is the user's, which this paginator cannot take.
// Underlined: `config.page_size`, or its last segment.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// Records in a page.
    #[config(default = 100)]
    page_size: u32,
}

#[stream(source = Tracker, path = "/tasks", paginator = page_increment(page_size = config.page_size))]
struct Task {
    id: u64,
}

fn main() {}
