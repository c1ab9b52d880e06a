//! Pages become smaller, but nothing says how large they are.
// Underlined: `page_size_reduction`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", page_size_reduction = divide_by(2))]
struct Task {
    id: u64,
}

fn main() {}
