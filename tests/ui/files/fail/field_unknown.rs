//! The name of the file is made of a field that the record does not have.
// Underlined: the text in quotes

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download(get("{record.url}"), name = "{record.titel}.pdf"),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

fn main() {}
