//! Whether the records of a slice come in the order that their API promises.

use std::cell::Cell;

use crate::plan::cursor::Order;

/// Follows the order of a slice's records.
#[derive(Clone, Debug, Default)]
pub(super) struct OrderWatch {
    /// The value of the last record.
    last: Cell<Option<i128>>,
    is_broken: Cell<bool>,
}

impl OrderWatch {
    /// Takes note of the next record.
    pub(super) fn observe(&self, promised: Order, order: i128) {
        let last = self.last.replace(Some(order));
        let is_kept = last.is_none_or(|last| match promised {
            Order::Unknown => true,
            Order::Ascending => last <= order,
            Order::Descending => last >= order,
        });
        if !is_kept && !self.is_broken.replace(true) {
            tracing::warn!(
                "the records do not come in the order that `sorted` promises; the slice is read as if they had none"
            );
        }
    }

    /// Whether a record came that should have come before the one before it.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.get()
    }

    /// Where the order is now, to go back there.
    pub(super) fn mark(&self) -> Option<i128> {
        self.last.get()
    }

    /// Forgets the page since the mark.
    pub(super) fn restore(&self, mark: Option<i128>) {
        self.last.set(mark);
    }
}

/// Where to go back to with a page that is read while it arrives, and may have to be asked for once more.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Before the page.
    before: Option<i128>,
    /// Behind the records of it that have left.
    left: Option<i128>,
}

impl Marks {
    /// Begins a page.
    pub(super) fn begin(watch: &OrderWatch) -> Self {
        Self { before: watch.mark(), left: watch.mark() }
    }

    /// All records so far have left.
    pub(super) fn pass(&mut self, watch: &OrderWatch) {
        self.left = watch.mark();
    }

    /// The same where all of the page's records leave again.
    pub(super) fn before_page(&self) -> Self {
        Self { before: self.before, left: self.before }
    }

    /// Forgets the order of the records that a failed try did not hand over.
    pub(super) fn go_back(&self, watch: &OrderWatch) {
        watch.restore(self.left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_begins_again_is_held_against_the_page_before_it() {
        let watch = OrderWatch::default();
        watch.observe(Order::Ascending, 5);
        let mut marks = Marks::begin(&watch);
        watch.observe(Order::Ascending, 7);
        marks.pass(&watch);
        watch.observe(Order::Ascending, 9);
        // It goes on behind what has left.
        marks.go_back(&watch);
        assert_eq!(watch.mark(), Some(7));
        // It begins again, with a record that is older than the page before.
        let marks = marks.before_page();
        marks.go_back(&watch);
        assert_eq!(watch.mark(), Some(5));
        watch.observe(Order::Ascending, 3);
        assert!(watch.is_broken());
    }
}
