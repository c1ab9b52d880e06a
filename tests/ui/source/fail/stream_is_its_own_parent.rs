//! A stream is its own parent.
// Underlined: `streams`, or the stream in it.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Folder])]
struct Drive;

#[stream(source = Drive, path = "/folders/{parent.id}/folders", parent = Folder)]
struct Folder {
    id: u64,
}

fn main() {}
