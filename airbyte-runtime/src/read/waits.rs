//! Which runs wait for others: the streams of a group for each other, a stream for those that it comes after.
//!
//! All waiting follows one order, in which each run stands behind its parents and behind what it comes after; so no two
//! runs can wait for each other.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokio::sync::Notify;

use super::stream::Failure;
use crate::error::{Error, Result};

/// The end of a run, for those that wait for it.
#[derive(Default)]
pub(super) struct End {
    has_come: Cell<bool>,
    failure: RefCell<Option<Failure>>,
    changed: Notify,
}

impl End {
    pub(super) fn come(&self, failure: Option<Failure>) {
        *self.failure.borrow_mut() = failure;
        self.has_come.set(true);
        self.changed.notify_waiters();
    }

    async fn wait(&self) {
        while !self.has_come.get() {
            self.changed.notified().await;
        }
    }
}

/// Another run that has to end first.
pub(super) struct Wait {
    pub(super) end: Rc<End>,
    /// Whether its success is needed as well.
    pub(super) needs_success: bool,
}

/// Returns when a run may start.
///
/// # Errors
/// A stream that comes after one that failed is not read.
pub(super) async fn admit(waits: &[Wait]) -> Result<()> {
    for wait in waits {
        wait.end.wait().await;
    }
    let failed = waits.iter().filter(|wait| wait.needs_success).find_map(|wait| wait.end.failure.borrow().clone());
    match failed {
        // What can be done about it is the same as for the other.
        Some(other) => Err(Error::new(
            other.kind,
            format!("it comes after the stream `{}`, which is incomplete, so it was not read", other.stream),
        )
        .with_detail(other.message)),
        None => Ok(()),
    }
}

/// What is known of the runs of a read.
pub(super) struct Wiring {
    /// The stream of each run.
    pub(super) streams: Vec<usize>,
    /// Each child with each of its parents.
    pub(super) parents: Vec<(usize, usize)>,
    /// Each run with those that it comes after.
    pub(super) after: Vec<(usize, usize)>,
}

impl Wiring {
    /// The runs in the order of the catalog, each behind its parents and behind what it comes after.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.streams.len());
        for run in 0..self.streams.len() {
            self.queue_up(run, &mut order);
        }
        order
    }

    fn queue_up(&self, run: usize, order: &mut Vec<usize>) {
        if order.contains(&run) {
            return;
        }
        // What its parents come after stands before all of them, so that none waits while another is being read for it.
        self.queue_up_earlier(run, order);
        for parent in self.parents_of(run) {
            self.queue_up(parent, order);
        }
        order.push(run);
    }

    fn queue_up_earlier(&self, run: usize, order: &mut Vec<usize>) {
        for (_, earlier) in self.after.iter().filter(|(later, _)| *later == run) {
            self.queue_up(*earlier, order);
        }
        for parent in self.parents_of(run) {
            self.queue_up_earlier(parent, order);
        }
    }

    fn parents_of(&self, run: usize) -> impl Iterator<Item = usize> + '_ {
        self.parents.iter().filter(move |(child, _)| *child == run).map(|(_, parent)| *parent)
    }

    /// Whether one run is fed with what the other finds.
    pub(super) fn is_fed_by(&self, run: usize, ancestor: usize) -> bool {
        self.parents_of(run).any(|parent| parent == ancestor || self.is_fed_by(parent, ancestor))
    }
}

#[cfg(test)]
mod tests {
    use super::Wiring;

    fn order(parents: &[(usize, usize)], after: &[(usize, usize)]) -> Vec<usize> {
        Wiring { streams: vec![0; 5], parents: parents.to_vec(), after: after.to_vec() }.order()
    }

    #[test]
    fn the_catalog_decides_where_nothing_else_does() {
        assert_eq!(order(&[], &[]), [0, 1, 2, 3, 4]);
        assert_eq!(order(&[(0, 4)], &[]), [4, 0, 1, 2, 3]);
        assert_eq!(order(&[], &[(0, 2), (2, 1)]), [1, 2, 0, 3, 4]);
    }

    #[test]
    fn what_a_parent_comes_after_stands_before_all_parents() {
        assert_eq!(order(&[(0, 3), (0, 4)], &[(4, 2)]), [2, 3, 4, 0, 1]);
    }
}
