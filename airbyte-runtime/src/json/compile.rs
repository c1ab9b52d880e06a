//! Turns the paths of a plan into an automaton, so that a scan follows all of them in one step per key or element.

use super::path::{Index, JsonPath, Segment};
use super::plan::{ElementNodes, Goal, Node, NodeId, Role};

/// The nodes of the automaton, in the order of their [`NodeId`].
pub(super) fn compile(records: &JsonPath, fields: &[JsonPath], captures: &[JsonPath]) -> Vec<Node> {
    Compiler { paths: Paths { records, fields, captures }, sets: Vec::new(), nodes: Vec::new() }.compile()
}

/// What a value may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    /// An array at the root, whose elements the record path starts from.
    RootArray,
    /// The first `1` segments of the record path lead here.
    Records(usize),
    /// An element of an array at the record path.
    Element,
    /// The first `1` segments of field `0` lead here.
    Field(usize, usize),
    /// The first `1` segments of capture `0` lead here.
    Capture(usize, usize),
}

/// A step into a container.
#[derive(Clone, Copy)]
enum Step<'s> {
    Key(&'s str),
    /// A key that no path names.
    OtherKey,
    Element {
        /// `None` for an index that no path names.
        index: Option<usize>,
        last: bool,
    },
}

/// The paths, and the rules by which they are followed.
struct Paths<'p> {
    records: &'p JsonPath,
    fields: &'p [JsonPath],
    captures: &'p [JsonPath],
}

/// Builds a node for every set of items that can be met (the subset construction).
struct Compiler<'p> {
    paths: Paths<'p>,
    sets: Vec<Vec<Item>>,
    nodes: Vec<Node>,
}

impl Compiler<'_> {
    fn compile(mut self) -> Vec<Node> {
        let captures: Vec<_> = (0..self.paths.captures.len()).map(|capture| Item::Capture(capture, 0)).collect();
        let root = |item| [&[item], captures.as_slice()].concat();
        let starts_with_index = self.paths.records.segments().first().is_some_and(|first| first.index().is_some());
        self.sets.push(Vec::new());
        self.sets.push(root(Item::Records(0)));
        self.sets.push(root(if starts_with_index { Item::Records(0) } else { Item::RootArray }));
        if let Some(set) = self.sets.get_mut(1) {
            self.paths.close(set);
        }
        // `node` adds the sets that it meets for the first time.
        while let Some(set) = self.sets.get(self.nodes.len()).cloned() {
            let node = self.node(&set);
            self.nodes.push(node);
        }
        self.nodes
    }

    fn node(&mut self, set: &[Item]) -> Node {
        let mut node = Node { shows_path: self.paths.shows_path(set), ..Node::default() };
        for item in set {
            self.paths.describe(*item, &mut node);
        }
        let segments: Vec<_> = set.iter().filter_map(|item| self.paths.next_segment(*item)).cloned().collect();
        for segment in &segments {
            if let Segment::Key(name) = segment
                && node.keys.iter().all(|(key, _)| key != name)
            {
                let target = self.target(set, Step::Key(name));
                node.keys.push((name.clone(), target));
            }
        }
        node.other_key = self.target(set, Step::OtherKey);
        node.elements = self.elements(set, &segments, false);
        let waits = |item: &Item| {
            let last = self.paths.next_segment(*item).and_then(Segment::index) == Some(Index::Last);
            last && !self.paths.is_replaceable(*item)
        };
        if set.iter().any(waits) {
            node.last_element = Some(self.elements(set, &segments, true));
        }
        node
    }

    fn elements(&mut self, set: &[Item], segments: &[Segment], last: bool) -> ElementNodes {
        let other = self.target(set, Step::Element { index: None, last });
        let mut indexed: Vec<(usize, NodeId)> = Vec::new();
        for segment in segments {
            if let Some(Index::At(index)) = segment.index()
                && indexed.iter().all(|(at, _)| *at != index)
            {
                indexed.push((index, self.target(set, Step::Element { index: Some(index), last })));
            }
        }
        ElementNodes { indexed, other }
    }

    /// The node that `step` leads to from the values described by `set`.
    fn target(&mut self, set: &[Item], step: Step<'_>) -> NodeId {
        let mut target: Vec<_> = set.iter().filter_map(|item| self.paths.advance(*item, step)).collect();
        self.paths.close(&mut target);
        let known = self.sets.iter().position(|known| *known == target);
        NodeId(known.unwrap_or_else(|| {
            self.sets.push(target);
            self.sets.len() - 1
        }))
    }
}

impl Paths<'_> {
    /// Adds the items that follow from those in `set`, and puts them in order.
    fn close(&self, set: &mut Vec<Item>) {
        let record =
            |item: &Item| matches!(item, Item::Element) || *item == Item::Records(self.records.segments().len());
        if set.iter().any(record) {
            set.extend((0..self.fields.len()).map(|field| Item::Field(field, 0)));
        }
        set.sort_unstable();
        set.dedup();
    }

    /// The path that an item is on, and how many of its segments lead to it.
    fn place(&self, item: Item) -> Option<(&JsonPath, usize)> {
        match item {
            Item::RootArray | Item::Element => None,
            Item::Records(done) => Some((self.records, done)),
            Item::Field(field, done) => Some((self.fields.get(field)?, done)),
            Item::Capture(capture, done) => Some((self.captures.get(capture)?, done)),
        }
    }

    fn next_segment(&self, item: Item) -> Option<&Segment> {
        let (path, done) = self.place(item)?;
        path.segments().get(done)
    }

    /// Whether a match of this path may be replaced by a later one.
    ///
    /// Records have left already; and of the matches of a `*`, the first stays.
    fn is_replaceable(&self, item: Item) -> bool {
        let wildcard = |(path, done): (&JsonPath, usize)| path.segments().iter().take(done).any(Segment::is_wildcard);
        !matches!(item, Item::Records(_)) && !self.place(item).is_some_and(wildcard)
    }

    fn advance(&self, item: Item, step: Step<'_>) -> Option<Item> {
        let Some(segment) = self.next_segment(item) else {
            let element = matches!(step, Step::Element { .. });
            return match item {
                Item::RootArray if element => Some(Item::Records(0)),
                Item::Records(_) if element => Some(Item::Element),
                _ => None,
            };
        };
        let matches = match (step, segment) {
            // Fields start from records, which are objects.
            (Step::Element { .. }, _) if matches!(item, Item::Field(_, 0)) => false,
            (_, Segment::Any) => true,
            (Step::Key(key), Segment::Key(name)) => key == &**name,
            (Step::OtherKey, Segment::Key(_)) => false,
            (Step::Element { index, last }, Segment::Key(_)) => match segment.index() {
                Some(Index::At(at)) => index == Some(at),
                // What is replaceable follows every element, and the last one stays.
                Some(Index::Last) => last || self.is_replaceable(item),
                None => false,
            },
        };
        matches.then_some(match item {
            Item::RootArray | Item::Element => item,
            Item::Records(done) => Item::Records(done + 1),
            Item::Field(field, done) => Item::Field(field, done + 1),
            Item::Capture(capture, done) => Item::Capture(capture, done + 1),
        })
    }

    fn describe(&self, item: Item, node: &mut Node) {
        let Some((path, done)) = self.place(item) else {
            if item == Item::Element {
                node.role = Role::Element;
            }
            return;
        };
        let complete = done == path.segments().len();
        let keep_first = !self.is_replaceable(item);
        let (goals, stale, position) = match item {
            Item::Field(field, _) => (&mut node.fields, &mut node.stale_fields, field),
            Item::Capture(capture, _) => (&mut node.captures, &mut node.stale_captures, capture),
            _ => {
                if complete {
                    node.role = Role::Records;
                }
                return;
            }
        };
        if complete {
            goals.push(Goal { position, keep_first });
        }
        if done > 0 && !keep_first {
            stale.push(position);
        }
    }

    /// Whether the record path, as far as it does not depend on `*`, leads to the values described by `set`.
    fn shows_path(&self, set: &[Item]) -> bool {
        set.iter().any(|item| match (item, self.next_segment(*item)) {
            (Item::Records(_), next) => matches!(next, None | Some(Segment::Any)),
            (Item::RootArray, _) => self.records.is_empty(),
            _ => false,
        })
    }
}
