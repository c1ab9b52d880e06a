//! The greatest of many values of a cursor.

use super::{Cursor, Position};

/// The greatest value so far as it was spelt, so that only one is made a position, at the end.
#[derive(Debug, Default)]
pub(crate) struct Greatest {
    raw: Vec<u8>,
    order: Order,
}

/// The order of a value.
#[derive(Clone, Copy, Debug, Default)]
enum Order {
    /// There is no value yet.
    #[default]
    None,
    Known(i128),
    /// It can be found, but nobody has asked.
    Unasked,
}

impl Greatest {
    /// Follows a value, given as the raw JSON of its field. What is no value counts for nothing.
    pub(crate) fn observe(&mut self, cursor: &Cursor, raw: &[u8]) {
        if cursor.sorts_as_text(&self.raw, raw) {
            if raw <= self.raw.as_slice() {
                return;
            }
            if is_of_the_same_month(&self.raw, raw) {
                return self.set(raw, Order::Unasked);
            }
        }
        // Greater text may be no value at all, and would keep those that are from being the greatest.
        let Some(order) = cursor.order_of(raw) else { return };
        if self.order(cursor).is_none_or(|known| order > known) {
            self.set(raw, Order::Known(order));
        }
    }

    fn set(&mut self, raw: &[u8], order: Order) {
        self.raw.clear();
        self.raw.extend_from_slice(raw);
        self.order = order;
    }

    fn order(&mut self, cursor: &Cursor) -> Option<i128> {
        if let Order::Unasked = self.order {
            self.order = cursor.order_of(&self.raw).map_or(Order::None, Order::Known);
        }
        match self.order {
            Order::Known(order) => Some(order),
            Order::None | Order::Unasked => None,
        }
    }

    pub(crate) fn position(&self, cursor: &Cursor) -> Option<Position> {
        cursor.position(&self.raw)
    }
}

/// Whether a text can be read for certain: one can that differs from it in digits only and has the same month, and its day
/// is one that every month has. To read each date of an ascending page would cost more than all else that is done for the
/// cursor.
fn is_of_the_same_month(known: &[u8], text: &[u8]) -> bool {
    let (Some((known_month, _)), Some((month, rest))) = (known.split_first_chunk(), text.split_first_chunk()) else {
        return false;
    };
    let [b'"', _, _, _, _, b'-', _, _, b'-'] = month else { return false };
    let [day1, day2, letter, hour1, hour2, b':', minute1, minute2, b':', second1, second2, ..] = rest else {
        return false;
    };
    known_month == month
        && (1..29).contains(&number(*day1, *day2))
        && !letter.is_ascii_digit()
        && number(*hour1, *hour2) < 24
        && number(*minute1, *minute2) < 60
        && number(*second1, *second2) < 60
}

/// The number of two digits, or one that is too large for every part of a date.
fn number(tens: u8, ones: u8) -> u8 {
    match (tens, ones) {
        (b'0'..=b'9', b'0'..=b'9') => (tens - b'0') * 10 + (ones - b'0'),
        _ => u8::MAX,
    }
}
