//! A page is divided by 1.
// Underlined: `divide_by(1)`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    paginator = offset_increment(page_size = 100, page_size_param = "limit"),
    page_size_reduction = divide_by(1),
)]
struct Task {
    id: u64,
}

fn main() {}
