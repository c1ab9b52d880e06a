//! A path into JSON: keys, array indexes and `*`.

use std::borrow::Cow;
use std::fmt;

use super::members::{elements, key_is, members, string_value};

/// Where something is inside a JSON value: `data.items`, `data.*.items`, or the empty path for the value itself.
///
/// A segment is the key of an object; `*` stands for every member of an object and every element of an array.
/// A segment made of digits is also an index into an array, and `-1` is its last element.
/// If a key occurs twice in an object, the later one counts, as in Python.
///
/// A key that holds a dot cannot be written as text; use [`JsonPath::from_segments`] for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct JsonPath {
    segments: Vec<Segment>,
}

/// One step of a [`JsonPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Segment {
    Key(Box<str>),
    Any,
}

/// An element of an array as a path names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    At(usize),
    Last,
}

impl JsonPath {
    /// Reads segments that are separated by dots. The empty text is the empty path.
    pub fn parse(text: &str) -> Self {
        if text.is_empty() { Self::default() } else { Self::from_segments(text.split('.')) }
    }

    /// A path of the given segments, whose keys may hold dots.
    pub fn from_segments<'s>(segments: impl IntoIterator<Item = &'s str>) -> Self {
        let segment = |text| if text == "*" { Segment::Any } else { Segment::Key(Box::from(text)) };
        Self { segments: segments.into_iter().map(segment).collect() }
    }

    /// A path at which no API has anything, for a scan that only looks for other values.
    pub(crate) fn nowhere() -> Self {
        Self::from_segments(["\0"])
    }

    /// Whether this is the path of the value itself.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The string or number at this path in a body that may be no JSON at all, as error pages are.
    pub(crate) fn text_in<'b>(&self, body: &'b [u8]) -> Option<Cow<'b, str>> {
        serde_json::from_slice::<serde::de::IgnoredAny>(body).ok()?;
        self.get(body).and_then(string_value)
    }

    /// The text of the first value in `json` at this path, exactly as it is written there.
    ///
    /// `json` must be valid JSON; in anything else, what is found is unspecified.
    pub fn get<'b>(&self, json: &'b [u8]) -> Option<&'b [u8]> {
        descend(&self.segments, json.trim_ascii())
    }

    /// Whether a segment is `*`.
    pub(super) fn has_wildcard(&self) -> bool {
        self.segments.iter().any(Segment::is_wildcard)
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl Segment {
    pub(super) fn is_wildcard(&self) -> bool {
        *self == Self::Any
    }

    /// The array element that this segment names.
    pub(super) fn index(&self) -> Option<Index> {
        match self {
            Self::Any => None,
            Self::Key(name) if &**name == "-1" => Some(Index::Last),
            Self::Key(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => name.parse().ok().map(Index::At),
            Self::Key(_) => None,
        }
    }
}

/// Shows the path as [`JsonPath::parse`] reads it; segments that this cannot express stand in quotes.
impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            if position > 0 {
                f.write_str(".")?;
            }
            match segment {
                Segment::Any => f.write_str("*")?,
                Segment::Key(name) if name.is_empty() || name.contains('.') => write!(f, "{name:?}")?,
                Segment::Key(name) => f.write_str(name)?,
            }
        }
        Ok(())
    }
}

fn descend<'b>(segments: &[Segment], value: &'b [u8]) -> Option<&'b [u8]> {
    let Some((segment, rest)) = segments.split_first() else { return Some(value) };
    match (value.first()?, segment) {
        (b'{', Segment::Any) => members(value).find_map(|(_, member)| descend(rest, member)),
        (b'{', Segment::Key(name)) => {
            let (_, member) = members(value).filter(|(key, _)| key_is(key, name)).last()?;
            descend(rest, member)
        }
        (b'[', Segment::Any) => elements(value).find_map(|element| descend(rest, element)),
        (b'[', Segment::Key(_)) => {
            let element = match segment.index()? {
                Index::At(index) => elements(value).nth(index),
                Index::Last => elements(value).last(),
            };
            descend(rest, element?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_follows_keys_indexes_and_wildcards() {
        let json = br#" {"a":{"b":[{"c":1},{"c":2}],"0":"zero","x*y":5},"n":null,"e":{},"l":[],"s":"str",
            "a/b": 7, "m": {"k1": {"x": 1}, "k2": {"v": [1.50]}}, "\u0061\"": 1e5 } "#;
        for (path, expected) in [
            ("a.b.0", Some(r#"{"c":1}"#)),
            ("a.b.-1.c", Some("2")),
            ("a.b.1", Some(r#"{"c":2}"#)),
            ("a.b.2", None),
            ("a.b.*.c", Some("1")),
            ("a.0", Some(r#""zero""#)),
            ("a.x*y", Some("5")),
            ("s.x", None),
            ("missing", None),
            ("n", Some("null")),
            ("n.x", None),
            ("e", Some("{}")),
            ("e.*", None),
            ("l.-1", None),
            ("a/b", Some("7")),
            ("m.*.v.0", Some("1.50")),
            ("a\"", Some("1e5")),
        ] {
            let found = JsonPath::parse(path).get(json).map(|raw| std::str::from_utf8(raw).unwrap());
            assert_eq!(found, expected, "{path}");
        }
        assert_eq!(JsonPath::parse("").get(json), Some(json.trim_ascii()));
        assert_eq!(JsonPath::parse("0.a").get(br#"[{"a":1}]"#), Some(&b"1"[..]));
        assert_eq!(JsonPath::parse("a").get(br#"[{"a":1}]"#), None);
    }

    #[test]
    fn the_later_of_two_equal_keys_counts() {
        let json = br#"{"a":{"x":1},"a":{"y":2},"b":1,"\u0062":2}"#;
        assert_eq!(JsonPath::parse("a.y").get(json), Some(&b"2"[..]));
        assert_eq!(JsonPath::parse("a.x").get(json), None);
        assert_eq!(JsonPath::parse("b").get(json), Some(&b"2"[..]));
    }

    #[test]
    fn segments_may_hold_dots() {
        let path = JsonPath::from_segments(["a.b", "*", "c"]);
        assert_eq!(path.get(br#"{"a.b":[{"c":"x"}]}"#), Some(&br#""x""#[..]));
        assert_eq!(path.to_string(), r#""a.b".*.c"#);
        assert_eq!(JsonPath::parse("data.*.items").to_string(), "data.*.items");
        assert_eq!(JsonPath::parse("").to_string(), "");
        assert_eq!(JsonPath::parse("a.").to_string(), r#"a."""#);
    }

    #[test]
    fn digits_are_indexes_too() {
        let index = |text: &str| JsonPath::parse(text).segments()[0].index();
        assert_eq!(index("0"), Some(Index::At(0)));
        assert_eq!(index("12"), Some(Index::At(12)));
        assert_eq!(index("-1"), Some(Index::Last));
        for text in ["-2", "+1", "1a", "*", "99999999999999999999"] {
            assert_eq!(index(text), None, "{text}");
        }
    }
}
