//! A record would decide which host sees the credentials.
// Underlined: base_url and its value

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download(get("/files/{record.id}"), base_url = "https://{record.host}"),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

fn main() {}
