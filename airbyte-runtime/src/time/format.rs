//! Date formats in Python's `strptime` directives, and the tokens that Airbyte adds to them.

mod check;
mod directive;
mod epoch;
mod fields;
mod iso;
mod parse;
mod plain;
mod write;

use std::borrow::Cow;

use super::Moment;
pub use check::{FormatKind, FormatProblem, check_format};
use directive::{Directive, Token};
use epoch::EpochUnit;

/// How an API spells its dates; compiled once, then used for every value.
///
/// The directives are those of Python's `strptime` in the C locale and mean exactly the same:
///
/// | directive | meaning |
/// |---|---|
/// | `%Y` `%m` `%d` | year of 4 digits; month and day, read with or without a leading zero |
/// | `%H` `%M` `%S` `%f` | hour, minute, second; fraction of 1 to 6 digits, written with 6 |
/// | `%z` `%Z` | `+0200`, `+02:00` or `Z`, written `+0200`; `UTC` or `GMT` |
/// | `%y` `%b` `%B` `%a` `%A` `%j` `%I` `%p` | short year, names in English, day of the year, 12-hour clock |
/// | `%G` `%V` `%u` `%w` `%U` `%W` | ISO year and week, day of the week, week of the year |
/// | `%e` | like `%d`, but written with a leading space; Python only writes it |
/// | `%c` `%x` `%X` `%%` | date and time, date, time as C writes them; a percent sign |
/// | `%_ms` | Airbyte's: like `%f`, but written with 3 digits |
/// | `%s` `%s_as_float` `%ms` `%epoch_microseconds` | Airbyte's, alone only: time since 1970 in the unit named |
///
/// What the format leaves out is the start of 1900-01-01 UTC.
/// A letter of the format matches either case, and white space matches any amount of white space.
///
/// ```
/// use airbyte_runtime::time::DateFormat;
///
/// let format = DateFormat::new("%d/%m/%Y %H:%M").unwrap();
/// let moment = format.parse("7/3/2024 09:30").unwrap();
/// assert_eq!(format.format(moment), "07/03/2024 09:30");
/// assert_eq!(DateFormat::new("%s").unwrap().format(moment), "1709803800");
/// ```
#[derive(Clone, Debug)]
pub struct DateFormat {
    text: Cow<'static, str>,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    Epoch(EpochUnit),
    Iso,
    Pattern(Box<[Item]>),
}

#[derive(Clone, Debug)]
enum Item {
    Literal(Box<str>),
    Whitespace(Box<str>),
    Directive(Directive),
}

impl DateFormat {
    /// Compiles a format; the problems are those of [`check_format`].
    pub fn new(text: &str) -> Result<Self, FormatProblem> {
        check_format(text)?;
        let shape = match EpochUnit::from_token(text) {
            Some(unit) => Shape::Epoch(unit),
            None => {
                let mut items = Vec::new();
                push_items(text, &mut items);
                Shape::Pattern(items.into_boxed_slice())
            }
        };
        Ok(Self { text: Cow::Owned(text.to_owned()), shape })
    }

    /// ISO 8601 and RFC 3339: read in any of their spellings, written in UTC as `2024-02-29T12:00:00Z`.
    ///
    /// Read are `T` or a space before the time, any number of decimals, an offset (none is UTC), the basic form,
    /// and dates without a time.
    /// Written are 3 or 6 decimals if there are any.
    pub const fn iso8601() -> Self {
        Self { text: Cow::Borrowed("ISO 8601"), shape: Shape::Iso }
    }

    /// The format as it was given; `ISO 8601` for [`iso8601`](Self::iso8601).
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Reads a date; `None` if the text does not follow the format or is no date between the years 1 and 9999.
    pub fn parse(&self, text: &str) -> Option<Moment> {
        match &self.shape {
            Shape::Epoch(unit) => unit.parse(text),
            Shape::Iso => iso::parse(text),
            Shape::Pattern(items) => parse::parse(items, text),
        }
    }

    /// Writes a moment in its own offset; the offset is seen only if the format shows it.
    pub fn format(&self, moment: Moment) -> String {
        match &self.shape {
            Shape::Epoch(unit) => unit.format(moment),
            Shape::Iso => iso::format(moment),
            Shape::Pattern(items) => write::format(items, moment),
        }
    }
}

/// Compiles a text that [`check_format`] has accepted.
fn push_items(mut text: &str, items: &mut Vec<Item>) {
    while let Some((literal, rest)) = text.find('%').and_then(|percent| text.split_at_checked(percent)) {
        push_literal(literal, items);
        let Some((token, length)) = Token::read(rest.as_bytes()) else { return };
        match token {
            Token::Directive(directive) => items.push(Item::Directive(directive)),
            Token::Composite(parts) => push_items(parts, items),
            Token::Percent => push_literal("%", items),
        }
        text = rest.get(length..).unwrap_or_default();
    }
    push_literal(text, items);
}

/// Splits literal text at its white space.
fn push_literal(mut text: &str, items: &mut Vec<Item>) {
    while let Some(first) = text.chars().next() {
        let is_space = parse::is_whitespace(first);
        let end = text.find(|c| parse::is_whitespace(c) != is_space).unwrap_or(text.len());
        let (run, rest) = text.split_at(end);
        items.push(if is_space { Item::Whitespace(run.into()) } else { Item::Literal(run.into()) });
        text = rest;
    }
}

#[cfg(test)]
mod tests;
