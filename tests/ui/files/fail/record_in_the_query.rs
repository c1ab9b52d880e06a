//! A field of the record stands in the stream's own request.
// Underlined: the text in quotes

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    path   = "/attachments",
    query  = { after = "{record.id}" },
    files  = download(get("{record.url}")),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

fn main() {}
