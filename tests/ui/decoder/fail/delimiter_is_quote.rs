//! The delimiter of a table is the character that quotes.
// Underlined: the kind, csv

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export])]
struct Shop {}

#[stream(source = Shop, path = "/export", decoder = csv(delimiter = '"'))]
struct Export {
    id: u64,
}

fn main() {}
