//! Streams that only the configuration or the API knows: one for each name that the values of a partition give.
//!
//! `name = "rows_{partition.table}"` divides a stream. The whole stays in the plan for its children, and is in no catalog.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::streams::Streams;
use crate::define::stream::StreamDef;
use crate::error::{Error, Result};
use crate::plan::slice::Part;
use crate::plan::template::Template;
use crate::plan::{Partition, PartitionPlan, Plan, Slice, StreamPlan};
use crate::read::{self, Context};

/// A stream that is to be divided.
pub(super) struct Division {
    /// Its place in the plan.
    pub(super) number: usize,
    pub(super) def: &'static StreamDef,
    /// The name, with placeholders that its partitions fill.
    pub(super) name: Template,
}

impl Streams<'_> {
    /// The plan with the streams that the divisions give, behind all others.
    ///
    /// # Errors
    /// Whatever kept the partitions from being known, and those without a name.
    pub(super) async fn divide(&self, mut plan: Plan, divisions: Vec<Division>) -> Result<Plan> {
        for Division { number, def, name } in divisions {
            let context = Context::new(plan, self.services.client.clone(), self.output.clone());
            let parts = read::parts(&context, number).await;
            plan = context.plan;
            let groups = parts.and_then(|parts| grouped(parts, &name));
            let groups = groups.map_err(|error| error.within(format!("the streams `{}`", def.name)))?;
            let first = plan.streams.len();
            for (name, parts) in groups {
                let stream = self.stream(def, &name)?;
                plan.streams.push(Arc::new(StreamPlan { partitions: PartitionPlan::Known(parts), ..stream }));
            }
            let last = plan.streams.len();
            // What comes after the whole comes after each of them.
            for later in plan.streams.iter_mut().filter_map(Arc::get_mut) {
                if later.after.contains(&number) {
                    later.after.extend(first..last);
                }
            }
        }
        Ok(plan)
    }
}

/// The parts of each name, in the order in which the names come up.
fn grouped(parts: Vec<Part>, name: &Template) -> Result<Vec<(String, Vec<Part>)>> {
    let mut groups: Vec<(String, Vec<Part>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for part in parts {
        let partition = Arc::new(Partition::new(part.clone()));
        let slice = Slice { partition, interval: None, job: None, record: None };
        let rendered = name.render(&slice)?.filter(|name| !name.trim().is_empty()).ok_or_else(|| {
            Error::config("a value that names a stream is missing or empty; give it one, or take it out of the list")
                .with_detail(format!("partition {}", slice.partition.id))
        })?;
        let place = *places.entry(rendered).or_insert_with_key(|name| {
            groups.push((name.clone(), Vec::new()));
            groups.len() - 1
        });
        if let Some((_, group)) = groups.get_mut(place) {
            group.push(part);
        }
    }
    Ok(groups)
}

/// Refuses two streams of one name, which only names with placeholders can have: all others were compared by the compiler.
pub(super) fn require_different_names(plan: &Plan) -> Result<()> {
    let mut seen = HashSet::new();
    let visible = plan.streams.iter().filter(|stream| !stream.hidden);
    match visible.map(|stream| (&stream.name, &stream.namespace)).find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some((name, _)) => Err(Error::config(format!(
            "two streams are named `{name}`, because values that name streams are equal; change one of them"
        ))),
    }
}
