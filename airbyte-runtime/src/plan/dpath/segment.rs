//! One segment of a path, and what it matches.

use super::glob::Glob;
use crate::python::PyValue;

/// A segment, with what it means for keys and for positions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    value: PyValue,
    keys: Keys,
    /// The position in lists, from the end if negative.
    position: Option<i128>,
}

#[derive(Clone, Debug, PartialEq)]
enum Keys {
    None,
    Exactly(String),
    Like(Glob),
}

/// A step from a container to one of its children.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'v> {
    Key(&'v str),
    /// The position, and how many elements the list has.
    Position(usize, usize),
}

impl Segment {
    pub(super) fn new(value: PyValue) -> Self {
        let keys = match &value {
            PyValue::Str(text) if has_glob_characters(text) => Keys::Like(Glob::new(text)),
            PyValue::Str(text) => Keys::Exactly(text.clone()),
            _ => Keys::None,
        };
        let position = match &value {
            PyValue::Str(text) => python_int(text),
            PyValue::Int(number) => Some(*number),
            PyValue::Bool(flag) => Some(i128::from(*flag)),
            // Python truncates; what is too large for a position matches none.
            PyValue::Float(number) if number.is_finite() => Some(number.trunc() as i128),
            _ => None,
        };
        Self { value, keys, position }
    }

    pub(super) fn is_text(&self, text: &str) -> bool {
        matches!(&self.value, PyValue::Str(own) if own == text)
    }

    /// Whether it is `**`.
    pub(super) fn is_any_depth(&self) -> bool {
        self.is_text("**")
    }

    pub(super) fn has_glob_characters(&self) -> bool {
        matches!(self.keys, Keys::Like(_))
    }

    /// The one key that it matches.
    pub(super) fn exact_key(&self) -> Option<&str> {
        match &self.keys {
            Keys::Exactly(key) => Some(key),
            Keys::None | Keys::Like(_) => None,
        }
    }

    /// The key, if it matches that key and no position.
    pub(super) fn plain_key(&self) -> Option<&str> {
        self.exact_key().filter(|_| self.position.is_none())
    }

    pub(super) fn matches(&self, step: Step<'_>) -> bool {
        match (step, &self.keys) {
            (Step::Key(_), Keys::None) => false,
            (Step::Key(key), Keys::Exactly(own)) => own == key,
            (Step::Key(key), Keys::Like(glob)) => glob.matches(key),
            (Step::Position(at, length), keys) => match (self.position, keys) {
                (Some(own), _) => own == at as i128 || own.saturating_add(length as i128) == at as i128,
                (None, Keys::Like(glob)) => glob.matches(&at.to_string()),
                (None, Keys::None | Keys::Exactly(_)) => false,
            },
        }
    }

    /// The index in a list of this length that it means.
    pub(super) fn position_in(&self, length: usize) -> Option<usize> {
        let own = self.position?;
        let from_start = if own < 0 { own.saturating_add(length as i128) } else { own };
        usize::try_from(from_start).ok().filter(|at| *at < length)
    }

    /// The key that writing creates.
    pub(super) fn written_key(&self) -> String {
        match &self.value {
            PyValue::Str(text) => text.clone(),
            value => value.to_text(),
        }
    }

    /// The position that writing means in a list; texts other than plain digits have none.
    pub(super) fn written_position(&self) -> Option<i128> {
        match &self.value {
            PyValue::Int(number) => Some(*number),
            PyValue::Str(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            PyValue::Str(text) => write!(f, "{text:?}"),
            value => f.write_str(&value.to_text()),
        }
    }
}

fn has_glob_characters(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The whole number that Python's `int` reads from a text: blanks around it, a sign, and single underscores between
/// digits are allowed. `None` also for what exceeds 128 bits.
pub(crate) fn python_int(text: &str) -> Option<i128> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let mut number = String::from(sign);
    for group in digits.split('_') {
        if group.is_empty() || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        number.push_str(group);
    }
    number.parse().ok()
}
