//! Parts that arrive one by one become the partitions of a stream, each combination as soon as all of it is there.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::partitions::whole;
use crate::config::Config;
use crate::error::Result;
use crate::plan::PartitionPlan;
use crate::plan::memory::short_name;
use crate::plan::slice::Part;

/// The tree of a [`PartitionPlan`] while its parts arrive.
pub(super) struct Join(Node);

enum Node {
    /// All of its parts are known from the beginning.
    Known,
    /// The parents with the numbers from `first` on.
    Parents {
        first: usize,
        count: usize,
    },
    Product(Vec<Factor>),
    Union {
        field: String,
        /// The values that came before, by short names.
        seen: HashSet<u128>,
        members: Vec<Node>,
    },
    Group {
        size: usize,
        /// What came before, if each value counts once.
        seen: Option<HashSet<u128>>,
        waiting: Vec<Part>,
        member: Box<Node>,
    },
}

/// One side of a product, with what arrived at it.
struct Factor {
    node: Node,
    arrived: Vec<Part>,
}

impl Join {
    /// The tree, and the partitions that are known from the beginning.
    ///
    /// # Errors
    /// A router that fails.
    pub(super) async fn new(plan: &PartitionPlan, config: &Config) -> Result<(Self, Vec<Part>)> {
        let mut parents = 0;
        let (node, parts) = build(plan, config, &mut parents).await?;
        Ok((Self(node), parts))
    }

    /// The partitions that a part of a parent completes.
    pub(super) fn arrive(&mut self, parent: usize, part: Part) -> Vec<Part> {
        self.0.arrive(parent, part)
    }

    /// The partitions that were waiting for more; empty when called again.
    pub(super) fn finish(&mut self) -> Vec<Part> {
        self.0.finish()
    }
}

/// Builds the tree bottom-up, which is why a future calls itself: the depth is that of the document.
fn build<'a>(
    plan: &'a PartitionPlan,
    config: &'a Config,
    parents: &'a mut usize,
) -> futures_util::future::LocalBoxFuture<'a, Result<(Node, Vec<Part>)>> {
    Box::pin(async move {
        Ok(match plan {
            PartitionPlan::Whole => (Node::Known, vec![whole()]),
            PartitionPlan::Routed(router) => {
                let values = router.partitions(config).await?;
                (Node::Known, values.into_iter().map(|keys| Part { keys, ..Part::default() }).collect())
            }
            PartitionPlan::Known(parts) => (Node::Known, parts.clone()),
            PartitionPlan::Parents(plans) => {
                let first = *parents;
                *parents += plans.len();
                (Node::Parents { first, count: plans.len() }, Vec::new())
            }
            PartitionPlan::Product(members) => {
                let mut factors = Vec::with_capacity(members.len());
                for member in members {
                    let (node, arrived) = build(member, config, parents).await?;
                    factors.push(Factor { node, arrived });
                }
                let parts = combine(&factors, None);
                (Node::Product(factors), parts)
            }
            PartitionPlan::Union { field, members } => {
                let (mut nodes, mut parts) = (Vec::with_capacity(members.len()), Vec::new());
                let mut seen = HashSet::new();
                for member in members {
                    let (node, known) = build(member, config, parents).await?;
                    parts.extend(known.into_iter().filter_map(|part| unite(field, &mut seen, part)));
                    nodes.push(node);
                }
                (Node::Union { field: field.clone(), seen, members: nodes }, parts)
            }
            PartitionPlan::Group { size, deduplicate, member } => {
                let (node, known) = build(member, config, parents).await?;
                let seen = deduplicate.then(HashSet::new);
                let mut group = Node::Group { size: *size, seen, waiting: Vec::new(), member: Box::new(node) };
                let parts = known.into_iter().filter_map(|part| group.collect(part)).collect();
                (group, parts)
            }
        })
    })
}

impl Node {
    fn holds(&self, parent: usize) -> bool {
        match self {
            Self::Known => false,
            Self::Parents { first, count } => (*first..first + count).contains(&parent),
            Self::Product(factors) => factors.iter().any(|factor| factor.node.holds(parent)),
            Self::Union { members, .. } => members.iter().any(|member| member.holds(parent)),
            Self::Group { member, .. } => member.holds(parent),
        }
    }

    /// Whether parts may still arrive.
    fn is_open(&self) -> bool {
        match self {
            Self::Known => false,
            Self::Parents { .. } => true,
            Self::Product(factors) => factors.iter().any(|factor| factor.node.is_open()),
            Self::Union { members, .. } => members.iter().any(Self::is_open),
            Self::Group { waiting, member, .. } => !waiting.is_empty() || member.is_open(),
        }
    }

    fn arrive(&mut self, parent: usize, part: Part) -> Vec<Part> {
        match self {
            Self::Known => Vec::new(),
            Self::Parents { .. } => vec![part],
            Self::Product(factors) => {
                let Some(at) = factors.iter().position(|factor| factor.node.holds(parent)) else { return Vec::new() };
                let Some(factor) = factors.get_mut(at) else { return Vec::new() };
                let arrived = factor.node.arrive(parent, part);
                join_arrived(factors, at, arrived)
            }
            Self::Union { field, seen, members } => {
                let Some(member) = members.iter_mut().find(|member| member.holds(parent)) else { return Vec::new() };
                let arrived = member.arrive(parent, part);
                arrived.into_iter().filter_map(|part| unite(field, seen, part)).collect()
            }
            Self::Group { member, .. } => {
                let arrived = member.arrive(parent, part);
                arrived.into_iter().filter_map(|part| self.collect(part)).collect()
            }
        }
    }

    fn finish(&mut self) -> Vec<Part> {
        match self {
            Self::Known | Self::Parents { .. } => Vec::new(),
            Self::Product(factors) => {
                let mut parts = Vec::new();
                for at in 0..factors.len() {
                    let Some(factor) = factors.get_mut(at) else { continue };
                    let last = factor.node.finish();
                    parts.extend(join_arrived(factors, at, last));
                }
                parts
            }
            Self::Union { field, seen, members } => {
                let last: Vec<Part> = members.iter_mut().flat_map(Self::finish).collect();
                last.into_iter().filter_map(|part| unite(field, seen, part)).collect()
            }
            Self::Group { member, .. } => {
                let last = member.finish();
                let mut groups: Vec<Part> = last.into_iter().filter_map(|part| self.collect(part)).collect();
                if let Self::Group { waiting, .. } = self
                    && !waiting.is_empty()
                {
                    groups.push(group(std::mem::take(waiting)));
                }
                groups
            }
        }
    }

    /// Takes a part into a group; the group when it is full.
    fn collect(&mut self, part: Part) -> Option<Part> {
        let Self::Group { size, seen, waiting, .. } = self else { return None };
        if let Some(seen) = seen
            && !seen.insert(short_name(&Value::Object(part.keys.clone()).to_string()))
        {
            return None;
        }
        waiting.push(part);
        (waiting.len() >= *size).then(|| group(std::mem::take(waiting)))
    }
}

/// The combinations of what arrived at one factor with what had arrived at the others.
fn join_arrived(factors: &mut [Factor], at: usize, arrived: Vec<Part>) -> Vec<Part> {
    let parts = arrived.iter().flat_map(|part| combine(factors, Some((at, part)))).collect();
    // Kept only if another side may still bring something to combine it with.
    let is_needed = factors.iter().enumerate().any(|(other, factor)| other != at && factor.node.is_open());
    if let (true, Some(factor)) = (is_needed, factors.get_mut(at)) {
        factor.arrived.extend(arrived);
    }
    parts
}

/// Every combination of the factors' parts, the last factor's varying fastest; one factor may be held at a part.
fn combine(factors: &[Factor], held: Option<(usize, &Part)>) -> Vec<Part> {
    let mut combinations = vec![whole()];
    for (at, factor) in factors.iter().enumerate() {
        let parts = match held {
            Some((held, part)) if held == at => std::slice::from_ref(part),
            _ => factor.arrived.as_slice(),
        };
        combinations =
            combinations.iter().flat_map(|combination| parts.iter().map(|part| combination.join(part))).collect();
    }
    combinations
}

/// A part of a union: its identity is the field alone; `None` if its value came before.
fn unite(field: &str, seen: &mut HashSet<u128>, part: Part) -> Option<Part> {
    let value = part.keys.get(field)?.clone();
    if !seen.insert(short_name(&value.to_string())) {
        return None;
    }
    let mut extra = part.extra;
    extra.extend(part.keys.into_iter().filter(|(key, _)| key != field));
    Some(Part { keys: Map::from_iter([(field.to_owned(), value)]), extra })
}

/// One part of several: each key holds the list of their values.
fn group(parts: Vec<Part>) -> Part {
    let gather = |of: fn(&Part) -> &Map<String, Value>| {
        let mut lists = Map::new();
        for part in &parts {
            for (key, value) in of(part) {
                let list = lists.entry(key.as_str()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(value.clone());
                }
            }
        }
        lists
    };
    Part { keys: gather(|part| &part.keys), extra: gather(|part| &part.extra) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::config::Redactor;
    use crate::plan::partition::List;
    use crate::plan::{ParentPlan, Take};

    fn list(key: &str, values: &[&str]) -> PartitionPlan {
        let values = values.iter().map(|value| json!(value)).collect();
        PartitionPlan::Routed(Arc::new(List { key: key.to_owned(), values }))
    }

    fn parents(count: usize) -> PartitionPlan {
        let parent = || ParentPlan { stream: 0, take: Take::Keys(Arc::new([])), incremental: false };
        PartitionPlan::Parents((0..count).map(|_| parent()).collect())
    }

    fn group(size: usize, member: PartitionPlan) -> PartitionPlan {
        PartitionPlan::Group { size, deduplicate: true, member: Box::new(member) }
    }

    fn part(key: &str, value: &str) -> Part {
        Part { keys: Map::from_iter([(key.to_owned(), json!(value))]), extra: Map::new() }
    }

    /// The partitions, each as its values joined, after these parts of parents arrived.
    fn joined(plan: &PartitionPlan, arriving: &[(usize, Part)]) -> Vec<String> {
        let config = Config::document(json!({}), Redactor::default());
        let (mut join, mut parts) = futures_util::FutureExt::now_or_never(Join::new(plan, &config)).unwrap().unwrap();
        for (parent, part) in arriving {
            parts.extend(join.arrive(*parent, part.clone()));
        }
        parts.extend(join.finish());
        assert_eq!(join.finish().len(), 0);
        let text =
            |part: Part| part.keys.values().map(ToString::to_string).collect::<Vec<_>>().join(" ").replace('"', "");
        parts.into_iter().map(text).collect()
    }

    #[test]
    fn a_product_has_every_combination_once() {
        let plan = PartitionPlan::Product(vec![list("a", &["1", "2"]), list("b", &["x", "y"])]);
        assert_eq!(joined(&plan, &[]), ["1 x", "1 y", "2 x", "2 y"]);
        let plan = PartitionPlan::Product(vec![parents(1), list("b", &["x", "y"]), parents(1)]);
        let arriving = [(1, part("c", "p")), (0, part("a", "1")), (1, part("c", "q")), (0, part("a", "2"))];
        let mut found = joined(&plan, &arriving);
        found.sort();
        assert_eq!(found, ["1 x p", "1 x q", "1 y p", "1 y q", "2 x p", "2 x q", "2 y p", "2 y q"]);
    }

    #[test]
    fn a_union_has_each_value_once() {
        let members = vec![list("id", &["1", "2"]), parents(1)];
        let plan = PartitionPlan::Union { field: "id".to_owned(), members };
        assert_eq!(joined(&plan, &[(0, part("id", "2")), (0, part("id", "3"))]), ["1", "2", "3"]);
    }

    #[test]
    fn the_last_group_may_be_short_also_in_a_product() {
        assert_eq!(joined(&group(2, list("k", &["a", "b", "c", "a"])), &[]), ["[a,b]", "[c]"]);
        let plan = PartitionPlan::Product(vec![group(2, list("k", &["a", "b", "c"])), parents(1)]);
        let mut found = joined(&plan, &[(0, part("p", "1")), (0, part("p", "2"))]);
        found.sort();
        assert_eq!(found, ["[a,b] 1", "[a,b] 2", "[c] 1", "[c] 2"]);
        let plan = PartitionPlan::Product(vec![group(2, list("k", &["a"])), group(2, list("m", &["x"]))]);
        assert_eq!(joined(&plan, &[]), ["[a] [x]"]);
    }
}
