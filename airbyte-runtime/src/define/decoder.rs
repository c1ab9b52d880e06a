//! `decoder = …`: what the body of an answer is, where it is not one JSON document.
//!
//! | form | the body is |
//! |---|---|
//! | [`json()`](json) | JSON, the default; inside of another decoder any number of documents |
//! | [`json_lines()`](json_lines) | a JSON document on each line |
//! | [`csv(…)`](csv()) | rows below a header; feature `csv` |
//! | [`xml()`](xml) | XML; feature `xml` |
//! | [`text_lines()`](text_lines) | lines of text, each the field `record` of a record |
//! | [`gzip(…)`](gzip), [`zlib(…)`](zlib) | one of these, compressed |
//! | [`zstd(…)`](zstd()), [`bzip2(…)`](bzip2()) | the same; features `zstd`, `bzip2` |
//! | [`zip(…)`](zip()) | an archive, each member of which is one of these; feature `zip` |
//!
//! They nest: `decoder = zip(gzip(csv(delimiter = ';')))`.
//! A type of your own that implements [`StreamDecoder`] stands here as well, also inside of another decoder.

use std::sync::Arc;

use crate::plan::StreamDecoder;
use crate::plan::decoder::Decoder;
use crate::rules::text::same;

/// What an attribute says of a decoder; implemented by the built-in ones and by every [`StreamDecoder`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a decoder",
    label = "not a decoder",
    note = "built-in: `json`, `json_lines`, `csv`, `xml`, `text_lines`, `gzip`, `zlib`, `zstd`, `bzip2`, `zip`",
    note = "a type of your own implements `airbyte_runtime::plan::StreamDecoder`"
)]
pub trait DecoderDef: Sync {
    /// The component that the engine runs.
    fn plan(&'static self) -> DecoderPlan;
}

/// A decoder as the engine runs it.
#[derive(Debug)]
pub struct DecoderPlan(pub(crate) Decoder);

#[diagnostic::do_not_recommend]
impl<D: StreamDecoder> DecoderDef for D {
    fn plan(&'static self) -> DecoderPlan {
        DecoderPlan(Decoder::Own(Arc::new(self)))
    }
}

#[diagnostic::do_not_recommend]
impl DecoderDef for super::Component<dyn DecoderDef> {
    fn plan(&'static self) -> DecoderPlan {
        self.0.plan()
    }
}

#[track_caller]
const fn require_feature(is_there: bool, message: &'static str) {
    assert!(is_there, "{}", message);
}

/// A format without settings.
#[derive(Clone, Copy, Debug)]
pub struct Format(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Json,
    JsonLines,
    TextLines,
    Xml,
}

/// JSON, as most APIs send it: `records` is the path to the list in it. This is the default.
///
/// Inside of another decoder, as in `zip(json())`, there may be any number of documents, one after the other.
#[must_use]
pub const fn json() -> Format {
    Format(Kind::Json)
}

/// A JSON document on each line, which is also called JSONL or NDJSON. `records` is a path in each of them.
///
/// A line that is not JSON ends the stream with an error.
#[must_use]
pub const fn json_lines() -> Format {
    Format(Kind::JsonLines)
}

/// Lines of text: each is a record with the one field `record`.
#[must_use]
pub const fn text_lines() -> Format {
    Format(Kind::TextLines)
}

/// XML: one object whose only key is the root element, so that `records = "Envelope.Body.Items.Item"` finds the items.
///
/// An element is `null` if it is empty, a text if it holds nothing else; else it is an object of its attributes
/// (`@name`), its children (a list where a name is repeated) and its text (`#text`). The document is held in memory.
/// Needs the cargo feature `xml`.
#[must_use]
#[track_caller]
pub const fn xml() -> Format {
    require_feature(
        cfg!(feature = "xml"),
        "decoder `xml` needs a cargo feature\nhelp: run `cargo add airbyte-runtime --features xml`",
    );
    Format(Kind::Xml)
}

impl Format {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl DecoderDef for Format {
    fn plan(&'static self) -> DecoderPlan {
        DecoderPlan(match self.0 {
            Kind::Json => Decoder::Json,
            Kind::JsonLines => Decoder::Jsonl,
            Kind::TextLines => Decoder::Iterable,
            #[cfg(feature = "xml")]
            Kind::Xml => Decoder::Xml,
            // No const of such a decoder compiles.
            #[cfg(not(feature = "xml"))]
            Kind::Xml => Decoder::Json,
        })
    }
}

/// See [`csv()`].
#[derive(Clone, Copy, Debug)]
pub struct Csv {
    encoding: &'static str,
    delimiter: char,
    quote: char,
    column_names: &'static [&'static str],
    set_values_to_none: &'static [&'static str],
    skip_rows: u32,
}

/// Rows of comma-separated values below a header: each is a record of the names in the header.
///
/// A value is what the stream's field of that name is: a number for `u64` or `f64`, a boolean for `bool` (written as
/// `true`, `false`, `1` or `0`), JSON for a list or an object, else a text. An empty value is an empty text in a field
/// of texts, and `null` in any other. A text that is no number stays a text where a number belongs: nothing is lost without a word.
/// Needs the cargo feature `csv`.
#[must_use]
#[track_caller]
pub const fn csv() -> Csv {
    require_feature(
        cfg!(feature = "csv"),
        "decoder `csv` needs a cargo feature\nhelp: run `cargo add airbyte-runtime --features csv`",
    );
    Csv { encoding: "utf-8", delimiter: ',', quote: '"', column_names: &[], set_values_to_none: &[], skip_rows: 0 }
}

impl Csv {
    /// What stands between two values, an ASCII character: `delimiter = ';'`, `delimiter = '\t'`.
    #[must_use]
    #[track_caller]
    pub const fn delimiter(mut self, delimiter: char) -> Self {
        assert!(
            delimiter.is_ascii() && delimiter != '\n' && delimiter != '\r',
            "this cannot stand between two values\nhelp: write one ASCII character, e.g. `delimiter = ';'` or `delimiter = '\\t'`"
        );
        self.delimiter = delimiter;
        self
    }

    /// What stands around a value that holds a delimiter or a line break, an ASCII character; `"` unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn quote(mut self, quote: char) -> Self {
        assert!(
            quote.is_ascii() && quote != '\n' && quote != '\r',
            "this cannot stand around a value\nhelp: write one ASCII character, e.g. `quote = '\\''`"
        );
        self.quote = quote;
        self
    }

    /// The encoding of the text by its usual name, such as `"latin-1"`, `"cp1252"` or `"utf-16"`; UTF-8 unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn encoding(mut self, encoding: &'static str) -> Self {
        let mut at = 0;
        while at < ENCODINGS.len() && !same(ENCODINGS[at], encoding) {
            at += 1;
        }
        assert!(
            at < ENCODINGS.len(),
            "this encoding is not known\nhelp: write a usual name in lower case, e.g. \"utf-8\", \"utf-8-sig\", \"latin-1\", \"cp1252\", \"utf-16\" or \"shift_jis\""
        );
        self.encoding = encoding;
        self
    }

    /// The names of the columns, for answers whose first row is a record: `column_names = ["id", "name"]`.
    #[must_use]
    #[track_caller]
    pub const fn column_names(mut self, names: &'static [&'static str]) -> Self {
        assert!(
            !names.is_empty(),
            "`column_names` is empty\nhelp: name every column, or leave it out if the first row does"
        );
        self.column_names = names;
        self
    }

    /// The values that mean `null`: `set_values_to_none = ["", "NA"]`.
    #[must_use]
    pub const fn set_values_to_none(mut self, values: &'static [&'static str]) -> Self {
        self.set_values_to_none = values;
        self
    }

    /// How many rows come before the header, or before the first record with `column_names`.
    #[must_use]
    pub const fn skip_rows(mut self, rows: u32) -> Self {
        self.skip_rows = rows;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.delimiter != self.quote,
            "the same character stands between values and around them\nhelp: write another `delimiter` or another `quote`"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl DecoderDef for Csv {
    #[cfg(feature = "csv")]
    fn plan(&'static self) -> DecoderPlan {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        DecoderPlan(Decoder::Csv(crate::plan::decoder::CsvOptions {
            encoding: self.encoding.to_owned(),
            // A backslash would begin an escape.
            delimiter: if self.delimiter == '\\' { "\\\\".to_owned() } else { self.delimiter.to_string() },
            quote: u8::try_from(self.quote).unwrap_or(b'"'),
            set_values_to_none: owned(self.set_values_to_none),
            skip_rows: self.skip_rows.into(),
            column_names: owned(self.column_names),
            ..Default::default()
        }))
    }

    // No const of such a decoder compiles.
    #[cfg(not(feature = "csv"))]
    fn plan(&'static self) -> DecoderPlan {
        DecoderPlan(Decoder::Json)
    }
}

/// The encodings by the names that people use for them; Python knows them all.
const ENCODINGS: &[&str] = &[
    "utf-8",
    "utf-8-sig",
    "ascii",
    "latin-1",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "cp866",
    "cp932",
    "cp936",
    "cp949",
    "cp950",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp1258",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "koi8-r",
    "koi8-u",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "gbk",
    "gb18030",
    "big5",
];

/// A decoder around another one.
#[derive(Clone, Copy, Debug)]
pub struct Wrapped<D>(Wrapping, D);

#[derive(Clone, Copy, Debug)]
enum Wrapping {
    Gzip,
    Zlib,
    Zstd,
    Bzip2,
    Zip,
}

/// What is inside of gzip: `gzip(json_lines())`. Data that is not gzip is read as it stands.
///
/// This is about files that are compressed; what the transport compresses (`Content-Encoding`) is unpacked in any case.
#[must_use]
pub const fn gzip<D: DecoderDef>(inner: D) -> Wrapped<D> {
    Wrapped(Wrapping::Gzip, inner)
}

/// What is inside of zlib, which HTTP calls `deflate`. Data that is not zlib is read as it stands.
#[must_use]
pub const fn zlib<D: DecoderDef>(inner: D) -> Wrapped<D> {
    Wrapped(Wrapping::Zlib, inner)
}

/// What is inside of Zstandard. Data that is not is read as it stands. Needs the cargo feature `zstd`.
#[must_use]
#[track_caller]
pub const fn zstd<D: DecoderDef>(inner: D) -> Wrapped<D> {
    require_feature(
        cfg!(feature = "zstd"),
        "decoder `zstd` needs a cargo feature\nhelp: run `cargo add airbyte-runtime --features zstd`",
    );
    Wrapped(Wrapping::Zstd, inner)
}

/// What is inside of bzip2. Data that is not is read as it stands. Needs the cargo feature `bzip2`.
#[must_use]
#[track_caller]
pub const fn bzip2<D: DecoderDef>(inner: D) -> Wrapped<D> {
    require_feature(
        cfg!(feature = "bzip2"),
        "decoder `bzip2` needs a cargo feature\nhelp: run `cargo add airbyte-runtime --features bzip2`",
    );
    Wrapped(Wrapping::Bzip2, inner)
}

/// Every member of a zip archive, in order. An archive of more than 4 MB lies in a temporary file while it is read.
/// Needs the cargo feature `zip`.
#[must_use]
#[track_caller]
pub const fn zip<D: DecoderDef>(inner: D) -> Wrapped<D> {
    require_feature(
        cfg!(feature = "zip"),
        "decoder `zip` needs a cargo feature\nhelp: run `cargo add airbyte-runtime --features zip`",
    );
    Wrapped(Wrapping::Zip, inner)
}

impl<D> Wrapped<D> {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<D: DecoderDef> DecoderDef for Wrapped<D> {
    fn plan(&'static self) -> DecoderPlan {
        let inner = Box::new(self.1.plan().0);
        DecoderPlan(match self.0 {
            Wrapping::Gzip => Decoder::Gzip(inner),
            Wrapping::Zlib => Decoder::Zlib(inner),
            #[cfg(feature = "zstd")]
            Wrapping::Zstd => Decoder::Zstd(inner),
            #[cfg(feature = "bzip2")]
            Wrapping::Bzip2 => Decoder::Bzip2(inner),
            #[cfg(feature = "zip")]
            Wrapping::Zip => Decoder::Zip(inner),
            // No const of such a decoder compiles.
            #[allow(unreachable_patterns)]
            Wrapping::Zstd | Wrapping::Bzip2 | Wrapping::Zip => *inner,
        })
    }
}

#[cfg(all(test, feature = "csv"))]
mod tests {
    #[test]
    fn every_encoding_is_known() {
        for name in super::ENCODINGS {
            assert!(crate::plan::decoder::knows_encoding(name), "{name}");
        }
    }
}
