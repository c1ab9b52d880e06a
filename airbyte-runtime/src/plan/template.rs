//! Templates in a plan: text with the placeholders that only a slice can fill.
//!
//! Values of the configuration are filled in when the plan is built, so a text without other placeholders is a literal.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::slice::Slice;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::placeholder::{Piece, as_text, pieces};

/// What has to be escaped in a path besides what a URL parser escapes: whatever would end the path or begin an escape.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A text with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    parts: Vec<Part>,
    escape: Escape,
}

/// What is done to values that are filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    Nothing,
    /// They are percent-encoded, and may not climb out of their segment.
    Path,
    /// They are text of an element, or of an attribute in quotes; what has no value is empty.
    Xml,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    /// A value of the configuration that stands alone, with its JSON type.
    Constant(Value),
    Partition(Vec<String>),
    Parent(Vec<String>),
    Job(Vec<String>),
    Record(Vec<String>),
    IntervalStart,
    IntervalEnd,
}

/// What became of a template when the configuration was filled in.
pub(crate) enum Filled {
    /// Every placeholder has, or will have, a value.
    Template(Template),
    /// This optional config field is not set.
    Absent(String),
}

impl Template {
    /// A text without placeholders.
    pub(crate) fn literal(text: String) -> Self {
        Self { parts: vec![Part::Text(text)], escape: Escape::Nothing }
    }

    /// Fills in the configuration.
    ///
    /// # Errors
    /// A placeholder that is malformed or unknown is a system error: the macro refuses those, so the text came from elsewhere.
    pub(crate) fn fill(text: &str, config: &Config, escape: Escape) -> Result<Filled> {
        let mut parts = Vec::new();
        for piece in pieces(text)? {
            match piece {
                Piece::Text(text) => push_text(&mut parts, &text),
                Piece::Placeholder { root: "config", path: name } => match config.lookup(&name) {
                    Some(value) if escape == Escape::Nothing => parts.push(Part::Constant(value.clone())),
                    Some(value) => push_text(&mut parts, &escape.apply(&as_text(value))?),
                    None if escape == Escape::Xml => {}
                    None => return Ok(Filled::Absent(name)),
                },
                Piece::Placeholder { root, path } => parts.push(part(root, &path)?),
            }
        }
        if parts.len() > 1 {
            parts = parts.into_iter().fold(Vec::new(), |mut joined, part| {
                match part {
                    Part::Constant(value) => push_text(&mut joined, &as_text(&value)),
                    Part::Text(text) => push_text(&mut joined, &text),
                    other => joined.push(other),
                }
                joined
            });
        }
        Ok(Filled::Template(Self { parts, escape }))
    }

    /// The same, where every config field must be set.
    ///
    /// # Errors
    /// A config field that is not set is a config error.
    pub(crate) fn fill_required(text: &str, config: &Config, escape: Escape) -> Result<Self> {
        match Self::fill(text, config, escape)? {
            Filled::Template(template) => Ok(template),
            Filled::Absent(name) => {
                Err(Error::config(format!("config field `{name}` is not set, but the source needs it")))
            }
        }
    }

    /// The text for a slice; `None` when one of the values is null or missing.
    ///
    /// # Errors
    /// A value that would climb out of its path segment is a system error.
    pub(crate) fn render(&self, slice: &Slice) -> Result<Option<String>> {
        let mut text = String::new();
        for part in &self.parts {
            match part.value(slice) {
                Some(Resolved::Text(value)) if matches!(part, Part::Text(_)) || self.escape != Escape::Xml => {
                    text.push_str(value);
                }
                Some(Resolved::Text(value)) => text.push_str(&self.escape.apply(value)?),
                Some(Resolved::Json(Value::Null)) | None if self.escape == Escape::Xml => {}
                Some(Resolved::Json(Value::Null)) | None => return Ok(None),
                Some(Resolved::Json(value)) => text.push_str(&self.escape.apply(&as_text(value))?),
            }
        }
        Ok(Some(text))
    }

    /// The text, if no placeholder waits for a slice.
    pub(crate) fn literal_text(&self) -> Option<String> {
        self.parts.iter().try_fold(String::new(), |text, part| match part {
            Part::Text(more) => Some(text + more),
            Part::Constant(value) => Some(text + &as_text(value)),
            _ => None,
        })
    }

    /// Whether it is nothing but a value of the job, or of the record whose file is asked for: in place of a path that
    /// is an address.
    pub(crate) fn is_address(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Job(_) | Part::Record(_)])
    }

    /// Whether `{interval.end}` stands in it.
    pub(crate) fn names_interval_end(&self) -> bool {
        self.parts.contains(&Part::IntervalEnd)
    }

    /// The value for a slice: with its JSON type if the template is a single placeholder, as text otherwise.
    ///
    /// # Errors
    /// See [`Template::render`].
    pub(crate) fn evaluate(&self, slice: &Slice) -> Result<Option<Value>> {
        match self.parts.as_slice() {
            [part] => Ok(part.value(slice).map(|value| match value {
                Resolved::Text(text) => Value::from(text),
                Resolved::Json(value) => value.clone(),
            })),
            _ => Ok(self.render(slice)?.map(Value::from)),
        }
    }
}

enum Resolved<'s> {
    Text(&'s str),
    Json(&'s Value),
}

impl Part {
    fn value<'s>(&'s self, slice: &'s Slice) -> Option<Resolved<'s>> {
        match self {
            Self::Text(text) => Some(Resolved::Text(text)),
            Self::Constant(value) => Some(Resolved::Json(value)),
            Self::Partition(path) => descend(slice.partition(path.first()?)?, path).map(Resolved::Json),
            Self::Parent(path) => descend(slice.parent(path.first()?)?, path).map(Resolved::Json),
            Self::Job(path) => descend(slice.job(path.first()?)?, path).map(Resolved::Json),
            Self::Record(path) => descend(slice.record(path.first()?)?, path).map(Resolved::Json),
            Self::IntervalStart => slice.interval().map(|interval| interval.start.as_str()).and_then(bound),
            Self::IntervalEnd => slice.interval().map(|interval| interval.end.as_str()).and_then(bound),
        }
    }
}

/// A bound of an interval; an open end has no value.
fn bound(text: &str) -> Option<Resolved<'_>> {
    (!text.is_empty()).then_some(Resolved::Text(text))
}

/// Follows all but the first segment of the path.
fn descend<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().skip(1).try_fold(value, |value, key| value.get(key))
}

fn part(root: &str, path: &str) -> Result<Part> {
    let segments = || path.split('.').map(str::to_owned).collect();
    match (root, path) {
        ("partition", _) => Ok(Part::Partition(segments())),
        ("parent", _) => Ok(Part::Parent(segments())),
        ("job", _) => Ok(Part::Job(segments())),
        ("record", _) => Ok(Part::Record(segments())),
        ("interval", "start") => Ok(Part::IntervalStart),
        ("interval", "end") => Ok(Part::IntervalEnd),
        _ => Err(Error::system(format!("unknown placeholder `{{{root}.{path}}}` in a template"))),
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

impl Escape {
    fn apply(self, value: &str) -> Result<Cow<'_, str>> {
        match self {
            Self::Nothing => Ok(Cow::Borrowed(value)),
            Self::Path => encode(value).map(Cow::Owned),
            Self::Xml => escape_xml(value),
        }
    }
}

/// Escapes a value for XML, where blanks other than spaces would be changed on the way.
fn escape_xml(value: &str) -> Result<Cow<'_, str>> {
    let is_special =
        |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'' | '\u{FFFE}' | '\u{FFFF}') || c.is_ascii_control();
    if !value.contains(is_special) {
        return Ok(Cow::Borrowed(value));
    }
    let mut escaped = String::with_capacity(value.len() + 16);
    for c in value.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\u{7F}' => escaped.push(c),
            c if is_special(c) => {
                return Err(Error::config(
                    "a value has a character that XML has no place for; look for control characters",
                ));
            }
            c => escaped.push(c),
        }
    }
    Ok(Cow::Owned(escaped))
}

/// Escapes a value for a path. Slashes stay, since values such as `owner/name` are paths themselves.
fn encode(value: &str) -> Result<String> {
    if value.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(Error::system(format!("the value `{value}` would lead out of the stream's path"))
            .with_detail("`.` and `..` are not allowed in a path placeholder"));
    }
    Ok(utf8_percent_encode(value, PATH).to_string())
}
