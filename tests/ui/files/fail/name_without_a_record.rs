//! All files would have one name.
// Underlined: name and its value

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download(get("{record.url}"), name = "attachment.pdf"),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

fn main() {}
