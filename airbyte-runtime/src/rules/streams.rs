//! Rules of the list `streams = […]`: unique names, parents that are listed, no circle.

use super::text::{Text, same};
use crate::define::Stream;
use crate::define::partition::ParentNames;

/// What the rules need to know of a stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamNames {
    name: &'static str,
    namespace: Option<&'static str>,
    parents: &'static [ParentNames],
}

impl StreamNames {
    /// The names of stream `T`.
    #[must_use]
    pub const fn of<T: Stream>() -> Self {
        Self { name: T::NAME, namespace: T::NAMESPACE, parents: T::PARENTS }
    }

    const fn is(&self, other: &Self) -> bool {
        let same_namespace = match (self.namespace, other.namespace) {
            (None, None) => true,
            (Some(a), Some(b)) => same(a, b),
            _ => false,
        };
        same_namespace && same(self.name, other.name)
    }
}

/// Refuses a stream whose name one of the streams before it has.
#[track_caller]
pub const fn require_unique_name(before: &[StreamNames], stream: StreamNames) {
    let mut at = 0;
    while at < before.len() {
        if before[at].is(&stream) {
            let text = Text::new()
                .push("two streams are named `")
                .push(stream.name)
                .push("`\nhelp: list each stream once, or give one of them another name with `#[stream(name = \"…\")]`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

/// Refuses a stream whose parent is not among `streams`.
#[track_caller]
pub const fn require_parents_listed(streams: &[StreamNames], stream: StreamNames) {
    let mut at = 0;
    while at < stream.parents.len() {
        if position(streams, stream.parents[at].name).is_none() {
            let text = Text::new()
                .push("the parent of `")
                .push(stream.name)
                .push("`, stream `")
                .push(stream.parents[at].name)
                .push("`, is not in `streams`\nhelp: add the parent to `streams = […]`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

/// Refuses a stream that is named by `check` but is not among `streams`.
#[track_caller]
pub const fn require_stream_listed(streams: &[StreamNames], stream: StreamNames) {
    if position(streams, stream.name).is_none() {
        let text = Text::new()
            .push("`check` names stream `")
            .push(stream.name)
            .push("`, which is not in `streams`\nhelp: add it to `streams = […]`, or check another stream");
        panic!("{}", text.as_str());
    }
}

/// Refuses streams that are their own parents in a circle.
#[track_caller]
pub const fn require_no_circle(streams: &[StreamNames]) {
    let mut start = 0;
    while start < streams.len() {
        if reaches(streams, &streams[start], streams[start].name, streams.len()) {
            let text = Text::new()
                .push("stream `")
                .push(streams[start].name)
                .push("` is its own parent in a circle\nhelp: remove one `parent = …` of the circle");
            panic!("{}", text.as_str());
        }
        start += 1;
    }
}

/// Whether a walk of at most `steps` parents from `stream` meets `name`.
const fn reaches(streams: &[StreamNames], stream: &StreamNames, name: &str, steps: usize) -> bool {
    let mut at = 0;
    while at < stream.parents.len() && steps > 0 {
        let parent = stream.parents[at].name;
        if same(parent, name) {
            return true;
        }
        if let Some(next) = position(streams, parent) {
            if reaches(streams, &streams[next], name, steps - 1) {
                return true;
            }
        }
        at += 1;
    }
    false
}

const fn position(streams: &[StreamNames], name: &str) -> Option<usize> {
    let mut at = 0;
    while at < streams.len() {
        if same(streams[at].name, name) {
            return Some(at);
        }
        at += 1;
    }
    None
}
