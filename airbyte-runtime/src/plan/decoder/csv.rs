//! Rows of comma-separated values, as Python's `csv.DictReader` reads them.

use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;

use super::charset::Charset;
use super::columns::Columns;
use super::html;
use super::limit::{MAX_RATIO, UNSUSPICIOUS, max_held, too_long};
use super::transcoder::Transcoder;
use crate::error::{Error, Result};

/// So many bytes at the start of a body tell whether it is a page of HTML.
const START: u64 = 256;
/// The most columns of a header: the value of each stands in every record, if only as null.
const MAX_COLUMNS: usize = 100_000;
/// The longest header, in bytes.
const MAX_HEADER: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How the rows are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CsvOptions {
    /// Python's name of the encoding.
    pub(crate) encoding: String,
    /// One ASCII character, or one of Python's escapes for it, as in `\t`.
    pub(crate) delimiter: String,
    /// What stands around a value that holds a delimiter.
    pub(crate) quote: u8,
    /// The values that mean null.
    pub(crate) set_values_to_none: Vec<String>,
    /// How many rows come before the header.
    pub(crate) skip_rows: u64,
    /// The header, if the answer has none.
    pub(crate) column_names: Vec<String>,
    /// The types of the columns, where the rows become JSON text.
    pub(crate) columns: Columns,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            encoding: "utf-8".to_owned(),
            delimiter: ",".to_owned(),
            quote: b'"',
            set_values_to_none: Vec::new(),
            skip_rows: 0,
            column_names: Vec::new(),
            columns: Columns::default(),
        }
    }
}

impl CsvOptions {
    /// Whether the value means null.
    pub(super) fn is_none(&self, value: &str) -> bool {
        self.set_values_to_none.iter().any(|none| none == value)
    }
}

/// What takes the rows: the header, which is the same for all of them, and the values.
pub(super) type Rows<'r> = dyn FnMut(&csv::StringRecord, &csv::StringRecord) -> Result<ControlFlow<()>> + 'r;

/// Hands over every row with the header.
///
/// # Errors
/// Options that are not known, text of another encoding, a page of HTML, and what the source says.
pub(super) fn rows(source: &mut dyn Read, options: &CsvOptions, each: &mut Rows<'_>) -> Result<ControlFlow<()>> {
    let delimiter = delimiter(&options.delimiter)?;
    let source = unless_html(source)?;
    let mut text = Transcoder::new(source, Charset::named(&options.encoding)?);
    let start = text.fill_buf().map_err(Error::of_body)?;
    // To Python a byte order mark is text, and a blank first line is a header without names.
    let has_mark = start.starts_with(BYTE_ORDER_MARK);
    let is_headless = matches!(start.first(), Some(b'\n' | b'\r')) && options.skip_rows == 0;

    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quote(options.quote)
        .from_reader(PlainNewlines { text, repeats_mark: has_mark, after_return: false, unclaimed: 0 });
    let mut header = csv::StringRecord::from(options.column_names.as_slice());
    let mut row = csv::StringRecord::new();
    for _ in 0..options.skip_rows {
        if !next(&mut reader, &mut row)? {
            return Ok(ControlFlow::Continue(()));
        }
    }
    if options.column_names.is_empty() && !is_headless && !next(&mut reader, &mut header)? {
        return Ok(ControlFlow::Continue(()));
    }
    let mut widening = Widening::of(&header)?;
    while next(&mut reader, &mut row)? {
        widening.take(&row)?;
        if each(&header, &row)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The same text, unless it is a page of HTML: its lines would be rows.
///
/// # Errors
/// A page of HTML; and what the source says.
pub(crate) fn unless_html(source: &mut dyn Read) -> Result<impl Read> {
    let mut start = Vec::new();
    source.take(START).read_to_end(&mut start).map_err(Error::of_body)?;
    match html::is_page(&start) {
        true => Err(html::instead_of("CSV")),
        false => Ok(io::Cursor::new(start).chain(source)),
    }
}

/// What becomes of rows when each repeats its header: rows that are much shorter than that would become records without
/// end.
pub(crate) struct Widening {
    /// Bytes that the header adds to every row.
    each: u64,
    rows: u64,
    records: u64,
}

impl Widening {
    /// Of the rows below a header.
    ///
    /// # Errors
    /// A header that is too long.
    pub(crate) fn of(header: &csv::StringRecord) -> Result<Self> {
        let (columns, bytes) = (header.len(), header.as_slice().len());
        if columns > MAX_COLUMNS || bytes > MAX_HEADER {
            return Err(Error::system(format!(
                "the header of the rows in the answer has {columns} columns in {bytes} bytes, where this connector takes \
                 {MAX_COLUMNS} in {} MB; ask for fewer columns, or look whether the delimiter is right",
                MAX_HEADER >> 20
            )));
        }
        // Around each name are quotes, a colon and a comma; an empty value is a null.
        Ok(Self { each: (bytes + 8 * columns) as u64, rows: bytes as u64, records: 0 })
    }

    /// Counts a row.
    ///
    /// # Errors
    /// Records that together are too many times longer than their rows.
    pub(crate) fn take(&mut self, row: &csv::StringRecord) -> Result<()> {
        self.rows += (row.as_slice().len() + row.len()) as u64;
        self.records += self.each + row.as_slice().len() as u64;
        if self.records > UNSUSPICIOUS && self.records / MAX_RATIO > self.rows {
            return Err(Error::system(format!(
                "the rows of the answer become records of more than {MAX_RATIO} times their length, since each repeats \
                 the whole header; ask for fewer columns, or look at what the API sends"
            )));
        }
        Ok(())
    }
}

fn next<R: BufRead>(reader: &mut csv::Reader<PlainNewlines<R>>, row: &mut csv::StringRecord) -> Result<bool> {
    let read = reader.read_record(row).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::of_body(error),
        kind => Error::system("the rows of the answer cannot be read").with_detail(format!("{kind:?}")),
    });
    reader.get_mut().unclaimed = 0;
    read
}

/// The byte between two values.
fn delimiter(written: &str) -> Result<u8> {
    let unescaped = match written.strip_prefix('\\') {
        Some(escape) => unescape(escape),
        None => Some(written.to_owned()),
    };
    match unescaped.as_deref().map(str::as_bytes) {
        Some([]) => Ok(b','),
        Some(&[byte]) if byte.is_ascii() => Ok(byte),
        _ => Err(Error::system(format!(
            "the delimiter {written:?} of a CsvDecoder must be one ASCII character, as in `;` or `\\t`"
        ))),
    }
}

/// What one of Python's escapes stands for, without its backslash.
fn unescape(escape: &str) -> Option<String> {
    let simple = match escape {
        "t" => '\t',
        "n" => '\n',
        "r" => '\r',
        "a" => '\u{7}',
        "b" => '\u{8}',
        "f" => '\u{c}',
        "v" => '\u{b}',
        "\\" => '\\',
        "'" => '\'',
        "\"" => '"',
        _ => {
            let (digits, radix) = match escape.split_at_checked(1)? {
                ("x", digits) if digits.len() == 2 => (digits, 16),
                ("u", digits) if digits.len() == 4 => (digits, 16),
                ("U", digits) if digits.len() == 8 => (digits, 16),
                _ if escape.len() <= 3 => (escape, 8),
                _ => return None,
            };
            char::from_u32(u32::from_str_radix(digits, radix).ok()?)?
        }
    };
    Some(simple.to_string())
}

/// Reads every `\r\n` and `\r` as `\n`, also inside of quotes.
struct PlainNewlines<R> {
    text: R,
    /// Whether a second byte order mark goes first, for a reader that drops one.
    repeats_mark: bool,
    after_return: bool,
    /// How many bytes were read since the last row.
    unclaimed: u64,
}

impl<R: BufRead> Read for PlainNewlines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.repeats_mark)
            && let Some((mark, rest)) = buffer.split_at_mut_checked(BYTE_ORDER_MARK.len())
        {
            mark.copy_from_slice(BYTE_ORDER_MARK);
            return Ok(mark.len() + self.read(rest)?);
        }
        let mut written = 0;
        while written == 0 && !buffer.is_empty() {
            let text = self.text.fill_buf()?;
            if text.is_empty() {
                return Ok(0);
            }
            let mut taken = 0;
            for (&byte, place) in text.iter().zip(buffer.iter_mut()) {
                // The second half of `\r\n` ends the copy, because places and bytes go out of step there.
                if byte == b'\n' && self.after_return {
                    break;
                }
                self.after_return = byte == b'\r';
                *place = if self.after_return { b'\n' } else { byte };
                taken += 1;
            }
            written = taken;
            if self.after_return && text.get(taken) == Some(&b'\n') {
                self.after_return = false;
                taken += 1;
            }
            self.text.consume(taken);
        }
        self.unclaimed += written as u64;
        let longest = max_held();
        if self.unclaimed > longest {
            return Err(io::Error::other(too_long("row", longest)));
        }
        Ok(written)
    }
}
