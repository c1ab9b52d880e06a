//! `files = download(…)`: a file comes along with each record.
//!
//! The file is fetched into the directory that the platform shares with the destination, and the record names it.
//!
//! | argument | what it says |
//! |---|---|
//! | `get("{record.content_url}")` | the request for a record's file, without a name |
//! | `name = "{record.folder}/{record.title}.pdf"` | what the file is called, with slashes for folders; a UUID if it is not set |
//! | `base_url = "https://files.example.com"` | where paths of the request begin, in place of the stream's base URL |
//! | `max_size = 500_000_000` | the most bytes that a file may have; 1.5 GB if it is not set |
//!
//! A request is [`get`], [`post`] or [`put`] with a path and, as arguments, `query`, `headers`, `body` and `form`.
//! `{record.name}` stands for a field of the record; a path that is nothing but that is an address: a URL, or what is
//! below the base URL.

use super::job::Request;
pub use super::job::{get, post, put};

/// What an attribute says of the files of records.
#[derive(Clone, Copy, Debug)]
pub struct Download {
    pub(crate) request: Request,
    pub(crate) name: Option<&'static str>,
    pub(crate) base_url: Option<&'static str>,
    pub(crate) max_size: u64,
}

/// The file of each record is what the request is answered with.
#[must_use]
pub const fn download(request: Request) -> Download {
    Download { request, name: None, base_url: None, max_size: crate::plan::files::MAX_SIZE }
}

impl Download {
    /// Where paths of the request begin.
    #[must_use]
    #[track_caller]
    pub const fn base_url(mut self, url: &'static str) -> Self {
        assert!(
            !mentions_record(url),
            "a record would decide which host sees the credentials\nhelp: write `get(\"{{record.content_url}}\")` for an address in the record; other hosts than the stream's are then asked without credentials"
        );
        self.base_url = Some(url);
        self
    }

    /// What the file is called, below the stream's name.
    #[must_use]
    #[track_caller]
    pub const fn name(mut self, name: &'static str) -> Self {
        assert!(
            !name.is_empty(),
            "the file's name is empty\nhelp: write one, as in `name = \"{{record.id}}.pdf\"`, or leave `name` out for a random one"
        );
        assert!(
            mentions_record(name),
            "every file of the stream would have this name\nhelp: name a field that tells them apart, as in `name = \"{{record.id}}.pdf\"`"
        );
        self.name = Some(name);
        self
    }

    /// The most bytes that a file may have.
    #[must_use]
    #[track_caller]
    pub const fn max_size(mut self, bytes: u64) -> Self {
        assert!(
            bytes > 0,
            "no file has no bytes at all\nhelp: write the largest size in bytes, as in `max_size = 500_000_000`"
        );
        self.max_size = bytes;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.request.mentions("record"),
            "the request is the same for every record\nhelp: name a field of the record, as in `get(\"{{record.content_url}}\")` or `get(\"/files/{{record.id}}\")`"
        );
        self
    }
}

const fn mentions_record(text: &str) -> bool {
    super::job::text_mentions(text, "record")
}
