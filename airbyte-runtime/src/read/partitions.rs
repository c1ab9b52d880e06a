//! The slices of a stream, made from its partitions as they become known.
//!
//! Partitions come from routers, which know them all, or from the records of parents, which arrive page by page while
//! the parents are being read.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::Context;
use super::checkpoint::{OpenSlice, Slices};
use super::join::Join;
use super::stream::{Fed, Run};
use super::turns::Awaited;
use crate::error::{Error, Result};
use crate::plan::slice::Part;
use crate::plan::{ParentKey, Partition};

/// The slices of a stream, one after the other.
pub(super) struct SliceSource<'r> {
    run: &'r Run,
    context: &'r Context,
    /// Those of the partition that is being read.
    slices: Option<Slices>,
    parts: VecDeque<Part>,
    join: Join,
    /// Parts of parents, each with the number of its parent, that have not been combined with others: all combinations of
    /// a page at once could take any memory.
    arrived: VecDeque<(usize, Part)>,
    /// Where the records of parents arrive, each with the number of its parent; those that have ended are taken out.
    parents: Vec<(usize, mpsc::Receiver<Fed>)>,
}

impl<'r> SliceSource<'r> {
    pub(super) async fn new(context: &'r Context, run: &'r Run) -> Result<Self> {
        // Taken first: if a router fails, the parents must see that nobody listens.
        let parents: Vec<_> = run.parents.take().into_iter().enumerate().collect();
        run.stream.require_sound()?;
        let (join, parts) = Join::new(&run.stream.partitions, &context.plan.config).await?;
        Ok(Self { run, context, slices: None, parts: parts.into(), join, arrived: VecDeque::new(), parents })
    }

    /// The next slice; `None` when there are no more. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<OpenSlice>> {
        loop {
            if let Some(slice) = self.slices.as_mut().and_then(Iterator::next) {
                return Ok(Some(slice));
            }
            if let Some(part) = self.parts.pop_front() {
                self.open(part);
                continue;
            }
            if let Some((parent, part)) = self.arrived.pop_front() {
                self.parts.extend(self.join.arrive(parent, part));
                continue;
            }
            match receive(&mut self.parents, self.run).await? {
                Some((parent, arrived)) => self.arrived.extend(arrived.into_iter().map(|part| (parent, part))),
                None => {
                    self.parts.extend(self.join.finish());
                    if self.parts.is_empty() {
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn open(&mut self, part: Part) {
        let partition = Arc::new(Partition::new(part));
        self.run.tolerated.borrow_mut().open();
        self.slices = Some(self.run.checkpoint.borrow_mut().open(partition, self.context.now));
    }
}

/// What the next of several parents sends; `None` when all have ended. All are listened to at once: a parent that
/// feeds two children must not wait for the one that is listening to another parent.
async fn receive(parents: &mut Vec<(usize, mpsc::Receiver<Fed>)>, run: &Run) -> Result<Option<(usize, Vec<Part>)>> {
    if parents.is_empty() {
        return Ok(None);
    }
    let (fed, index) = {
        let _pause = run.turn.pause(Awaited::Parents);
        let (fed, index, _others) =
            futures_util::future::select_all(parents.iter_mut().map(|(_, parent)| Box::pin(parent.recv()))).await;
        (fed, index)
    };
    if let Some(Fed::Page(parts)) = fed {
        return Ok(parents.get(index).map(|(parent, _)| (*parent, parts)));
    }
    let (ended, _) = parents.swap_remove(index);
    match fed {
        // What can be done about it is the same as for the parent.
        Some(Fed::Broken(parent)) => Err(Error::new(
            parent.kind,
            format!(
                "the parent stream `{}` could not be read completely, so some partitions are missing",
                parent.stream
            ),
        )
        .with_detail(parent.message)),
        Some(Fed::Lacking) => {
            run.lacks_partitions.set(true);
            Ok(Some((ended, Vec::new())))
        }
        Some(Fed::End | Fed::Page(_)) => Ok(Some((ended, Vec::new()))),
        None => Err(Error::system("a parent stream ended without a word")),
    }
}

/// What the values of a parent's record make of a child; `None` if the record lacks one of them.
pub(super) fn part_of_keys(keys: &[ParentKey], values: &[Option<Value>], parent: &Partition) -> Option<Part> {
    let mut part = Part::default();
    for (key, value) in keys.iter().zip(values) {
        let value = match &key.path {
            Some(_) if key.partition_key.is_none() => value.clone().unwrap_or_default(),
            Some(_) => value.clone().filter(|value| !value.is_null())?,
            None => parent.get(&key.name)?.clone(),
        };
        if let (Some(_), Some(partition_key)) = (&key.path, &key.partition_key) {
            part.keys.insert(partition_key.clone(), value.clone());
        }
        part.extra.insert(key.name.clone(), value);
    }
    part.keys.insert("parent_slice".to_owned(), Value::Object(parent.keys.clone()));
    Some(part)
}

/// A partition that has no values: the whole of a stream.
pub(super) fn whole() -> Part {
    Part { keys: Map::new(), extra: Map::new() }
}
