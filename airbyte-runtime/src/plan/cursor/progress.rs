//! How far a partition has been read: sorted spans that merge where they touch.

use std::cmp::Ordering;

use super::{Cursor, Position, Window};

/// How far one partition of a stream has been read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    pub(super) spans: Vec<Span>,
    /// The value that the state had when the read began, which says no more than it did then.
    pub(super) given: Option<Position>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) start: Position,
    pub(super) end: Position,
    pub(super) newest: Option<Position>,
    /// Whether its end is read once more, so that what lies behind it is no part of it before the end itself is.
    pub(super) rereads_end: bool,
}

impl Span {
    /// A span that was read.
    pub(super) fn new(start: Position, end: Position, newest: Option<Position>) -> Self {
        Self { start, end, newest, rereads_end: false }
    }

    fn reaches(&self, next: &Self, cursor: &Cursor) -> bool {
        if self.rereads_end { next.start.order <= self.end.order } else { cursor.touches(&self.end, &next.start) }
    }
}

impl Progress {
    /// What these spans say, in any order.
    pub(super) fn of(spans: Vec<Span>, cursor: &Cursor) -> Self {
        let mut progress = Self { spans, given: None };
        progress.merge(cursor);
        progress
    }

    /// Takes note that everything from here on is read once more: it counts when it was.
    pub(super) fn reopen(&mut self, from: Position) {
        self.given = self.value().cloned();
        if let Some(last) = self.spans.last_mut().filter(|last| from.order <= last.end.order) {
            if from.order < last.start.order {
                last.start = from.clone();
            }
            last.end = from;
            last.rereads_end = true;
        }
    }

    /// The value that the state shows: the newest of the first span, or its start.
    pub(crate) fn value(&self) -> Option<&Position> {
        self.spans.first().map(|span| span.newest.as_ref().unwrap_or(&span.start))
    }

    /// The same, but not past the end of the first span, unless the state that was given is.
    pub(super) fn safe_value(&self) -> Option<&Position> {
        let value = self.value()?;
        let end = self.spans.first().map(|span| &span.end).filter(|end| !end.text.is_empty());
        let safe = end.filter(|end| value.order > end.order).unwrap_or(value);
        Some(self.given.as_ref().filter(|given| given.order > safe.order).unwrap_or(safe))
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
        self.spans.push(Span::new(start, end, newest));
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
        // More records of the same value may be on the next page.
        self.spans.push(Span { rereads_end: true, ..Span::new(start, newest.clone(), Some(newest)) });
        self.merge(cursor);
    }

    pub(super) fn merge(&mut self, cursor: &Cursor) {
        self.spans.sort_by_key(|a| (a.start.order, a.end.order));
        let mut merged: Vec<Span> = Vec::with_capacity(self.spans.len());
        for span in self.spans.drain(..) {
            match merged.last_mut() {
                Some(last) if last.reaches(&span, cursor) => {
                    match span.end.order.cmp(&last.end.order) {
                        Ordering::Less => {}
                        Ordering::Equal => last.rereads_end &= span.rereads_end,
                        Ordering::Greater => {
                            last.end = span.end;
                            last.rereads_end = span.rereads_end;
                        }
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
