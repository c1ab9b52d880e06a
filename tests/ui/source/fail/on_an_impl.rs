//! The attribute stands above an `impl`.
// Underlined: `impl`.

use airbyte_runtime::prelude::*;

struct Tracker;

#[source(base_url = "https://api.example.com", streams = [Task])]
impl Tracker {}

fn main() {}
