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

    /// Where a page begins, which may have to be read once more.
    pub(super) fn mark(&self) -> Option<i128> {
        self.last.get()
    }

    /// Forgets the page since the mark.
    pub(super) fn restore(&self, mark: Option<i128>) {
        self.last.set(mark);
    }
}
