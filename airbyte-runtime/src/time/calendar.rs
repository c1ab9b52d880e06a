//! The days that exist, in a form that a const block can ask as well, and what they are called.

/// The names of the months in the C locale; a name begins with its abbreviation of three letters.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The names of the days in the C locale; a name begins with its abbreviation of three letters.
pub(crate) const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Whether `text` is `YYYY-MM-DD` and that day exists.
pub(crate) const fn is_date(text: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return false };
    let (Some(year), Some(month), Some(day)) =
        (digits(&[*y1, *y2, *y3, *y4]), digits(&[*m1, *m2]), digits(&[*d1, *d2]))
    else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    1 <= day && day <= days
}

/// The number that the digits write; none where there is no digit. It wraps where it is too long to matter.
pub(crate) const fn digits(text: &[u8]) -> Option<u32> {
    let mut value: u32 = 0;
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add((text[at] - b'0') as u32);
        at += 1;
    }
    if text.is_empty() { None } else { Some(value) }
}
