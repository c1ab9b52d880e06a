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
use super::stream::{Fed, Run};
use crate::error::{Error, Result};
use crate::plan::{ParentKey, Partition};

/// The slices of a stream, one after the other.
pub(super) struct SliceSource<'r> {
    run: &'r Run,
    context: &'r Context,
    ready: VecDeque<Slices>,
    partitions: Partitions,
}

/// Where partitions come from.
enum Partitions {
    /// All are known.
    Known(std::vec::IntoIter<Partition>),
    /// The records of parents, times the combinations of the routers.
    Fed { parents: Vec<mpsc::Receiver<Fed>>, combinations: Vec<Map<String, Value>> },
}

impl<'r> SliceSource<'r> {
    pub(super) async fn new(context: &'r Context, run: &'r Run) -> Result<Self> {
        // Taken first: if a router fails, the parents must see that nobody listens.
        let parents = run.parents.take();
        let mut combinations = vec![Map::new()];
        for router in &run.stream.partitions.routers {
            let values = router.partitions(&context.plan.config).await?;
            combinations = combinations
                .iter()
                .flat_map(|combination| {
                    values.iter().map(|value| combination.clone().into_iter().chain(value.clone()).collect())
                })
                .collect();
        }
        let partitions = if parents.is_empty() {
            Partitions::Known(
                combinations.into_iter().map(|keys| Partition::new(keys, Map::new())).collect::<Vec<_>>().into_iter(),
            )
        } else {
            Partitions::Fed { parents, combinations }
        };
        Ok(Self { run, context, ready: VecDeque::new(), partitions })
    }

    /// The next slice; `None` when there are no more. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<OpenSlice>> {
        loop {
            while let Some(slices) = self.ready.front_mut() {
                match slices.next() {
                    Some(slice) => return Ok(Some(slice)),
                    None => drop(self.ready.pop_front()),
                }
            }
            match &mut self.partitions {
                Partitions::Known(known) => match known.next() {
                    Some(partition) => self.open(partition),
                    None => return Ok(None),
                },
                Partitions::Fed { parents, combinations } => {
                    let Some(fed) = receive(parents).await? else { return Ok(None) };
                    let opened: Vec<Partition> = match fed {
                        Fed::End | Fed::Broken(_) => Vec::new(),
                        Fed::Page(records, parent, keys) => records
                            .into_iter()
                            .flat_map(|values| {
                                combinations
                                    .iter()
                                    .filter_map(|keys_of| child(&keys, &values, &parent, keys_of))
                                    .collect::<Vec<_>>()
                            })
                            .collect(),
                    };
                    for partition in opened {
                        self.open(partition);
                    }
                }
            }
        }
    }

    fn open(&mut self, partition: Partition) {
        self.ready.push_back(self.run.checkpoint.borrow_mut().open(Arc::new(partition), self.context.now));
    }
}

/// What the next of several parents sends; `None` when all have ended. All are listened to at once: a parent that
/// feeds two children must not wait for the one that is listening to another parent.
async fn receive(parents: &mut Vec<mpsc::Receiver<Fed>>) -> Result<Option<Fed>> {
    if parents.is_empty() {
        return Ok(None);
    }
    let (fed, index) = {
        let (fed, index, _others) =
            futures_util::future::select_all(parents.iter_mut().map(|parent| Box::pin(parent.recv()))).await;
        (fed, index)
    };
    match fed {
        Some(page @ Fed::Page(..)) => return Ok(Some(page)),
        _ => drop(parents.swap_remove(index)),
    }
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
        Some(fed) => Ok(Some(fed)),
        None => Err(Error::system("a parent stream ended without a word")),
    }
}

/// A child's partition; `None` if the parent's record lacks one of the values.
pub(super) fn child(
    keys: &[ParentKey],
    values: &[Option<Value>],
    parent: &Arc<Partition>,
    combination: &Map<String, Value>,
) -> Option<Partition> {
    let mut partition = combination.clone();
    let mut names = Map::new();
    for (key, value) in keys.iter().zip(values) {
        let value = match &key.path {
            Some(_) => value.clone().filter(|value| !value.is_null())?,
            None => parent.get(&key.name)?.clone(),
        };
        if key.path.is_some() {
            partition.insert(key.partition_key.clone(), value.clone());
        }
        names.insert(key.name.clone(), value);
    }
    partition.insert("parent_slice".to_owned(), Value::Object(parent.keys.clone()));
    Some(Partition::new(partition, names))
}
