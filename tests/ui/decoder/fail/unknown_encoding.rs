//! No encoding has this name.
// Underlined: encoding and its value

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export])]
struct Shop {}

#[stream(source = Shop, path = "/export", decoder = csv(encoding = "utf8mb4"))]
struct Export {
    id: u64,
}

fn main() {}
