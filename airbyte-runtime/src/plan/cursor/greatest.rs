//! The greatest of many values of a cursor.

use super::{Cursor, Position};

/// The greatest value so far as it was spelt, so that only one is made a position, at the end.
#[derive(Debug, Default)]
pub(crate) struct Greatest {
    raw: Vec<u8>,
    /// Its order; `None` before the first.
    order: Option<i128>,
}

impl Greatest {
    /// Follows a value, given as the raw JSON of its field. What is no value counts for nothing.
    pub(crate) fn observe(&mut self, cursor: &Cursor, raw: &[u8]) {
        if cursor.sorts_as_text(&self.raw, raw) && raw <= self.raw.as_slice() {
            return;
        }
        // Greater text may be no value at all, and would keep those that are from being the greatest.
        let order = cursor.order_of(raw);
        if order > self.order {
            self.raw.clear();
            self.raw.extend_from_slice(raw);
            self.order = order;
        }
    }

    pub(crate) fn position(&self, cursor: &Cursor) -> Option<Position> {
        cursor.position(&self.raw)
    }
}
