//! Rules of the list `streams = […]`: unique names, a base URL for each, parents that are listed, no circle.

use super::text::{Names, Text, same};
use crate::define::source::StreamRef;
use crate::define::{EmbeddedManifest, Source};

/// Refuses the stream at this place in `streams = […]` if one before it, or one of the manifest, has its name, if neither it nor the source has
/// a base URL, or if a parent is not listed.
#[track_caller]
pub const fn require_stream<S: Source>(at: usize) {
    let stream = &S::STREAMS[at];
    require_unique_name(S::STREAMS.split_at(at).0, stream);
    if let Some(manifest) = &S::MANIFEST {
        require_not_in_manifest(manifest, stream);
    }
    if stream.relative && !S::BASE_URL {
        let text = Text::new().push("stream `").push(stream.name).push(
            "` has no base URL, and neither has its source\nhelp: add `base_url = \"https://api.example.com\"` to `#[source(…)]`",
        );
        panic!("{}", text.as_str());
    }
    require_parents_listed(S::STREAMS, stream);
    require_after_listed(S::STREAMS, stream);
    if let Some(group) = stream.group {
        require_group(S::STREAMS, stream, group);
    }
}

/// Refuses the stream at this place in `check = […]` if it is not among the source's.
#[track_caller]
pub const fn require_check<S: Source>(at: usize) {
    let stream = &S::CHECK[at];
    if position(S::STREAMS, stream.name).is_none() {
        let text = Text::new()
            .push("`check` names stream `")
            .push(stream.name)
            .push("`, which is not in `streams`\nhelp: add it to `streams = […]`, or check another stream");
        panic!("{}", text.as_str());
    }
}

/// Refuses streams that wait for themselves: their own parents, or after themselves.
#[track_caller]
pub const fn require_no_circle<S: Source>() {
    let streams = S::STREAMS;
    let mut start = 0;
    while start < streams.len() {
        if reaches(streams, &streams[start], streams[start].name, streams.len()) {
            let of_parents = has_no_after(streams);
            let (what, help) = if of_parents {
                ("` is its own parent in a circle\n  ", "\nhelp: remove one `parent = …` of the circle")
            } else {
                (
                    "` waits for itself in a circle\n  ",
                    "\nhelp: a child waits for its parents, and a stream for those in its `after`: remove one of these",
                )
            };
            let text = Text::new().push("stream `").push(streams[start].name).push(what).push(streams[start].name);
            let text = circle(streams, start, text).push(help);
            panic!("{}", text.as_str());
        }
        start += 1;
    }
}

#[track_caller]
const fn require_unique_name(before: &[StreamRef], stream: &StreamRef) {
    let mut at = 0;
    while at < before.len() {
        if same_stream(&before[at], stream) {
            let text = Text::new().push("two streams are named `").push(stream.name).push(
                "`\nhelp: list each stream once, or give one of them another name with `#[stream(name = \"…\")]`",
            );
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

#[track_caller]
const fn require_not_in_manifest(manifest: &EmbeddedManifest, stream: &StreamRef) {
    let mut at = 0;
    while at < manifest.streams.len() {
        let (name, place) = manifest.streams[at];
        // The streams of a manifest have no namespace.
        if stream.namespace.is_none() && same(name, stream.name) {
            let text = Text::new()
                .push("two streams are named `")
                .push(name)
                .push("`: this one, and that at ")
                .push(place)
                .push("\nhelp: give one of them another name, this one with `#[stream(name = \"…\")]`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

#[track_caller]
const fn require_parents_listed(streams: &[StreamRef], stream: &StreamRef) {
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

#[track_caller]
const fn require_after_listed(streams: &[StreamRef], stream: &StreamRef) {
    let mut at = 0;
    while at < stream.after.len() {
        if position(streams, stream.after[at].name).is_none() {
            let text = Text::new()
                .push("`")
                .push(stream.name)
                .push("` comes after stream `")
                .push(stream.after[at].name)
                .push("`, which is not in `streams`\nhelp: add it to `streams = […]`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

/// Refuses a group of one stream, and one that holds a stream and its parent.
#[track_caller]
const fn require_group(streams: &[StreamRef], stream: &StreamRef, group: &'static str) {
    let mut names = Names::near(group);
    let (mut members, mut at) = (0, 0);
    while at < streams.len() {
        if let Some(other) = streams[at].group {
            if same(other, group) {
                members += 1;
            } else {
                names = names.offer(other);
            }
        }
        at += 1;
    }
    if members == 1 {
        let text =
            Text::new().push("stream `").push(stream.name).push("` is alone in the group `").push(group).push("`");
        panic!("{}", names.help(text, "other groups").as_str());
    }
    if let Some(parent) = parent_in_group(streams, stream, group, streams.len()) {
        let text = Text::new()
            .push("stream `")
            .push(stream.name)
            .push("` and its parent `")
            .push(parent)
            .push("` are in one group, `")
            .push(group)
            .push("`, but a child is read while its parent is\nhelp: take one of them out of the group");
        panic!("{}", text.as_str());
    }
}

/// The nearest ancestor that has the group.
const fn parent_in_group(streams: &[StreamRef], stream: &StreamRef, group: &str, steps: usize) -> Option<&'static str> {
    let mut at = 0;
    while at < stream.parents.len() && steps > 0 {
        if let Some(found) = position(streams, stream.parents[at].name) {
            if let Some(other) = streams[found].group
                && same(other, group)
            {
                return Some(streams[found].name);
            }
            if let Some(name) = parent_in_group(streams, &streams[found], group, steps - 1) {
                return Some(name);
            }
        }
        at += 1;
    }
    None
}

const fn has_no_after(streams: &[StreamRef]) -> bool {
    let mut at = 0;
    while at < streams.len() {
        if !streams[at].after.is_empty() {
            return false;
        }
        at += 1;
    }
    true
}

const fn same_stream(a: &StreamRef, b: &StreamRef) -> bool {
    let same_namespace = match (a.namespace, b.namespace) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    same_namespace && same(a.name, b.name)
}

/// Whether a walk of at most `steps` steps from `stream` to what it waits for meets `name`.
const fn reaches(streams: &[StreamRef], stream: &StreamRef, name: &str, steps: usize) -> bool {
    let mut at = 0;
    while let Some(earlier) = earlier(stream, at)
        && steps > 0
    {
        if same(earlier, name) {
            return true;
        }
        if let Some(next) = position(streams, earlier)
            && reaches(streams, &streams[next], name, steps - 1)
        {
            return true;
        }
        at += 1;
    }
    false
}

/// The parents of a stream, and the streams that it comes after, by number.
const fn earlier(stream: &StreamRef, at: usize) -> Option<&'static str> {
    let parents = stream.parents.len();
    if at < parents {
        Some(stream.parents[at].name)
    } else if at - parents < stream.after.len() {
        Some(stream.after[at - parents].name)
    } else {
        None
    }
}

/// Adds the streams on the way from the stream at `start` back to it.
const fn circle(streams: &[StreamRef], start: usize, mut text: Text) -> Text {
    let (name, mut here, mut steps) = (streams[start].name, start, 0);
    while steps < streams.len() {
        let mut at = 0;
        while let Some(earlier) = earlier(&streams[here], at) {
            if same(earlier, name) {
                return text.push(" → ").push(name);
            }
            if let Some(next) = position(streams, earlier)
                && reaches(streams, &streams[next], name, streams.len())
            {
                text = text.push(" → ").push(earlier);
                here = next;
                break;
            }
            at += 1;
        }
        steps += 1;
    }
    text
}

const fn position(streams: &[StreamRef], name: &str) -> Option<usize> {
    let mut at = 0;
    while at < streams.len() {
        if same(streams[at].name, name) {
            return Some(at);
        }
        at += 1;
    }
    None
}
