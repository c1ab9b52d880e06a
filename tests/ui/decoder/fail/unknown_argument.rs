//! The name of an argument is that of another library.
// Underlined: the argument's name

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export])]
struct Shop {}

#[stream(source = Shop, path = "/export", decoder = gzip(csv(separator = ';')))]
struct Export {
    id: u64,
}

fn main() {}
