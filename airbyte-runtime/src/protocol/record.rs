//! Frames record bytes as RECORD lines without looking inside them.

use serde::Serialize;
use serde_json::Value;

/// How a RECORD line ends.
const END: &[u8] = b"}}\n";

/// A file that comes along with a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReference {
    /// Where the file is now: an absolute path that the destination can read.
    pub staging_file_url: String,
    /// What it is called, with slashes: where the destination puts it.
    pub source_file_relative_path: String,
    /// How long it is.
    pub file_size_bytes: u64,
}

/// The part of a RECORD line that is the same for every record of a stream, rendered once.
///
/// Writing a record is three copies: the prefix, the record's own bytes, the suffix with the time.
///
/// ```
/// use airbyte_runtime::protocol::RecordEnvelope;
///
/// let envelope = RecordEnvelope::new("users", None);
/// let mut out = Vec::new();
/// envelope.write(br#"{"id":1}"#, &RecordEnvelope::suffix(1_700_000_000_000), &mut out);
/// assert_eq!(
///     out,
///     b"{\"type\":\"RECORD\",\"record\":{\"stream\":\"users\",\"data\":{\"id\":1},\"emitted_at\":1700000000000}}\n"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct RecordEnvelope {
    prefix: Vec<u8>,
}

impl RecordEnvelope {
    /// The envelope of a stream's records.
    ///
    /// The namespace must be the configured catalog's: the platform fails a sync whose record names another stream,
    /// and an empty namespace is not an absent one.
    pub fn new(stream: &str, namespace: Option<&str>) -> Self {
        let mut prefix = String::from(r#"{"type":"RECORD","record":{"#);
        if let Some(namespace) = namespace {
            prefix.push_str(r#""namespace":"#);
            prefix.push_str(&quoted(namespace));
            prefix.push(',');
        }
        prefix.push_str(r#""stream":"#);
        prefix.push_str(&quoted(stream));
        prefix.push_str(r#","data":"#);
        Self { prefix: prefix.into_bytes() }
    }

    /// Appends one whole line to `out`.
    ///
    /// `data` is the record: one non-empty JSON object without a line break, because the platform drops an empty one
    /// silently and a line break would end the message. `emitted_at_suffix` comes from [`suffix`](Self::suffix);
    /// records that are written together share it.
    pub fn write(&self, data: &[u8], emitted_at_suffix: &[u8], out: &mut Vec<u8>) {
        out.reserve(self.prefix.len() + data.len() + emitted_at_suffix.len());
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(data);
        out.extend_from_slice(emitted_at_suffix);
    }

    /// Appends a line that [`write`](Self::write) made, with the file that the record brings along.
    pub fn write_with_file(line: &[u8], file: &FileReference, out: &mut Vec<u8>) {
        let open = line.strip_suffix(END).unwrap_or(line);
        // Text and numbers always serialise.
        let file = serde_json::to_string(file).unwrap_or_else(|_| "null".to_owned());
        out.extend_from_slice(open);
        out.extend_from_slice(b",\"file_reference\":");
        out.extend_from_slice(file.as_bytes());
        out.extend_from_slice(END);
    }

    /// The end of a RECORD line, `emitted_at` in milliseconds since the epoch.
    pub fn suffix(emitted_at_ms: u64) -> Vec<u8> {
        format!(",\"emitted_at\":{emitted_at_ms}}}}}\n").into_bytes()
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_behind_the_record() {
        let (mut line, mut out) = (Vec::new(), Vec::new());
        RecordEnvelope::new("users", None).write(b"{\"id\":1}", &RecordEnvelope::suffix(7), &mut line);
        let file = FileReference {
            staging_file_url: "/staging/files/users/1 \"a\".pdf".to_owned(),
            source_file_relative_path: "users/1 \"a\".pdf".to_owned(),
            file_size_bytes: 5,
        };
        RecordEnvelope::write_with_file(&line, &file, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"type":"RECORD","record":{"stream":"users","data":{"id":1},"emitted_at":7,"file_reference":{"#,
                r#""staging_file_url":"/staging/files/users/1 \"a\".pdf","source_file_relative_path":"users/1 \"a\".pdf","#,
                r#""file_size_bytes":5}}}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_line_is_the_transcripts_line() {
        for (stream, namespace, data, expected) in [
            (
                "users",
                None,
                r#"{"id":1,"updated_at":"2024-01-02T00:00:00Z"}"#,
                r#"{"type":"RECORD","record":{"stream":"users","data":{"id":1,"updated_at":"2024-01-02T00:00:00Z"},"emitted_at":1795244953344}}"#,
            ),
            (
                "users",
                Some("public"),
                r#"{"n":123456789012345678901234567890}"#,
                r#"{"type":"RECORD","record":{"namespace":"public","stream":"users","data":{"n":123456789012345678901234567890},"emitted_at":1795244953344}}"#,
            ),
            (
                "a \"b\"\n\\é",
                Some(""),
                r#"{"a":null}"#,
                r#"{"type":"RECORD","record":{"namespace":"","stream":"a \"b\"\n\\é","data":{"a":null},"emitted_at":1795244953344}}"#,
            ),
        ] {
            let mut out = b"before\n".to_vec();
            let suffix = RecordEnvelope::suffix(1_795_244_953_344);
            RecordEnvelope::new(stream, namespace).write(data.as_bytes(), &suffix, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("before\n{expected}\n"));
            serde_json::from_str::<Value>(expected).unwrap();
        }
    }
}
