#[stream(
    source = Desk,
    path   = "/attachments",
    files  = download(
        get("{record.content_url}", query = { v = "{record.id}" }),
        name     = "{record.folder}/{record.id}.pdf",
        max_size = 500_000_000,
    ),
)]
struct Attachment { id: u64, folder: String, content_url: String }
