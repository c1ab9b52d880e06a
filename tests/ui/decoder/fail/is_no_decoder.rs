//! A type that decodes nothing stands where a decoder is wanted.
// Underlined: the type

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export])]
struct Shop {}

#[stream(source = Shop, path = "/export", decoder = gzip(Export))]
struct Export {
    id: u64,
}

fn main() {}
