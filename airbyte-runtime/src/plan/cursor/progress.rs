//! How far a partition has been read: sorted spans that merge where they touch.

use super::{Cursor, Position, Window};

/// How far one partition of a stream has been read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(super) spans: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) start: Position,
    pub(super) end: Position,
    pub(super) newest: Option<Position>,
}

impl Progress {
    /// The value that the state shows: the newest of the first span, or its start.
    pub(crate) fn value(&self) -> Option<&Position> {
        self.spans.first().map(|span| span.newest.as_ref().unwrap_or(&span.start))
    }

    /// The same, but not past the end of the first span.
    pub(super) fn safe_value(&self) -> Option<&Position> {
        let value = self.value()?;
        let end = self.spans.first().map(|span| &span.end).filter(|end| !end.text.is_empty());
        Some(end.filter(|end| value.order > end.order).unwrap_or(value))
    }

    /// Takes a window that was read to its end; `newest` is the greatest value of its records.
    pub(crate) fn close(&mut self, cursor: &Cursor, window: &Window, newest: Option<Position>) {
        let newest = newest.map(|newest| cursor.reached(window, newest));
        let open_start = window.start.text.is_empty();
        if open_start && newest.is_none() {
            return;
        }
        let start = match (&newest, open_start) {
            (Some(newest), true) => newest.clone(),
            _ => window.start.clone(),
        };
        let end = match (&newest, window.end.text.is_empty()) {
            // The range of a counter is open; it was read up to the greatest number that came.
            (newest, true) => newest.clone().unwrap_or_else(|| start.clone()),
            (_, false) => window.end.clone(),
        };
        self.spans.push(Span { start, end, newest });
        self.merge(cursor);
    }

    /// Takes the beginning of a window whose records come in ascending order: all of it up to `newest` was read.
    pub(crate) fn advance(&mut self, cursor: &Cursor, window: &Window, newest: &Position) {
        let newest = cursor.reached(window, newest.clone());
        let start = match window.start.text.is_empty() {
            false => window.start.clone(),
            // Everything before the first value is read, too: what was noted so far grows.
            true => self.spans.drain(..).next().map_or_else(|| newest.clone(), |span| span.start),
        };
        self.spans.push(Span { start, end: newest.clone(), newest: Some(newest) });
        self.merge(cursor);
    }

    pub(super) fn merge(&mut self, cursor: &Cursor) {
        self.spans.sort_by_key(|a| (a.start.order, a.end.order));
        let mut merged: Vec<Span> = Vec::with_capacity(self.spans.len());
        for span in self.spans.drain(..) {
            match merged.last_mut() {
                Some(last) if cursor.touches(&last.end, &span.start) => {
                    if span.end.order > last.end.order {
                        last.end = span.end;
                    }
                    let newer = match (&last.newest, &span.newest) {
                        (Some(old), Some(new)) => new.order > old.order,
                        (None, Some(_)) => true,
                        (_, None) => false,
                    };
                    if newer {
                        last.newest = span.newest;
                    }
                }
                _ => merged.push(span),
            }
        }
        self.spans = merged;
    }
}
