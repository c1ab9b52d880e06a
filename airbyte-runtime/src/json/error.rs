//! What can be wrong with a body, where, and the text around the place.

use std::fmt;

/// How many bytes of the body an error shows: half of them before the place, half from it on.
const EXCERPT: usize = 40;
/// How many bytes before the place, and from it on, are looked through for secrets that the excerpt would cut.
const SURROUNDINGS: usize = 4096;

/// A body that cannot be read, with the byte offset of the fault and the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScanError {
    kind: ScanErrorKind,
    offset: usize,
    excerpt: String,
    surroundings: String,
}

/// The kinds of [`ScanError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanErrorKind {
    /// The body holds nothing but whitespace.
    Empty,
    /// The body ends before its value does.
    Truncated,
    /// A byte that cannot stand where it stands.
    UnexpectedByte,
    /// A backslash followed by something that is no escape.
    BadEscape,
    /// A control character inside a string that is not written as an escape.
    ControlCharacter,
    /// A number outside the JSON grammar, such as `01` or `1.`.
    BadNumber,
    /// More than [`MAX_DEPTH`](super::lexer::MAX_DEPTH) open containers.
    TooDeep,
    /// A string that is not UTF-8.
    InvalidUtf8,
    /// Something follows the value of the body.
    TrailingGarbage,
    /// `NaN`, `Infinity` or `-Infinity`, which some servers write although JSON has no such values.
    NonFinite,
    /// A value where a record must stand.
    NotAnObject {
        /// How many records came before it in this body.
        index: usize,
        /// What was found: `"a string"`, `"null"`, …
        found: &'static str,
    },
}

impl ScanError {
    /// An error at the absolute offset `offset`; `text` is the part of the body at hand and begins at `text_offset`.
    #[cold]
    pub(crate) fn new(kind: ScanErrorKind, offset: usize, text: &[u8], text_offset: usize) -> Self {
        let at = offset.saturating_sub(text_offset).min(text.len());
        let around = |bytes: usize| {
            let part = at.saturating_sub(bytes)..at.saturating_add(bytes).min(text.len());
            String::from_utf8_lossy(text.get(part).unwrap_or_default()).into_owned()
        };
        Self { kind, offset, excerpt: around(EXCERPT / 2), surroundings: around(SURROUNDINGS) }
    }

    pub(crate) fn kind(&self) -> ScanErrorKind {
        self.kind
    }

    /// The text around the fault. It may begin or end in the middle of a secret.
    pub(crate) fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// More of the text around the fault, for a search for secrets.
    pub(crate) fn surroundings(&self) -> &str {
        &self.surroundings
    }

    /// The offset of the fault from the start of the body, in bytes.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ScanErrorKind::Empty => return f.write_str("the body is empty where JSON was expected"),
            ScanErrorKind::Truncated => write!(f, "the JSON body ends too early, after {} bytes", self.offset)?,
            ScanErrorKind::UnexpectedByte => {
                write!(f, "unexpected character at byte {} of the JSON body", self.offset)?
            }
            ScanErrorKind::BadEscape => {
                write!(f, "invalid escape in a string at byte {} of the JSON body", self.offset)?
            }
            ScanErrorKind::ControlCharacter => {
                write!(f, "unescaped control character in a string at byte {} of the JSON body", self.offset)?;
            }
            ScanErrorKind::BadNumber => write!(f, "invalid number at byte {} of the JSON body", self.offset)?,
            ScanErrorKind::TooDeep => write!(
                f,
                "more than {} nested containers at byte {} of the JSON body",
                super::lexer::MAX_DEPTH,
                self.offset
            )?,
            ScanErrorKind::InvalidUtf8 => write!(f, "invalid UTF-8 at byte {} of the JSON body", self.offset)?,
            ScanErrorKind::TrailingGarbage => {
                write!(f, "unexpected text after the end of the JSON value, at byte {}", self.offset)?;
            }
            ScanErrorKind::NonFinite => {
                write!(f, "NaN or Infinity at byte {} of the body, which JSON does not allow", self.offset)?;
            }
            ScanErrorKind::NotAnObject { index, found } => {
                write!(f, "record {index} is {found} at byte {}, but records must be objects", self.offset)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ScanError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_around_the_fault_is_not_in_the_message() {
        let text = b"0123456789012345678901234567890\n{\x01oops}\xff456789012345678901234567890";
        let error = ScanError::new(ScanErrorKind::UnexpectedByte, 1033, text, 1000);
        assert_eq!(error.to_string(), "unexpected character at byte 1033 of the JSON body");
        assert_eq!(error.excerpt(), "345678901234567890\n{\u{1}oops}\u{fffd}4567890123456");
        assert_eq!(error.offset(), 1033);
    }

    #[test]
    fn a_place_outside_the_text_at_hand_shows_what_there_is() {
        let error = ScanError::new(ScanErrorKind::Truncated, 5, b"", 5);
        assert_eq!(error.to_string(), "the JSON body ends too early, after 5 bytes");
        assert_eq!(
            ScanError::new(ScanErrorKind::Empty, 0, b"", 0).to_string(),
            "the body is empty where JSON was expected"
        );
    }
}
