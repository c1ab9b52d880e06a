//! The decoder stands in quotes.
// Underlined: the text

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export])]
struct Shop {}

#[stream(source = Shop, path = "/export", decoder = "csv")]
struct Export {
    id: u64,
}

fn main() {}
