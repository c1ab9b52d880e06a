//! The request does not say which record's file it asks for.
// Underlined: the kind, download

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download(get("/files/latest")),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

fn main() {}
