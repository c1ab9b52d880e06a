//! The name of an argument is misspelt.
// Underlined: the argument's name

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download(get("{record.url}"), names = "{record.id}.pdf"),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

fn main() {}
