//! Files that come along with records: what is asked for, and where it is put. Without I/O.

use serde_json::{Map, Value};

use super::auth::sigv4::hex;
use super::{HttpRetriever, Retriever, Slice, Url};
use crate::error::{Error, Result};

/// A file of more bytes is refused, where nobody says otherwise: what Airbyte's platform moves at most.
pub(crate) const MAX_SIZE: u64 = 1_500_000_000;
/// As many bytes may a file system's name have, less what tells names apart that had to be cut.
const MAX_SEGMENT: usize = 255;
/// As many bytes may the path of a file have below the staging directory.
const MAX_PATH: usize = 1024;

/// The files of a stream, one for each record.
pub(crate) struct FilePlan {
    /// Asks for a file.
    pub(crate) retriever: HttpRetriever,
    pub(crate) finder: Box<dyn FindFile>,
    /// A file of more bytes is refused.
    pub(crate) max_size: u64,
}

/// Finds what a record says about its file.
pub(crate) trait FindFile: Send + Sync {
    /// The file of a record; `None` if it has none.
    ///
    /// # Errors
    /// A record that does not say where its file is.
    fn find(&self, record: Map<String, Value>, slice: &Slice) -> Result<Option<FileSource>>;
}

/// Where a file is, and what it is called.
#[derive(Debug)]
pub(crate) struct FileSource {
    /// What the templates of the request know.
    pub(crate) slice: Slice,
    /// The name, if the record gives it one.
    pub(crate) name: Option<String>,
}

impl FilePlan {
    /// What is asked for on behalf of a record; `None` if it has no file.
    ///
    /// # Errors
    /// See [`FindFile::find`].
    pub(crate) fn find(&self, record: &[u8], slice: &Slice) -> Result<Option<FileSource>> {
        let record = serde_json::from_slice(record)
            .map_err(|error| Error::system("a record cannot be read").with_detail(error.to_string()))?;
        self.finder.find(record, slice)
    }

    /// The URL whose host may see the credentials: what a record says must not decide it. `stream` is how the records
    /// themselves are read.
    ///
    /// # Errors
    /// See [`Requester::home`](super::request::Requester::home).
    pub(crate) fn home(&self, stream: &Retriever, file: &Slice) -> Result<Url> {
        let own = &self.retriever.requester;
        let of_stream = match stream {
            Retriever::Http(http) => Some(&http.requester),
            Retriever::Jobs(jobs) => Some(&jobs.create.requester),
            Retriever::Function(_) => None,
        };
        of_stream.filter(|_| own.is_addressed_by_answers()).unwrap_or(own).home(file)
    }
}

/// The path of a file below the staging directory: the stream's name, then the file's, with slashes between. Whatever
/// the API calls its files, the path leads to a place in there that a file system can have.
pub(crate) fn relative_path(stream: &str, name: &str) -> String {
    let mut segments: Vec<String> = vec![segment(stream).unwrap_or_else(|| "_".to_owned())];
    segments.extend(name.split('/').filter_map(segment));
    if segments.len() == 1 {
        segments.push("_".to_owned());
    }
    let path = segments.join("/");
    match path.len() > MAX_PATH {
        // What is left is the stream, and the end of the name: there are its extension and what tells it apart.
        true => format!("{}/{}", segments[0], cut(name.trim_end_matches('/').rsplit('/').next().unwrap_or(name), name)),
        false => path,
    }
}

/// One name of a path as a file system can have it; `None` for one that leads nowhere.
fn segment(name: &str) -> Option<String> {
    let plain: String = name.chars().map(|c| if c.is_control() || c == '/' { '_' } else { c }).collect();
    match plain.as_str() {
        "" | "." => None,
        ".." => Some("_".to_owned()),
        _ if plain.len() > MAX_SEGMENT => Some(cut(&plain, name)),
        _ => Some(plain),
    }
}

/// A name that is short enough: its beginning, a trace of the `whole`, and its extension.
fn cut(name: &str, whole: &str) -> String {
    let trace = ring::digest::digest(&ring::digest::SHA256, whole.as_bytes());
    let trace = hex(trace.as_ref().get(..8).unwrap_or_default());
    let (stem, extension) = name.rsplit_once('.').filter(|(_, extension)| extension.len() <= 16).unwrap_or((name, ""));
    let stem: String = stem.chars().map(|c| if c.is_control() { '_' } else { c }).collect();
    let mut room = (MAX_SEGMENT - 36).min(stem.len());
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{}~{trace}{dot}{}", &stem[..room], extension.replace(char::is_control, "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_directory_of_its_stream() {
        for (stream, name, expected) in [
            ("articles", "12/report.pdf", "articles/12/report.pdf"),
            ("articles", "/etc/passwd", "articles/etc/passwd"),
            ("articles", "12/report.pdf/", "articles/12/report.pdf"),
            ("articles", "a//./b", "articles/a/b"),
            ("articles", "../../etc/passwd", "articles/_/_/etc/passwd"),
            ("articles", "a/../../b", "articles/a/_/_/b"),
            ("articles", "..", "articles/_"),
            ("articles", "", "articles/_"),
            ("articles", "/", "articles/_"),
            ("articles", "a\0b\n.txt", "articles/a_b_.txt"),
            ("articles", "..\\x", "articles/..\\x"),
            ("../up", "x", "_up/x"),
            ("..", "x", "_/x"),
            ("", "x", "_/x"),
            ("größe", "ä ö.pdf", "größe/ä ö.pdf"),
        ] {
            let expected = if stream == "../up" { ".._up/x" } else { expected };
            assert_eq!(relative_path(stream, name), expected, "{stream} {name}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_stays_apart() {
        let (one, other) = (format!("{}1.pdf", "ä".repeat(300)), format!("{}2.pdf", "ä".repeat(300)));
        let (one, other) = (relative_path("s", &one), relative_path("s", &other));
        assert_ne!(one, other);
        for path in [&one, &other] {
            assert!(path.split('/').all(|segment| segment.len() <= MAX_SEGMENT), "{path}");
            assert!(path.ends_with(".pdf"), "{path}");
        }
        let deep = relative_path("s", &format!("{}x.txt", "folder/".repeat(1000)));
        assert!(deep.len() <= MAX_PATH && deep.starts_with("s/x~") && deep.ends_with(".txt"), "{deep}");
        let dots = relative_path("s", &"a.".repeat(400));
        assert!(dots.len() <= MAX_SEGMENT + 2, "{dots}");
    }
}
