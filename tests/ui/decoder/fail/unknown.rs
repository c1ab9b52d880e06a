//! The name of the decoder is misspelt.
// Underlined: the decoder's name

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export])]
struct Shop {}

#[stream(source = Shop, path = "/export", decoder = jsonl())]
struct Export {
    id: u64,
}

fn main() {}
