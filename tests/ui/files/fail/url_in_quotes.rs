//! The address stands where a request is wanted.
// Underlined: the text in quotes

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download("{record.url}"),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

fn main() {}
