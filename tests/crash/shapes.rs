//! Every shape of a stream that is killed.

use serde_json::{Value, json};

use crate::api::{Row, TOKEN, mix};
use crate::manifests::{CURSORS, PAGINATORS, ROUTERS, manifest};
use crate::sources::STREAMS;
use crate::world::World;

/// One process that is killed, and what it reads.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) program: Program,
    pub(crate) streams: Vec<Stream>,
    style: &'static str,
    /// The most requests in flight.
    pub(crate) concurrency: u32,
    /// Whether new rows are found by a read that goes on.
    pub(crate) grows: bool,
}

/// What runs.
pub(crate) enum Program {
    /// This program, with a source of attributes.
    Structs(&'static str),
    /// `source-declarative-manifest`.
    Manifest(Value),
}

/// What is known of a stream without reading it.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) name: String,
    /// Hours before the state's value that are read again on purpose.
    pub(crate) lookback: i64,
    /// Which rows are its records.
    pub(crate) has: fn(&Row) -> bool,
    /// Seconds between two values that the state can tell apart.
    pub(crate) unit: i64,
    /// How far the state goes when everything was read.
    pub(crate) memory: Memory,
    /// The most rows of one slice.
    pub(crate) slice: Slice,
    /// The partition of a row: a region, a project, both, or neither.
    pub(crate) part: fn(&Row) -> (&'static str, u64),
}

/// What a read that goes on from a final state, while nothing is new, reads again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Memory {
    /// All.
    None,
    /// What is not strictly before the state's value.
    Cursor,
    /// Nothing.
    Hashes,
}

/// What is read between two states at most, if one slice is read at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Slice {
    /// All.
    Stream,
    /// What one partition has.
    Partition,
    /// What one window of so many days has of a partition.
    Window(i64),
    /// A page, and those that have the instant of its last record.
    Page,
}

impl Shape {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.streams.iter().map(|stream| stream.name.as_str()).collect()
    }

    pub(crate) fn config(&self, world: &World, concurrency: u32) -> Value {
        json!({"base_url": world.url(), "token": TOKEN, "style": self.style, "concurrency": concurrency})
    }
}

fn stream(name: &str, memory: Memory, slice: Slice) -> Stream {
    let part: fn(&Row) -> (&'static str, u64) = match name {
        "regional" | "regional_windows" | "oldest_by_region" | "hashed_by_region" => by_region,
        "tasks" | "changed" | "changed_windows" | "fresh" | "middle" => by_project,
        _ => |_| ("", 0),
    };
    Stream { name: name.to_owned(), lookback: 0, has: |_| true, unit: 1, memory, slice, part }
}

fn by_region(row: &Row) -> (&'static str, u64) {
    (row.region, 0)
}

fn by_project(row: &Row) -> (&'static str, u64) {
    ("", row.project)
}

fn by_both(row: &Row) -> (&'static str, u64) {
    (row.region, row.project)
}

/// All of them, in an order that does not change.
pub(crate) fn all() -> Vec<Shape> {
    let mut shapes = paging();
    shapes.extend(extra());
    shapes.extend(manifests());
    // Each shape has a pace of its own; the same for every seed.
    for (number, shape) in shapes.iter_mut().enumerate() {
        shape.concurrency = [1, 4, 1, 10][(mix(number as u64) % 4) as usize];
    }
    shapes
}

/// The nine streams of the laws behind five paginators, and all nine at once.
fn paging() -> Vec<Shape> {
    let known = |name: &str| {
        let (memory, slice) = match name {
            "plain" => (Memory::None, Slice::Stream),
            "windowed" | "late" => (Memory::Cursor, Slice::Window(10)),
            "regional_windows" => (Memory::Cursor, Slice::Window(20)),
            "regional" | "tasks" => (Memory::Cursor, Slice::Partition),
            _ => (Memory::Cursor, Slice::Stream),
        };
        Stream { lookback: if name == "late" { 120 } else { 0 }, ..stream(name, memory, slice) }
    };
    let mut shapes = Vec::new();
    for style in ["page", "offset", "token", "link", "url"] {
        let one = |names: &[&str], label: &str| Shape {
            name: format!("structs/{style}/{label}"),
            program: Program::Structs(style),
            streams: names.iter().map(|name| known(name)).collect(),
            style,
            concurrency: 1,
            grows: true,
        };
        shapes.extend(STREAMS.iter().map(|name| one(&[*name], name)));
        shapes.push(one(&STREAMS, "all"));
    }
    shapes
}

/// Sorted streams, hashes, grandchildren, groups and jobs.
fn extra() -> Vec<Shape> {
    use Memory::{Cursor, Hashes, None};
    let shape = |label: &str, streams: Vec<Stream>| Shape {
        name: format!("structs/extra/{label}"),
        program: Program::Structs("extra"),
        streams,
        style: "page",
        concurrency: 1,
        grows: true,
    };
    let one = |name: &str, memory, slice| shape(name, vec![stream(name, memory, slice)]);
    let fresh = Stream { has: |row| row.project <= 2, ..stream("fresh", Hashes, Slice::Partition) };
    let family = ["early", "middle", "late"];
    vec![
        one("oldest", Cursor, Slice::Page),
        one("oldest_by_region", Cursor, Slice::Window(20)),
        one("newest", Cursor, Slice::Stream),
        one("numbers", Cursor, Slice::Stream),
        one("hashed", Hashes, Slice::Page),
        one("hashed_by_region", Hashes, Slice::Page),
        one("tasks", Cursor, Slice::Partition),
        one("changed", Cursor, Slice::Partition),
        one("changed_windows", Cursor, Slice::Window(20)),
        one("shared", Cursor, Slice::Stream),
        Shape { grows: false, ..shape("fresh", vec![fresh]) },
        shape(
            "family",
            family
                .iter()
                .zip([Slice::Stream, Slice::Partition, Slice::Window(10)])
                .map(|(name, slice)| stream(name, Cursor, slice))
                .collect(),
        ),
        one("export", None, Slice::Stream),
        // Two jobs at a time, each of twenty days.
        one("visit", Cursor, Slice::Window(40)),
        one("sorted_visit", Cursor, Slice::Window(40)),
        shape(
            "everything",
            vec![
                stream("oldest", Cursor, Slice::Page),
                stream("hashed", Hashes, Slice::Page),
                stream("tasks", Cursor, Slice::Partition),
                stream("changed_windows", Cursor, Slice::Window(20)),
                stream("visit", Cursor, Slice::Window(40)),
            ],
        ),
    ]
}

/// Each cursor with each router that it can have (numbers go without partitions, and one state for all partitions needs
/// a cursor), behind one paginator each; so each router meets each paginator, and each cursor but numbers does.
fn manifests() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (number, cursor) in CURSORS.iter().enumerate() {
        for (other, router) in ROUTERS.iter().enumerate() {
            let is_partitioned = *router != "none";
            if (*cursor == "counted" && is_partitioned) || (*cursor == "plain" && *router == "shared") {
                continue;
            }
            let paginator = PAGINATORS[(number + other) % PAGINATORS.len()];
            let slice = match (*cursor, *router) {
                // Groups are no partitions that would come again, so they have one state for all, too.
                ("plain", _) | (_, "shared" | "groups") => Slice::Stream,
                ("windowed" | "late" | "epoch", _) => Slice::Window(10),
                ("months", _) => Slice::Window(31),
                (_, "none") => Slice::Stream,
                _ => Slice::Partition,
            };
            let part = match *router {
                "none" | "shared" | "groups" => |_: &Row| ("", 0),
                "list" => by_region,
                "product" => by_both,
                _ => by_project,
            };
            let memory = if *cursor == "plain" { Memory::None } else { Memory::Cursor };
            let unit = if *cursor == "months" { 86_400 } else { 1 };
            let lookback = if *cursor == "late" { 120 } else { 0 };
            shapes.push(Shape {
                name: format!("manifest/{paginator}/{cursor}/{router}"),
                program: Program::Manifest(manifest(paginator, cursor, router)),
                streams: vec![Stream { lookback, unit, part, ..stream("rows", memory, slice) }],
                style: paginator,
                concurrency: 1,
                grows: true,
            });
        }
    }
    shapes
}
