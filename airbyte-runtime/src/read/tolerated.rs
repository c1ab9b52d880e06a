//! Failures of partitions that their stream may tolerate: they are kept until it is known how many partitions there are.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::plan::memory::short_name;
use crate::plan::tolerance::Tolerance;

/// How many names a message has room for.
const SHOWN: usize = 10;

/// The partitions of a run, and those that failed.
#[derive(Default)]
pub(super) struct Tolerated {
    partitions: u64,
    /// Those that failed, by short names: there may be a million.
    failed: HashSet<u128>,
    /// The names of the first of them, in their order.
    shown: BTreeSet<Arc<str>>,
    first: Option<Error>,
}

impl Tolerated {
    /// Counts a partition.
    pub(super) fn open(&mut self) {
        self.partitions += 1;
    }

    /// Keeps a failure of a partition.
    pub(super) fn add(&mut self, partition: &Arc<str>, error: Error) {
        if self.failed.insert(short_name(partition)) {
            self.shown.insert(Arc::clone(partition));
            if self.shown.len() > SHOWN {
                self.shown.pop_last();
            }
        }
        self.first.get_or_insert(error);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.failed.is_empty()
    }

    /// What the first failure is about.
    pub(super) fn first(&self) -> Option<ErrorKind> {
        self.first.as_ref().map(Error::kind)
    }

    /// The first failure, where the others do not count any more.
    pub(super) fn give_up(&mut self) -> Option<Error> {
        self.first.take()
    }

    /// What is to be said about the failures: a warning, or the first of them if they are too many.
    pub(super) fn settle(&mut self, tolerance: Tolerance) -> Result<Option<String>, Error> {
        let Some(first) = self.first.take() else { return Ok(None) };
        let failed = u64::try_from(self.failed.len()).unwrap_or(u64::MAX);
        let count = format!("{failed} of {} partitions could not be read", self.partitions);
        if tolerance.allows(failed, self.partitions) {
            return Ok(Some(format!(
                "{count}, and {tolerance} may fail: {}; they come with the next sync",
                self.names()
            )));
        }
        let error = Error::new(first.kind(), format!("{count}, more than {tolerance}; the first: {}", first.message()));
        let detail = first.detail().unwrap_or_default();
        Err(error.with_detail(format!("{}; {detail}", self.names())))
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.shown.iter().map(AsRef::as_ref).collect();
        let more = self.failed.len() - self.shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_names_are_kept_and_the_others_counted() {
        let mut tolerated = Tolerated::default();
        for number in (0..1_000).rev() {
            tolerated.open();
            // Each in two windows.
            for _ in 0..2 {
                tolerated.add(&format!("p{number:03}").into(), Error::transient("no"));
            }
        }
        let error = tolerated.settle(Tolerance::Partitions(999)).unwrap_err();
        assert!(error.message().starts_with("1000 of 1000 partitions could not be read"), "{error}");
        let detail = error.detail().unwrap_or_default();
        assert!(detail.starts_with("p000, p001, p002"), "{detail}");
        assert!(detail.contains("p009 and 990 more"), "{detail}");
        assert_eq!(tolerated.shown.len(), SHOWN);
    }
}
