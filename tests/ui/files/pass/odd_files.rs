//! Fields with other names in JSON, nested ones, a constant as a path, every kind of request, and braces that stay.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = bearer(config.token), streams = [Attachment, Rendered, Raw])]
struct Desk {
    /// Opens the desk.
    token: Secret,
    /// Where the files are.
    files: String,
}

const PATH: &str = "/v2/{record.type}/{record.id}";

#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download(
        get("{record.content.links.raw}", headers = { Accept = "application/pdf" }, query = { v = "{record.id}" }),
        name     = "{{{record.file_name}}}",
        max_size = 5_000_000_000,
    ),
)]
struct Attachment {
    id: u64,
    #[serde(rename = "fileName")]
    file_name: Option<String>,
    content: Json,
}

#[stream(
    source    = Desk,
    path      = "/{partition.kind}/pages",
    partition = list(kind = ["a", "b"]),
    files     = download(
        post("/render", body = { page = "{record.id}", kind = "{partition.kind}", ids = joined(["{record.id}", 1]) }),
        base_url = "https://{config.files}.example.com",
    ),
)]
struct Rendered {
    id: u64,
}

#[stream(source = Desk, path = "/raw", files = download(get(PATH)))]
struct Raw {
    id: u64,
    r#type: String,
}

fn main() {
    use airbyte_runtime::define::Stream;
    assert!(format!("{:?}", <Attachment as Stream>::definition()).contains("attachment"));
}
