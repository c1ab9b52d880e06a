//! The archive does not say what is in it.
// Underlined: the decoder

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export])]
struct Shop {}

#[stream(source = Shop, path = "/export", decoder = gzip())]
struct Export {
    id: u64,
}

fn main() {}
