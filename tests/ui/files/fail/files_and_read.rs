//! A stream that reads by itself asks for files.
// Underlined: files

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Attachment])]
struct Desk;

#[stream(
    source = Desk,
    read   = read_all,
    files  = download(get("{record.url}")),
)]
struct Attachment {
    id: u64,
    title: String,
    url: String,
    host: String,
}

async fn read_all(_: &Desk, _: &Slice, _: &mut Records<'_, Attachment>) -> Result<()> {
    Ok(())
}

fn main() {}
